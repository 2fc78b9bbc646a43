//! `MemoryBudgetNative`.

use std::sync::Arc;

use super::funnel::export;
use super::handles;
use crate::engine::budget::MemoryBudget;
use crate::engine::error::{Error, Result};

/// The budget behind a handle; none for 0.
pub fn optional(budget: i64) -> Result<Option<Arc<MemoryBudget>>> {
    if budget == 0 { Ok(None) } else { handles::shared(budget).map(Some) }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryBudgetNative_create(env, bytes: i64) -> i64 {
        let _ = env;
        let bytes = u64::try_from(bytes)
            .map_err(|_| Error::IllegalArgument(format!("bytes: expected 0 or more, found {bytes}")))?;
        handles::share(Arc::new(MemoryBudget::new(bytes)))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryBudgetNative_used(env, budget: i64) -> i64 {
        let _ = env;
        Ok(handles::shared::<MemoryBudget>(budget)?.used() as i64)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryBudgetNative_close(env, budget: i64) {
        let _ = env;
        handles::close_shared::<MemoryBudget>(budget)
    }
}
