//! `TableNative`.

use wasmtime::Ref;

use super::funnel::{Object, export};
use super::handles;
use super::store::StoreSlot;
use crate::engine::error::{Error, Result};
use crate::engine::types;

fn index_of(index: i64, size: u64) -> Result<u64> {
    u64::try_from(index)
        .ok()
        .filter(|index| *index < size)
        .ok_or_else(|| Error::OutOfBounds(format!("table: index {index} does not lie inside its {size} elements")))
}

export! {
    fn Java_io_sluice_runtime_internal_TableNative_type(env, store: i64, table: i32) -> Object {
        let slot = handles::hold::<StoreSlot>(store)?;
        env.new_string(&types::table(&slot.inner.table(table)?.ty(&slot.inner.store)))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_TableNative_size(env, store: i64, table: i32) -> i64 {
        let _ = env;
        let slot = handles::hold::<StoreSlot>(store)?;
        Ok(slot.inner.table(table)?.size(&slot.inner.store) as i64)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_TableNative_grow(env, store: i64, table: i32, delta: i64, func: i32) -> i64 {
        let _ = env;
        let delta = u64::try_from(delta)
            .map_err(|_| Error::IllegalArgument(format!("delta: expected 0 or more, found {delta}")))?;
        let mut slot = handles::hold::<StoreSlot>(store)?;
        let table = slot.inner.table(table)?;
        let element = slot.inner.to_ref(func)?;
        Ok(table.grow(&mut slot.inner.store, delta, element).map_or(-1, |before| before as i64))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_TableNative_get(env, store: i64, table: i32, index: i64) -> i32 {
        let _ = env;
        let mut slot = handles::hold::<StoreSlot>(store)?;
        let table = slot.inner.table(table)?;
        let index = index_of(index, table.size(&slot.inner.store))?;
        match table.get(&mut slot.inner.store, index) {
            Some(Ref::Func(Some(func))) => Ok(slot.inner.add_func(func) as i32),
            _ => Ok(-1),
        }
    }
}

export! {
    fn Java_io_sluice_runtime_internal_TableNative_set(env, store: i64, table: i32, index: i64, func: i32) {
        let _ = env;
        let mut slot = handles::hold::<StoreSlot>(store)?;
        let table = slot.inner.table(table)?;
        let index = index_of(index, table.size(&slot.inner.store))?;
        let element = slot.inner.to_ref(func)?;
        table
            .set(&mut slot.inner.store, index, element)
            .map_err(|error| Error::IllegalArgument(format!("cannot set the element: {error:#}")))
    }
}
