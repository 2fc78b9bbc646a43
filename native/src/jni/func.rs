//! `FuncNative`: calls from the host into a guest.

use super::funnel::{Object, export};
use super::handles;
use super::store::StoreSlot;
use crate::engine::error::Result;
use crate::engine::{raw, types};

/// A call of numbers: one crossing, nothing allocated.
#[inline]
fn call<const N: usize>(store: i64, func: i32, args: [i64; N]) -> Result<i64> {
    handles::hold::<StoreSlot>(store)?.run(|inner| {
        inner.enter()?;
        let entry = inner.funcs.get(func as usize);
        let Some(entry) = entry else { return inner.func(func).map(|_| 0) };
        let outcome = raw::call_plain(&mut inner.store, entry, args)?;
        inner.leave(outcome)
    })
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_type(env, store: i64, func: i32) -> Object {
        let slot = handles::hold::<StoreSlot>(store)?;
        let entry = slot.inner.func(func)?;
        env.new_string(&types::func(entry.params.iter().cloned(), entry.results.iter().cloned()))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_call0(env, store: i64, func: i32) -> i64 {
        let _ = env;
        call(store, func, [])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_call1(env, store: i64, func: i32, a: i64) -> i64 {
        let _ = env;
        call(store, func, [a])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_call2(env, store: i64, func: i32, a: i64, b: i64) -> i64 {
        let _ = env;
        call(store, func, [a, b])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_call3(env, store: i64, func: i32, a: i64, b: i64, c: i64) -> i64 {
        let _ = env;
        call(store, func, [a, b, c])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_call4(
        env, store: i64, func: i32, a: i64, b: i64, c: i64, d: i64
    ) -> i64 {
        let _ = env;
        call(store, func, [a, b, c, d])
    }
}

export! {
    fn Java_io_sluice_runtime_internal_FuncNative_callSlots(env, store: i64, func: i32, slots: Object) {
        let mut values = env.longs("slots", slots)?;
        handles::hold::<StoreSlot>(store)?.run(|inner| inner.call_slots(func, &mut values))?;
        env.set_longs("slots", slots, &values)
    }
}
