//! A module: compiled code with its imports and exports.

use std::sync::Arc;

use super::compile;
use super::engine::Engine;
use super::error::Result;
use super::meter::names::Origins;
use super::meter::pass::{COUNTER_EXPORT, REFILL_MODULE};
use super::{snapshot, types};

/// Compiled, validated code. Immutable and shared.
pub struct Module {
    pub engine: Arc<Engine>,
    pub inner: wasmtime::Module,
    /// Where its code stands in the bytes that it was compiled from.
    pub origins: Arc<Origins>,
}

impl Module {
    pub fn compile(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<Module> {
        let (inner, origins) = compile::compile(engine, wasm)?;
        Ok(Module { engine: engine.clone(), inner, origins: Arc::new(origins) })
    }

    /// Four strings for each import and export: which of the two, module, name, type.
    pub fn describe(&self) -> Vec<String> {
        let imports = imports(&self.inner).map(|import| {
            ["import".into(), import.module().to_owned(), import.name().to_owned(), types::external(&import.ty())]
        });
        let exports =
            self.inner.exports().filter(|export| !is_hosts(export.name())).map(|export| {
                ["export".into(), String::new(), export.name().to_owned(), types::external(&export.ty())]
            });
        imports.chain(exports).flatten().collect()
    }
}

/// What the module itself imports.
pub fn imports(module: &wasmtime::Module) -> impl Iterator<Item = wasmtime::ImportType<'_>> {
    module.imports().filter(|import| import.module() != REFILL_MODULE)
}

/// Whether an export is the host's own, the meter's or a snapshot's, which nobody else gets to see.
pub fn is_hosts(export: &str) -> bool {
    export == COUNTER_EXPORT || export.starts_with(snapshot::RESERVED)
}
