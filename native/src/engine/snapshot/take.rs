//! Taking a snapshot: run the start once, write down what it left, and try the result before anybody relies on it.

use std::sync::Arc;

use wasmtime::{Instance, Store, Val};

use super::observed;
use super::source::{Reason, Source};
use super::write::{self, Number, State, Written};
use super::{AFTER_RESTORE, WARM_UP, marker};
use crate::abi::wasi::{self, WasiConfig, WasiState};
use crate::abi::wescale::{self, Setup};
use crate::engine::budget::MemoryBudget;
use crate::engine::compile;
use crate::engine::engine::Engine;
use crate::engine::error::{Error, Result};
use crate::engine::linker::{InstancePre, Linker};
use crate::engine::meter;
use crate::engine::meter::names::Origins;
use crate::engine::meter::pass::COUNTER_EXPORT;
use crate::engine::module::Module;
use crate::engine::session::Session;
use crate::engine::settings::WescaleLimits;
use crate::engine::store::StoreData;

/// What the guest allocates when a snapshot is tried: as much as a short query takes.
const TRIED_BYTES: i32 = 64;

/// What the instances will be given and held to. Nothing of it may differ between a snapshot and those who use it.
pub struct Conditions {
    pub limits: Arc<WescaleLimits>,
    pub budget: Option<Arc<MemoryBudget>>,
    pub wasi: Arc<WasiConfig>,
    pub configuration: Arc<[u8]>,
    pub grants: u32,
    /// Whether randomness that start asked for may be the same in every instance.
    pub random_allowed: bool,
}

/// A snapshot that has been tried, or why there is none.
pub struct Outcome {
    pub module: Option<Module>,
    pub reason: Reason,
}

/// Takes a snapshot of the module after its start and compiles it for `target`. The start runs in an instance on the engine
/// of `quick`, an instance-pre of the same module.
pub fn take(target: &Arc<Engine>, wasm: &[u8], quick: &InstancePre, conditions: &Conditions) -> Outcome {
    match attempt(target, wasm, quick, conditions) {
        Ok((module, reason)) => Outcome { module: Some(module), reason },
        Err(reason) => Outcome { module: None, reason: format!("not snapshotted: {reason}") },
    }
}

fn attempt(
    target: &Arc<Engine>,
    wasm: &[u8],
    quick: &InstancePre,
    conditions: &Conditions,
) -> std::result::Result<(Module, Reason), Reason> {
    if quick.engine.settings.metering != target.settings.metering {
        return Err("one of the engines is metered and the other is not: use two of a kind".into());
    }
    let original = Source::read(wasm);
    let after = original.as_ref().ok().map(what_runs);
    if after == Some(None) {
        return Err("the module has no start, so its instances begin where a snapshot would".into());
    }
    // Most of what is in the way is found with code that is there already: a plugin that comes from a cache each time that
    // a process begins costs little more than a start of it.
    let there = Module { engine: quick.engine.clone(), inner: quick.module.clone(), origins: quick.origins.clone() };
    drop(Started::new(&there, conditions)?);
    let metered = compile::prepare(target, wasm.to_vec()).map_err(text)?;
    // What is wrong with a module that can be compiled is told by its own indices.
    original?;
    let after = after.flatten().unwrap_or_default();
    let source = Source::read(&metered.wasm)?;
    let copy = observable(&source, &metered.origins, &quick.engine)?;
    let mut started = Started::new(&copy, conditions)?;
    let (written, memory_bytes) = started.write(&source)?;
    drop(started);

    // The checks of the meter do not count, as they do not in a module that is compiled.
    let bytes = wasm.len() + written.wasm.len().saturating_sub(metered.wasm.len());
    fits("the snapshot", "maxModuleBytes", bytes, target.settings.max_module_bytes)?;
    fits("the memory after start", "maxMemoryBytes", memory_bytes, target.settings.max_memory_bytes)?;
    let module = Module {
        engine: target.clone(),
        inner: compile::compile_prepared(target, written.wasm).map_err(|error| during("compiled", error))?,
        origins: Arc::new(metered.origins.moved(written.moved)),
    };
    tried(target, &module, conditions).map_err(|error| during("tried", error))?;
    Ok((module, format!("snapshotted after {after}")))
}

fn exports(source: &Source<'_>, name: &str) -> bool {
    source.exports.iter().any(|export| export.name == name)
}

