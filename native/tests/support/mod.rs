//! What tests of the engine share: an engine, a store and a call in a line each.

use std::sync::Arc;

use sluice::abi::log::GuestLog;
use sluice::abi::wasi::{WasiConfig, WasiState};
use sluice::abi::wescale::WescaleState;
use sluice::engine::budget::MemoryBudget;
use sluice::engine::engine::Engine;
use sluice::engine::error::Error;
use sluice::engine::linker::{InstancePre, Linker};
use sluice::engine::module::Module;
use sluice::engine::settings::{EngineSettings, StoreLimits};
use sluice::engine::store::{ConfinedStore, StoreData};

/// Small: every test process makes engines of its own.
const SETTINGS: [i64; 12] = [4 << 20, 1_000, 8, 256 << 10, 1 << 20, 64 << 10, 60_000_000_000, 1 << 20, 1, 0, 1, 1];

pub fn engine() -> Arc<Engine> {
    engine_with(|_| {})
}

pub fn engine_with(change: impl FnOnce(&mut [i64; 12])) -> Arc<Engine> {
    let mut settings = SETTINGS;
    change(&mut settings);
    Engine::with(EngineSettings::parse(&settings).unwrap()).unwrap()
}

pub fn limits() -> StoreLimits {
    // fuel, deadline, memory, table, instances, memories, tables, log, clock
    StoreLimits::parse(&[10_000_000, 5_000_000_000, 4 << 20, 1_000, 4, 4, 4, 65_536, 1_000_000]).unwrap()
}

pub fn compile(engine: &Arc<Engine>, wat: &str) -> Result<Module, Error> {
    Module::compile(engine, wat::parse_str(wat).unwrap())
}

pub fn pre(engine: &Arc<Engine>, wat: &str) -> InstancePre {
    Linker::new(engine).unwrap().instantiate_pre(&compile(engine, wat).unwrap()).unwrap()
}

pub fn store(engine: &Arc<Engine>, limits: StoreLimits, budget: Option<Arc<MemoryBudget>>) -> ConfinedStore {
    let call = limits.call;
    let wasi = WasiState::new(Arc::new(WasiConfig::new(&[], &[], limits.clock_resolution).unwrap()));
    let log = GuestLog::new(limits.max_log_bytes);
    let data = StoreData::new(engine, Arc::new(limits), budget, wasi, WescaleState::default(), log);
    ConfinedStore::new(engine.clone(), data, call).unwrap()
}

pub fn call(store: &mut ConfinedStore, name: &str, slots: &mut [i64]) -> Result<(), Error> {
    let export = store.export(0, name)?;
    assert!(export >= 0, "no export {name}");
    store.call_slots(export as i32, slots)
}
