//! `CallerNative`: what a Java host function may do to the guest that called it.
//!
//! A caller is named by a token. It is good on the thread and during the host function call that it was made for: the
//! thread keeps a stack of the host function calls it is in, and only the innermost token is honoured.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI64, Ordering};

use wasmtime::{Caller, Extern, Memory, Val};

use super::funnel::{Object, export};
use super::memory::{load_from, put_into, range_error, slice, slice_mut};
use crate::engine::error::{Error, Result};
use crate::engine::store::StoreData;
use crate::engine::{meter, stack};

thread_local! {
    /// Tokens and callers of the host function calls that this thread is in, innermost last.
    static CALLS: RefCell<Vec<(i64, NonNull<()>)>> = const { RefCell::new(Vec::new()) };
    /// This thread's last token. Threads have ranges of their own, so no token is ever good on two threads.
    static LAST: Cell<i64> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed) << 40);
}

static THREADS: AtomicI64 = AtomicI64::new(1);

/// Makes the caller reachable by a token while `body` runs.
pub fn during<R>(caller: &mut Caller<'_, StoreData>, body: impl FnOnce(i64) -> R) -> R {
    struct Pop;
    impl Drop for Pop {
        fn drop(&mut self) {
            CALLS.with_borrow_mut(|calls| calls.pop());
        }
    }
    let token = LAST.get() + 1;
    LAST.set(token);
    CALLS.with_borrow_mut(|calls| calls.push((token, NonNull::from(caller).cast())));
    let _pop = Pop;
    body(token)
}

/// Runs `body` with the caller that the token names.
fn with<R>(token: i64, body: impl FnOnce(&mut Caller<'_, StoreData>) -> Result<R>) -> Result<R> {
    let Some((_, caller)) = CALLS.with_borrow(|calls| calls.last().copied()).filter(|(top, _)| *top == token) else {
        return Err(Error::IllegalState(
            "this Caller is not in use here: use it only in its host function call, on the same thread, and not while \
             another one runs inside it"
                .into(),
        ));
    };
    // SAFETY: the entry is on this thread's stack of calls, so `during` is still running below us with the `&mut Caller`
    // that this pointer was made from, and touches it only after we return. The innermost token is honoured once at a
    // time: while `body` runs a nested call, that call's own token is the innermost.
    let caller = unsafe { &mut *caller.cast::<Caller<'_, StoreData>>().as_ptr() };
    body(caller)
}

fn memory_of(caller: &mut Caller<'_, StoreData>) -> Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(Error::IllegalState("the guest exports no memory named \"memory\"".into())),
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_memoryByteSize(env, caller: i64) -> i64 {
        let _ = env;
        with(caller, |caller| {
            let memory = memory_of(caller)?;
            Ok(memory.data_size(&caller) as i64)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_read(
        env, caller: i64, offset: i64, target: Object, target_offset: i32, length: i32
    ) {
        with(caller, |caller| {
            let memory = memory_of(caller)?;
            env.write_bytes("dst", target, target_offset, slice(memory.data(&caller), offset, i64::from(length))?)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_write(
        env, caller: i64, offset: i64, source: Object, source_offset: i32, length: i32
    ) {
        with(caller, |caller| {
            let memory = memory_of(caller)?;
            let target = slice_mut(memory.data_mut(&mut *caller), offset, i64::from(length))?;
            env.read_bytes("src", source, source_offset, target)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_load(env, caller: i64, offset: i64, width: i32) -> i64 {
        let _ = env;
        with(caller, |caller| {
            let memory = memory_of(caller)?;
            load_from(memory.data(&caller), offset, width)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_put(env, caller: i64, offset: i64, width: i32, value: i64) {
        let _ = env;
        with(caller, |caller| {
            let memory = memory_of(caller)?;
            put_into(memory.data_mut(&mut *caller), offset, width, value)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_CallerNative_call(env, caller: i64, export: Object, slots: Object) {
        let name = env.string("export", export)?;
        let mut values = env.longs("slots", slots)?;
        with(caller, |caller| call_nested(caller, &name, &mut values))?;
        env.set_longs("slots", slots, &values)
    }
}

/// A call back into the guest, on the budget of the call that is running.
fn call_nested(caller: &mut Caller<'_, StoreData>, name: &str, slots: &mut [i64]) -> Result<()> {
    stack::check_nested()?;
    let Some(Extern::Func(func)) = caller.get_export(name) else {
        return Err(Error::IllegalArgument(format!("the guest exports no func named \"{name}\"")));
    };
    let ty = func.ty(&caller);
    let needed = 2 * ty.params().len().max(ty.results().len());
    if slots.len() < needed {
        return Err(range_error("slots", 0, needed as i64, slots.len()));
    }
    let number = |low: i64, ty: &wasmtime::ValType| match ty {
        wasmtime::ValType::I32 => Ok(Val::I32(low as i32)),
        wasmtime::ValType::I64 => Ok(Val::I64(low)),
        wasmtime::ValType::F32 => Ok(Val::F32(low as u32)),
        wasmtime::ValType::F64 => Ok(Val::F64(low as u64)),
        other => Err(Error::IllegalArgument(format!("a nested call cannot pass a {other}: numbers only"))),
    };
    let params: Vec<Val> =
        ty.params().zip(slots.chunks_exact(2)).map(|(ty, pair)| number(pair[0], &ty)).collect::<Result<_>>()?;
    let mut results: Vec<Val> = ty.results().map(|ty| number(0, &ty)).collect::<Result<_>>()?;
    if let Err(error) = func.call(&mut *caller, &params, &mut results) {
        meter::after_nested_trap(&mut *caller);
        let data = caller.data();
        return Err(Error::from_guest(error, &data.meter.limits(), &data.origins));
    }
    for (pair, result) in slots.chunks_exact_mut(2).zip(results) {
        pair[0] = match result {
            Val::I32(v) => i64::from(v),
            Val::I64(v) => v,
            Val::F32(bits) => i64::from(bits),
            Val::F64(bits) => bits as i64,
            _ => 0,
        };
        pair[1] = 0;
    }
    Ok(())
}
