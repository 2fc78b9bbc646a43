//! `GlobalNative`.

use wasmtime::Mutability;

use super::funnel::{Object, export};
use super::handles;
use super::store::StoreSlot;
use crate::engine::error::Error;
use crate::engine::types;

export! {
    fn Java_io_sluice_runtime_internal_GlobalNative_type(env, store: i64, global: i32) -> Object {
        let slot = handles::hold::<StoreSlot>(store)?;
        env.new_string(&types::global(&slot.inner.global(global)?.ty(&slot.inner.store)))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_GlobalNative_get(env, store: i64, global: i32, slots: Object) {
        let mut slot = handles::hold::<StoreSlot>(store)?;
        let global = slot.inner.global(global)?;
        let value = global.get(&mut slot.inner.store);
        let (low, high) = slot.inner.encode(value)?;
        env.set_longs("slots", slots, &[low, high])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_GlobalNative_set(env, store: i64, global: i32, low: i64, high: i64) {
        let _ = env;
        let mut slot = handles::hold::<StoreSlot>(store)?;
        let global = slot.inner.global(global)?;
        let ty = global.ty(&slot.inner.store);
        if ty.mutability() == Mutability::Const {
            return Err(Error::IllegalState("the global is immutable: only a mutable one can be set".into()));
        }
        let value = slot.inner.to_val(ty.content(), low, high)?;
        global
            .set(&mut slot.inner.store, value)
            .map_err(|error| Error::IllegalArgument(format!("cannot set the global: {error:#}")))
    }
}