/// What runs before the snapshot is taken, besides instantiation; `None` if nothing does.
fn what_runs(source: &Source<'_>) -> Option<&'static str> {
    let starts = source.has_start_section || wescale::START.iter().any(|name| exports(source, name));
    match (starts, exports(source, WARM_UP)) {
        (false, false) => None,
        (true, false) => Some("start"),
        (false, true) => Some(WARM_UP),
        (true, true) => Some("start and sluice_warm_up"),
    }
}

/// A copy of the module that lets its instances' state be read.
pub(super) fn observable(
    source: &Source<'_>,
    origins: &Origins,
    engine: &Arc<Engine>,
) -> std::result::Result<Module, Reason> {
    let Written { wasm, moved } = write::observable(source);
    let inner = compile::compile_prepared(engine, wasm).map_err(|error| during("compiled to be started", error))?;
    Ok(Module { engine: engine.clone(), inner, origins: Arc::new(origins.moved(moved)) })
}

/// An instance that has been started and warmed up, and asked for nothing that it must not.
pub(super) struct Started {
    pub(super) session: Session,
    /// The export that was called as start.
    start: Option<&'static str>,
}

impl Started {
    /// Starts the module, or the copy of it that can be observed.
    pub(super) fn new(module: &Module, conditions: &Conditions) -> std::result::Result<Started, Reason> {
        let exports = |name| module.inner.get_export(name).is_some();
        let random_allowed = conditions.random_allowed || exports(AFTER_RESTORE);
        let (pre, objection) =
            observed::link(&module.engine, module, random_allowed).map_err(|error| during("linked", error))?;
        let mut session = session(Arc::new(pre), conditions).map_err(|error| during("linked", error))?;
        let ended = |what: &str, error: Error| match objection.get() {
            Some(reason) => format!("{what} {reason}"),
            None => format!("{what} failed: {}", text(error)),
        };
        session.prepare().map_err(|error| ended("start", error))?;
        if exports(WARM_UP) {
            let (store, instance) = session.parts().map_err(text)?;
            run_warm_up(store, instance, conditions).map_err(|error| ended(WARM_UP, error))?;
        }
        Ok(Started { session, start: wescale::start_export(&module.inner) })
    }

    /// The module in the instance's state, and the size of its memory.
    pub(super) fn write(&mut self, source: &Source<'_>) -> std::result::Result<(Written, usize), Reason> {
        let (store, instance) = self.session.parts().map_err(text)?;
        let globals = source.mutable().map(|(index, _)| number(store, instance, index)).collect::<Option<Vec<_>>>();
        let globals = globals.ok_or("a global cannot be read")?;
        let memory = instance.get_memory(&mut *store, write::MEMORY).ok_or("the memory cannot be read")?;
        let state = State { memory: memory.data(&*store), globals };
        let kept = source.exported_global(COUNTER_EXPORT);
        let written = write::snapshot(source, &state, self.start, kept, &marker(wasi::steady_nanos()));
        Ok((written, state.memory.len()))
    }
}

fn session(pre: Arc<InstancePre>, conditions: &Conditions) -> Result<Session> {
    let setup =
        Setup { configuration: conditions.configuration.clone(), grants: conditions.grants, ..Setup::default() };
    let wasi = WasiState::new(conditions.wasi.clone());
    Session::new(pre, conditions.limits.clone(), conditions.budget.clone(), wasi, setup)
}

/// Runs the warm-up on a budget like the start's.
fn run_warm_up(store: &mut Store<StoreData>, instance: Instance, conditions: &Conditions) -> Result<()> {
    let func = instance
        .get_typed_func::<(), ()>(&mut *store, WARM_UP)
        .map_err(|_| Error::Link(format!("export {WARM_UP}: expected func () -> ()")))?;
    let limits = conditions.limits.start;
    meter::arm(store, limits);
    let outcome = func.call(&mut *store, ());
    meter::end(store, meter::is_clean(&outcome));
    outcome.map_err(|error| Error::from_guest(error, &limits, &store.data().origins))
}

pub(super) fn number(store: &mut Store<StoreData>, instance: Instance, index: u32) -> Option<Number> {
    let global = instance.get_global(&mut *store, &write::global_name(index))?;
    Some(match global.get(store) {
        Val::I32(value) => Number::I32(value),
        Val::I64(value) => Number::I64(value),
        Val::F32(bits) => Number::F32(bits),
        Val::F64(bits) => Number::F64(bits),
        Val::V128(value) => Number::V128(value.as_u128()),
        _ => return None,
    })
}

/// Makes an instance of the snapshot and has it allocate, as a request would.
fn tried(target: &Arc<Engine>, module: &Module, conditions: &Conditions) -> Result<()> {
    let linker = Linker::new(target)?;
    linker.define_wasi()?;
    linker.define_wescale()?;
    let mut session = session(Arc::new(linker.instantiate_pre(module)?), conditions)?;
    session.prepare()?;
    let (store, _) = session.parts()?;
    let limits = conditions.limits.store.call;
    meter::arm(store, limits);
    let allocator = store.data().allocator.ok_or_else(|| Error::Internal("there is no allocator".into()))?;
    let allocator = allocator.typed::<i32, i32>(&*store).map_err(|error| Error::Internal(format!("{error:#}")))?;
    let outcome = allocator.call(&mut *store, TRIED_BYTES);
    meter::end(store, meter::is_clean(&outcome));
    outcome.map(|_| ()).map_err(|error| Error::from_guest(error, &limits, &store.data().origins))
}

fn fits(what: &str, setting: &str, found: usize, allowed: usize) -> std::result::Result<(), Reason> {
    if found <= allowed {
        return Ok(());
    }
    Err(format!("{what} has {found} bytes, {allowed} are allowed: raise {setting} or use a smaller guest"))
}

fn during(done: &str, error: Error) -> Reason {
    format!("it could not be {done}: {}", text(error))
}

fn text(error: Error) -> Reason {
    match error {
        Error::Compilation(text)
        | Error::Link(text)
        | Error::IllegalState(text)
        | Error::IllegalArgument(text)
        | Error::OutOfBounds(text)
        | Error::Internal(text) => text,
        Error::Trap { message, .. } | Error::Limit { message, .. } => message,
        Error::Exit(code) => format!("the guest ended itself by proc_exit({code})"),
        Error::HostThrew => "a host function threw".into(),
    }
}
