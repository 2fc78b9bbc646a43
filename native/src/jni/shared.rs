//! `SharedNative`: what instances of a plugin, or plugins of a host, have in common.

use std::sync::Arc;

use super::funnel::{Object, export};
use super::handles;
use crate::engine::error::Result;
use crate::engine::shared::{SharedLimits, SharedScope};

/// The scope behind a handle; a new one, shared with nobody, for 0.
pub fn optional(scope: i64) -> Result<Arc<SharedScope>> {
    if scope == 0 { Ok(Arc::new(SharedScope::new(SharedLimits::DEFAULT))) } else { handles::shared(scope) }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_create(env, limits: Object) -> i64 {
        let limits = SharedLimits::parse(&env.longs("limits", limits)?)?;
        handles::share(Arc::new(SharedScope::new(limits)))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_setLimits(env, scope: i64, limits: Object) {
        let limits = SharedLimits::parse(&env.longs("limits", limits)?)?;
        handles::shared::<SharedScope>(scope)?.set_limits(limits);
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_entries(env, scope: i64) -> i64 {
        let _ = env;
        Ok(handles::shared::<SharedScope>(scope)?.usage().0 as i64)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_bytes(env, scope: i64) -> i64 {
        let _ = env;
        Ok(handles::shared::<SharedScope>(scope)?.usage().1 as i64)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_lockWaiters(env, scope: i64) -> i32 {
        let _ = env;
        let scope = handles::shared::<SharedScope>(scope)?;
        let waiting = i32::try_from(scope.lock().waiting()).unwrap_or(i32::MAX - 1);
        // -1: nobody has the lock.
        Ok(if scope.lock().is_locked() { waiting } else { -1 })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_counters(env, scope: i64) -> Object {
        let counters = handles::shared::<SharedScope>(scope)?.counters();
        env.new_strings(&counters.into_iter().map(|(name, count)| format!("{name}={count}")).collect::<Vec<_>>())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_SharedNative_close(env, scope: i64) {
        let _ = env;
        handles::close_shared::<SharedScope>(scope)
    }
}
