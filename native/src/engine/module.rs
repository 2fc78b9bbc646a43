//! A module: compiled code with its imports and exports, and its form on disk.

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use super::compile;
use super::engine::Engine;
use super::error::{Error, Result};
use super::{raw, types};

/// Compiled, validated code. Immutable and shared.
pub struct Module {
    pub engine: Arc<Engine>,
    pub inner: wasmtime::Module,
}

/// In front of serialized code: a magic number, what made it, how long it is, and a checksum.
const MAGIC: [u8; 8] = *b"SLUICE\0\x01";
const HEADER_BYTES: usize = 32;

impl Module {
    pub fn compile(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<Module> {
        Ok(Module { engine: engine.clone(), inner: compile::compile(engine, wasm)? })
    }

    /// Four strings for each import and export: which of the two, module, name, type.
    pub fn describe(&self) -> Vec<String> {
        let imports = self.inner.imports().map(|import| {
            ["import".into(), import.module().to_owned(), import.name().to_owned(), types::external(&import.ty())]
        });
        let exports = self
            .inner
            .exports()
            .map(|export| ["export".into(), String::new(), export.name().to_owned(), types::external(&export.ty())]);
        imports.chain(exports).flatten().collect()
    }

    pub fn serialize(&self) -> Result<Vec<u8>> {
        let code = self.inner.serialize().map_err(|error| Error::Internal(format!("cannot serialize: {error:#}")))?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + code.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.engine.fingerprint.to_le_bytes());
        bytes.extend_from_slice(&(code.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&checksum(&code).to_le_bytes());
        bytes.extend_from_slice(&code);
        Ok(bytes)
    }

    /// Loads what `serialize` gave. The code in it runs unchecked: the caller vouches for the bytes.
    pub fn deserialize(engine: &Arc<Engine>, bytes: &[u8]) -> Result<Module> {
        let refuse = |why: &str| Err(Error::Compilation(format!("not code that this engine can load: {why}")));
        let Some((header, code)) = bytes.split_at_checked(HEADER_BYTES) else {
            return refuse("it is too short to be serialized code");
        };
        let word = |i: usize| header.get(8 * i..8 * i + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
        if !header.starts_with(&MAGIC) {
            return refuse("it was not made by Module.serialize()");
        }
        if word(1) != Some(engine.fingerprint) {
            return refuse(
                "it was made by another version of Sluice, for another processor or another EngineConfig: compile it again",
            );
        }
        if word(2) != Some(code.len() as u64) || word(3) != Some(checksum(code)) {
            return refuse("it is cut short or damaged");
        }
        let inner = raw::deserialize(&engine.inner, code)
            .map_err(|error| Error::Compilation(format!("not code that this engine can load: {error:#}")))?;
        Ok(Module { engine: engine.clone(), inner })
    }
}

/// Finds accidents, not attacks.
fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
