//! A linker: what a guest may import, and a module with its imports resolved.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{FuncType, Val};

use super::engine::Engine;
use super::error::{Error, Result};
use super::module::Module;
use super::settings::{CallLimits, StoreLimits};
use super::store::{self, StoreData};
use super::types;
use crate::abi::{log::GuestLog, wasi, wescale};

/// The code behind a host function that the host defines itself.
pub type HostBody = dyn Fn(wasmtime::Caller<'_, StoreData>, &[Val], &mut [Val]) -> wasmtime::Result<()> + Send + Sync;

/// Host definitions by module and name. Each instance-pre takes a copy, so later definitions do not change it.
pub struct Linker {
    pub engine: Arc<Engine>,
    inner: Mutex<wasmtime::Linker<StoreData>>,
}

/// A module whose imports are resolved: the cheap thing to instantiate. Shared.
pub struct InstancePre {
    pub engine: Arc<Engine>,
    pub module: wasmtime::Module,
    pub inner: wasmtime::InstancePre<StoreData>,
}

impl Linker {
    pub fn new(engine: &Arc<Engine>) -> Linker {
        Linker { engine: engine.clone(), inner: Mutex::new(wasmtime::Linker::new(&engine.inner)) }
    }

    pub fn define_function(&self, module: &str, name: &str, ty: FuncType, body: Box<HostBody>) -> Result<()> {
        self.define(|linker| {
            linker.func_new(module, name, ty, move |caller, params, results| body(caller, params, results)).map(|_| ())
        })
    }

    pub fn define_wasi(&self) -> Result<()> {
        self.define(wasi::add_to_linker)
    }

    pub fn define_wescale(&self) -> Result<()> {
        self.define(wescale::add_to_linker)
    }

    fn define(&self, add: impl FnOnce(&mut wasmtime::Linker<StoreData>) -> wasmtime::Result<()>) -> Result<()> {
        let mut linker = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut linker)
            .map_err(|error| Error::Link(format!("{error:#}: define each name once, or use another linker")))
    }

    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre> {
        if !Arc::ptr_eq(&self.engine, &module.engine) {
            return Err(Error::IllegalArgument(
                "the module belongs to another engine than the linker: use one engine for both".into(),
            ));
        }
        let linker = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_imports(&linker, &module.inner)?;
        let inner =
            linker.instantiate_pre(&module.inner).map_err(|error| Error::Link(format!("cannot link: {error:#}")))?;
        // Moves the cost of the copy-on-write image from the first instantiation to here.
        module
            .inner
            .initialize_copy_on_write_image()
            .map_err(|error| Error::Internal(format!("no memory image for the module: {error:#}")))?;
        Ok(InstancePre { engine: self.engine.clone(), module: module.inner.clone(), inner })
    }

    /// Names every import that is missing or of another type, with both types.
    fn check_imports(&self, linker: &wasmtime::Linker<StoreData>, module: &wasmtime::Module) -> Result<()> {
        let mut scratch = self.scratch_store()?;
        let mut problems = Vec::new();
        for import in module.imports() {
            let asked = types::external(&import.ty());
            let offered = linker
                .get(&mut scratch, import.module(), import.name())
                .map(|definition| types::external(&definition.ty(&scratch)));
            match offered {
                Ok(offered) if offered == asked => {}
                Ok(offered) => problems.push(format!(
                    "import {}.{}: the module asks for {asked}, the host offers {offered}",
                    import.module(),
                    import.name()
                )),
                Err(_) => problems.push(format!(
                    "unknown import {}.{}: the module asks for {asked}, the host offers nothing of that name",
                    import.module(),
                    import.name()
                )),
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::Link(problems.join("; ")))
    }

    /// A store that no guest runs in, to ask for types with.
    fn scratch_store(&self) -> Result<wasmtime::Store<StoreData>> {
        let none = CallLimits { fuel: Some(0), deadline: None };
        let limits = StoreLimits {
            call: none,
            max_memory_bytes: 0,
            max_table_elements: 0,
            max_instances: 0,
            max_memories: 0,
            max_tables: 0,
            max_log_bytes: 0,
            clock_resolution: std::time::Duration::from_millis(1),
        };
        let data = StoreData::new(
            &self.engine,
            Arc::new(limits),
            None,
            wasi::WasiState::default(),
            wescale::WescaleState::default(),
            GuestLog::new(0),
        );
        store::create(&self.engine, data)
    }
}
