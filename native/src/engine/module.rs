//! A module: compiled code with its imports and exports.

use std::sync::Arc;

use super::compile;
use super::engine::Engine;
use super::error::Result;
use super::types;

/// Compiled, validated code. Immutable and shared.
pub struct Module {
    pub engine: Arc<Engine>,
    pub inner: wasmtime::Module,
}

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
}
