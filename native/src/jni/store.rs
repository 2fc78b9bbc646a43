//! `StoreNative`.

use std::sync::Arc;
use std::time::Duration;

use super::block::{Block, status};
use super::budget;
use super::funnel::{Object, export};
use super::handles;
use crate::abi::log::GuestLog;
use crate::abi::wasi::{WasiConfig, WasiState};
use crate::abi::wescale::WescaleState;
use crate::engine::engine::Engine;
use crate::engine::error::{Error, Result};
use crate::engine::linker::InstancePre;
use crate::engine::meter;
use crate::engine::settings::{CallLimits, StoreLimits};
use crate::engine::store::{ConfinedStore, StoreData};

/// A store and the buffer in which Java reads what a call used.
pub struct StoreSlot {
    pub inner: ConfinedStore,
    status: Block,
}

impl StoreSlot {
    /// Runs what enters the guest, then reports what it used, however it ended.
    #[inline]
    pub fn run<R>(&mut self, body: impl FnOnce(&mut ConfinedStore) -> Result<R>) -> Result<R> {
        let outcome = body(&mut self.inner);
        self.status.put_i64(status::FUEL_USED, meter::end(&mut self.inner.store, true) as i64);
        let log = self.inner.store.data().log.as_bytes().len();
        self.status.put_i64(status::LOG_BYTES, log as i64);
        outcome
    }
}

/// What WASI shows a guest.
pub fn wasi(args: &[String], variables: &[String], resolution: Duration) -> Result<WasiState> {
    let config = WasiConfig::new(args, variables, resolution).map_err(Error::IllegalArgument)?;
    Ok(WasiState::new(Arc::new(config)))
}

export! {
    fn Java_io_sluice_runtime_internal_StoreNative_create(
        env, engine: i64, limits: Object, status: Object, budget: i64, args: Object, variables: Object
    ) -> i64 {
        let engine = handles::shared::<Engine>(engine)?;
        let limits = Arc::new(StoreLimits::parse(&env.longs("limits", limits)?)?);
        let status = Block::new(env, status, status::LENGTH)?;
        let wasi = wasi(&env.strings("args", args)?, &env.strings("env", variables)?, limits.clock_resolution)?;
        let log = GuestLog::new(limits.max_log_bytes);
        let call = limits.call;
        let data =
            StoreData::new(&engine, limits, budget::optional(budget)?, wasi, WescaleState::default(), log);
        handles::confine(StoreSlot { inner: ConfinedStore::new(engine, data, call)?, status })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_StoreNative_setLimits(env, store: i64, fuel: i64, deadline_nanos: i64) {
        let _ = env;
        handles::hold::<StoreSlot>(store)?.inner.limits = CallLimits::parse(fuel, deadline_nanos)?;
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_StoreNative_instantiate(env, store: i64, pre: i64) -> i32 {
        let _ = env;
        let pre = handles::shared::<InstancePre>(pre)?;
        handles::hold::<StoreSlot>(store)?.run(|store| store.instantiate(&pre)).map(|index| index as i32)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_StoreNative_drainLog(env, store: i64) -> Object {
        let mut store = handles::hold::<StoreSlot>(store)?;
        store.run(|inner| {
            let log = &mut inner.store.data_mut().log;
            let bytes = env.new_bytes(log.as_bytes())?;
            log.clear();
            Ok(bytes)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_StoreNative_close(env, store: i64) {
        let _ = env;
        handles::close_confined::<StoreSlot>(store)
    }
}
