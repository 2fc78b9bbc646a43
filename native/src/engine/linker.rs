//! A linker: what a guest may import, and a module with its imports resolved.

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{ExternType, FuncType, Val};

use super::engine::Engine;
use super::error::{Error, Result};
use super::meter::{self, names::Origins, pass};
use super::module::{self, Module};
use super::settings::{CallLimits, StoreLimits};
use super::store::{self, ConfinedStore, StoreData};
use super::types;
use crate::abi::{log::GuestLog, wasi, wescale};

/// The code behind a host function that the host defines itself.
pub type HostBody = dyn Fn(wasmtime::Caller<'_, StoreData>, &[Val], &mut [Val]) -> wasmtime::Result<()> + Send + Sync;

/// Host definitions by module and name. Each instance-pre takes a copy, so later definitions do not change it.
pub struct Linker {
    pub engine: Arc<Engine>,
    inner: Mutex<Definitions>,
}

#[derive(Clone)]
struct Definitions {
    linker: wasmtime::Linker<StoreData>,
    /// What belongs to a store rather than to the engine, with its type and its size at that moment.
    owned: HashMap<(String, String), ExternType>,
    /// The one store that all of it belongs to.
    owner: Option<u64>,
    /// The functions of WeScale's ABI are among them.
    wescale: bool,
}

/// A module whose imports are resolved: the cheap thing to instantiate. Shared.
pub struct InstancePre {
    pub engine: Arc<Engine>,
    pub module: wasmtime::Module,
    pub origins: Arc<Origins>,
    pub inner: wasmtime::InstancePre<StoreData>,
    /// The store that some of its imports belong to: it can be instantiated in no other.
    pub owner: Option<u64>,
    /// The properties that this module asked for without a grant, for whoever logs that once.
    pub refused_properties: Arc<AtomicU32>,
}

impl Linker {
    pub fn new(engine: &Arc<Engine>) -> Result<Linker> {
        let mut linker = wasmtime::Linker::new(&engine.inner);
        meter::add_to_linker(&mut linker).map_err(|error| Error::Internal(format!("no meter: {error:#}")))?;
        let definitions = Definitions { linker, owned: HashMap::new(), owner: None, wescale: false };
        Ok(Linker { engine: engine.clone(), inner: Mutex::new(definitions) })
    }

    pub fn define_function(&self, module: &str, name: &str, ty: FuncType, body: Box<HostBody>) -> Result<()> {
        not_the_meters(module)?;
        self.define(|linker| {
            linker.func_new(module, name, ty, move |caller, params, results| body(caller, params, results)).map(|_| ())
        })
    }

    pub fn define_wasi(&self) -> Result<()> {
        self.define(wasi::add_to_linker)
    }

    pub fn define_wescale(&self) -> Result<()> {
        self.define(wescale::add_to_linker)?;
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).wescale = true;
        Ok(())
    }

    /// Offers all that an instance exports, or nothing if one of the names is taken.
    pub fn define_instance(&self, module: &str, store: &mut ConfinedStore, instance: usize) -> Result<()> {
        if !Arc::ptr_eq(&self.engine, &store.engine) {
            return Err(Error::IllegalArgument(
                "the instance belongs to another engine than the linker: use one engine for both".into(),
            ));
        }
        not_the_meters(module)?;
        let instance = store.instance(instance)?;
        let mut definitions = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if definitions.owner.is_some_and(|owner| owner != store.identity) {
            return Err(Error::IllegalArgument(
                "the linker offers instances of another store: use a linker for each store".into(),
            ));
        }
        let mut next = definitions.clone();
        let exports: Vec<_> = instance
            .exports(&mut store.store)
            .filter(|export| !module::is_hosts(export.name()))
            .map(|export| (export.name().to_owned(), export.into_extern()))
            .collect();
        for (name, item) in exports {
            next.linker.define(&store.store, module, &name, item.clone()).map_err(taken)?;
            next.owned.insert((module.to_owned(), name), types::current(&item, &store.store));
        }
        next.owner = Some(store.identity);
        *definitions = next;
        Ok(())
    }

    fn define(&self, add: impl FnOnce(&mut wasmtime::Linker<StoreData>) -> wasmtime::Result<()>) -> Result<()> {
        let mut definitions = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut definitions.linker).map_err(taken)
    }

    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre> {
        if !Arc::ptr_eq(&self.engine, &module.engine) {
            return Err(Error::IllegalArgument(
                "the module belongs to another engine than the linker: use one engine for both".into(),
            ));
        }
        let definitions = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let suited = suited_to(&definitions, &module.inner)?;
        let definitions = suited.as_ref().unwrap_or(&definitions);
        let uses_owned = self.check_imports(definitions, &module.inner)?;
        let inner = definitions
            .linker
            .instantiate_pre(&module.inner)
            .map_err(|error| Error::Link(format!("cannot link: {error:#}")))?;
        // Moves the cost of the copy-on-write image from the first instantiation to here.
        module
            .inner
            .initialize_copy_on_write_image()
            .map_err(|error| Error::Internal(format!("no memory image for the module: {error:#}")))?;
        Ok(InstancePre {
            engine: self.engine.clone(),
            module: module.inner.clone(),
            origins: module.origins.clone(),
            inner,
            owner: definitions.owner.filter(|_| uses_owned),
            refused_properties: Arc::default(),
        })
    }

    /// Names every import that is missing or of another type, with both types; else says whether one belongs to a store.
    fn check_imports(&self, definitions: &Definitions, module: &wasmtime::Module) -> Result<bool> {
        let mut scratch = self.scratch_store()?;
        let mut problems = Vec::new();
        let mut uses_owned = false;
        for import in module.imports() {
            let asked = import.ty();
            let key = (import.module().to_owned(), import.name().to_owned());
            let offered = match definitions.owned.get(&key) {
                Some(ty) => {
                    uses_owned = true;
                    Some(ty.clone())
                }
                None => {
                    let found = definitions.linker.get(&mut scratch, &key.0, &key.1);
                    found.ok().map(|definition| definition.ty(&scratch))
                }
            };
            match offered {
                Some(offered) if types::accepts(&asked, &offered) => {}
                Some(offered) => problems.push(format!(
                    "import {}.{}: the module asks for {}, the host offers {}",
                    key.0,
                    key.1,
                    types::external(&asked),
                    types::external(&offered)
                )),
                None => problems.push(format!(
                    "unknown import {}.{}: the module asks for {}, the host offers nothing of that name",
                    key.0,
                    key.1,
                    types::external(&asked)
                )),
            }
        }
        if problems.is_empty() {
            return Ok(uses_owned);
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

fn not_the_meters(module: &str) -> Result<()> {
    if module != pass::REFILL_MODULE {
        return Ok(());
    }
    Err(Error::Link(format!("{module} is the meter's own module: define functions and instances under another name")))
}

fn taken(error: wasmtime::Error) -> Error {
    Error::Link(format!("{error:#}: define each name once, or use another linker"))
}

/// A copy of the linker in which the ABI's functions that come with and without a result are as this module imports them;
/// `None` if it imports none of them without.
fn suited_to(definitions: &Definitions, module: &wasmtime::Module) -> Result<Option<Definitions>> {
    if !definitions.wescale {
        return Ok(None);
    }
    let mut suited = None;
    for import in module.imports() {
        let resultless = matches!(import.ty(), wasmtime::ExternType::Func(ty) if ty.results().len() == 0);
        if !resultless || import.module() != wescale::MODULE || !wescale::shared::RESULTLESS.contains(&import.name()) {
            continue;
        }
        let copy = suited.get_or_insert_with(|| {
            let mut copy = definitions.clone();
            copy.linker.allow_shadowing(true);
            copy
        });
        wescale::shared::without_result(&mut copy.linker, import.name())
            .map_err(|error| Error::Internal(format!("{}: {error:#}", import.name())))?;
    }
    Ok(suited)
}
