//! The host functions that all dialects import from `env`: log, query, error message, result.
//!
//! | function | 2 | 10 |
//! |---|---|---|
//! | `GetAbiVersionOnHost`, `GetRuntimeTypeOnHost` | | an address is not in the memory, or the allocator gives nothing usable |
//! | `InfoLogOnHost`, `ErrorLogOnHost` | | an address is not in the memory |
//! | `GetQueryOnHost`, `GetErrorMessageOnHost`, `GetQueryResultOnHost` | `ctx` is not this query's; the value is empty | as above |
//! | `SetQueryOnHost`, `SetErrorMessageOnHost`, `SetQueryResultOnHost` | `ctx` is not this query's | an address is not in the memory; longer than allowed; not a `QueryResult` |
//!
//! The order of the checks is the same in all: ctx (2), an empty value (2), the guest's addresses (10), the limit (10).
//! Every call costs fuel, one that is refused at the first check too: else a guest could ask for ever.

use std::fmt::Display;
use std::io::Write;
use std::sync::Arc;

use wasmtime::{Caller, Extern, Linker, TypedFunc};

use super::{MODULE, QueryResult, WescaleState, result, status};
use crate::abi::log::{GuestLog, LEVEL_ERROR, LEVEL_INFO};
use crate::abi::{AbiHost, charge, charge_copy, guest};

const ABI_VERSION: &[u8] = b"v1alpha1";
const RUNTIME_TYPE: &[u8] = b"wasmtime";

/// Fuel for a host function besides what it copies, logs or checks.
pub(super) const BASE_UNITS: u64 = 20;

const GET: &str = "(i64, i32, i32) -> i32";
const LOG: &str = "(i32, i32) -> i32";

/// What [`add_to_linker`] defines, with types.
const SIGNATURES: [(&str, &str); 10] = [
    ("GetAbiVersionOnHost", LOG),
    ("GetRuntimeTypeOnHost", LOG),
    ("InfoLogOnHost", LOG),
    ("ErrorLogOnHost", LOG),
    ("GetQueryOnHost", GET),
    ("SetQueryOnHost", GET),
    ("GetErrorMessageOnHost", GET),
    ("SetErrorMessageOnHost", GET),
    ("GetQueryResultOnHost", GET),
    ("SetQueryResultOnHost", GET),
];

/// The type of a host function of this ABI; `None` if it has none of that name.
pub fn signature(name: &str) -> Option<&'static str> {
    SIGNATURES.iter().find(|(known, _)| *known == name).map(|(_, signature)| *signature)
}

/// Where a value comes from that a guest gets.
pub(super) trait Source {
    fn len(&self, state: &WescaleState) -> usize;

    /// Copies the value to `dst`, which is as long as it was; `None` if it has another length now.
    fn copy_to(&self, state: &WescaleState, dst: &mut [u8]) -> Option<()>;
}

impl Source for Arc<[u8]> {
    fn len(&self, _: &WescaleState) -> usize {
        <[u8]>::len(self)
    }

    fn copy_to(&self, _: &WescaleState, dst: &mut [u8]) -> Option<()> {
        copy(self, dst)
    }
}

/// Copies all or nothing.
#[inline]
pub(super) fn copy(src: &[u8], dst: &mut [u8]) -> Option<()> {
    if src.len() != dst.len() {
        return None;
    }
    dst.copy_from_slice(src);
    Some(())
}

/// A value of the query's.
#[derive(Clone, Copy)]
enum Value {
    Constant(&'static [u8]),
    Query,
    Error,
    Result,
}

impl Source for Value {
    #[inline]
    fn len(&self, state: &WescaleState) -> usize {
        match self {
            Value::Constant(bytes) => bytes.len(),
            Value::Query => state.query.len(),
            Value::Error => state.error.len(),
            Value::Result => match state.result {
                QueryResult::None | QueryResult::Given(None) => 0,
                QueryResult::Given(Some(bytes)) => bytes.len(),
                QueryResult::Set => state.result_bytes.len(),
            },
        }
    }

    #[inline]
    fn copy_to(&self, state: &WescaleState, dst: &mut [u8]) -> Option<()> {
        match self {
            Value::Constant(bytes) => copy(bytes, dst),
            Value::Query => copy(&state.query, dst),
            Value::Error => copy(&state.error, dst),
            Value::Result => match state.result {
                QueryResult::None | QueryResult::Given(None) => copy(&[], dst),
                QueryResult::Given(Some(bytes)) if bytes.len() == dst.len() => {
                    bytes.copy_to(dst);
                    Some(())
                }
                QueryResult::Given(Some(_)) => None,
                QueryResult::Set => copy(&state.result_bytes, dst),
            },
        }
    }
}

/// A value that a guest sets.
#[derive(Clone, Copy)]
enum Target {
    Query,
    Error,
    Result,
}

impl Target {
    fn function(self) -> &'static str {
        match self {
            Target::Query => "SetQueryOnHost",
            Target::Error => "SetErrorMessageOnHost",
            Target::Result => "SetQueryResultOnHost",
        }
    }
}

/// Defines the host functions that every dialect has.
pub fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    for (name, constant) in [("GetAbiVersionOnHost", ABI_VERSION), ("GetRuntimeTypeOnHost", RUNTIME_TYPE)] {
        linker.func_wrap(MODULE, name, move |caller: Caller<'_, T>, out: u32, out_len: u32| {
            give(caller, Value::Constant(constant), out, out_len)
        })?;
    }
    for (name, level) in [("InfoLogOnHost", LEVEL_INFO), ("ErrorLogOnHost", LEVEL_ERROR)] {
        linker
            .func_wrap(MODULE, name, move |caller: Caller<'_, T>, ptr: u32, len: u32| log(caller, level, ptr, len))?;
    }
    linker.func_wrap(MODULE, "GetQueryOnHost", |caller: Caller<'_, T>, ctx: u64, out: u32, out_len: u32| {
        give_of(caller, ctx, Value::Query, out, out_len)
    })?;
    linker.func_wrap(MODULE, "GetErrorMessageOnHost", |caller: Caller<'_, T>, ctx: u64, out: u32, out_len: u32| {
        give_of(caller, ctx, Value::Error, out, out_len)
    })?;
    linker.func_wrap(MODULE, "GetQueryResultOnHost", |caller: Caller<'_, T>, ctx: u64, out: u32, out_len: u32| {
        give_of(caller, ctx, Value::Result, out, out_len)
    })?;
    for target in [Target::Query, Target::Error, Target::Result] {
        linker.func_wrap(MODULE, target.function(), move |caller: Caller<'_, T>, ctx: u64, ptr: u32, len: u32| {
            take(caller, ctx, target, ptr, len)
        })?;
    }
    Ok(())
}

/// Answers at once, for the price that every call has.
#[inline]
pub(super) fn answer<T: AbiHost>(caller: &mut Caller<'_, T>, status: i32) -> wasmtime::Result<i32> {
    charge(caller, BASE_UNITS)?;
    Ok(status)
}

/// A getter of the query's: only for the query that the guest was called for.
#[inline]
fn give_of<T: AbiHost>(
    mut caller: Caller<'_, T>,
    ctx: u64,
    value: Value,
    out: u32,
    out_len: u32,
) -> wasmtime::Result<i32> {
    if !caller.data_mut().wescale().knows(ctx) {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    give(caller, value, out, out_len)
}

/// Copies a value into memory that the guest allocates, and stores where and how long it is.
#[inline]
pub(super) fn give<T: AbiHost>(
    mut caller: Caller<'_, T>,
    value: impl Source,
    out: u32,
    out_len: u32,
) -> wasmtime::Result<i32> {
    let len = value.len(caller.data_mut().wescale());
    if len == 0 {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let (Ok(len), Some(memory)) = (u32::try_from(len), guest::memory(&mut caller)) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    // Before the guest allocates, so that a bad address leaves nothing allocated. A memory never shrinks.
    let bytes = memory.data(&caller);
    if guest::bytes(bytes, out, 4).is_none() || guest::bytes(bytes, out_len, 4).is_none() {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    charge_copy(&mut caller, BASE_UNITS, len as usize)?;
    let Some(ptr) = allocate(&mut caller, len)? else {
        return Ok(status::INTERNAL_FAILURE);
    };
    // The allocator may have grown or moved the memory, and may have changed the value.
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let copied = guest::bytes_mut(bytes, ptr, len)
        .and_then(|dst| value.copy_to(host.wescale(), dst))
        .and_then(|()| guest::write_u32(bytes, out, ptr))
        .and_then(|()| guest::write_u32(bytes, out_len, len));
    Ok(copied.map_or(status::INTERNAL_FAILURE, |()| status::OK))
}

/// Has the guest allocate; `None` if it has no allocator of the right type, or no memory. Its trap is the caller's.
#[inline]
fn allocate<T: AbiHost>(caller: &mut Caller<'_, T>, len: u32) -> wasmtime::Result<Option<u32>> {
    let Some(allocator) = take_allocator(caller) else {
        return Ok(None);
    };
    let allocated = allocator.call(&mut *caller, len);
    // Kept for the next time, since making it takes a look into the engine's table of types. Only if the host says which
    // one it is: else it may be another instance's next time.
    if caller.data().allocator().is_some() {
        caller.data_mut().wescale().allocator = Some(allocator);
    }
    Ok(Some(allocated?).filter(|ptr| *ptr != 0))
}

fn take_allocator<T: AbiHost>(caller: &mut Caller<'_, T>) -> Option<TypedFunc<u32, u32>> {
    if let Some(ready) = caller.data_mut().wescale().allocator.take() {
        return Some(ready);
    }
    let func = match caller.data().allocator() {
        Some(func) => func,
        None => {
            let name = caller.data_mut().wescale().dialect().allocator();
            caller.get_export(name).and_then(Extern::into_func)?
        }
    };
    func.typed(&*caller).ok()
}

/// Takes a value from the guest.
#[inline]
fn take<T: AbiHost>(mut caller: Caller<'_, T>, ctx: u64, target: Target, ptr: u32, len: u32) -> wasmtime::Result<i32> {
    if !caller.data_mut().wescale().knows(ctx) {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    if guest::bytes(memory.data(&caller), ptr, len).is_none() {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    let allowed = caller.data_mut().wescale().max_output_bytes;
    if len as usize > allowed {
        log_too_large(caller.data_mut().log(), target.function(), len, allowed);
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    match target {
        Target::Query | Target::Error => charge_copy(&mut caller, BASE_UNITS, len as usize)?,
        // Every byte of a result is looked at.
        Target::Result => charge(&mut caller, BASE_UNITS + u64::from(len))?,
    }
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let Some(value) = guest::bytes(bytes, ptr, len) else {
        return Ok(status::INTERNAL_FAILURE);
    };
    let state = host.wescale();
    match target {
        Target::Query => {
            replace(&mut state.query, value);
            state.query_changed = true;
        }
        Target::Error => state.set_error(value, None),
        Target::Result => {
            if result::validate(value).is_err() {
                return Ok(status::INTERNAL_FAILURE);
            }
            replace(&mut state.result_bytes, value);
            state.result = QueryResult::Set;
        }
    }
    Ok(status::OK)
}

#[inline]
pub(super) fn replace(buffer: &mut Vec<u8>, value: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(value);
}

/// A record of the guest's log.
fn log<T: AbiHost>(mut caller: Caller<'_, T>, level: u8, ptr: u32, len: u32) -> wasmtime::Result<i32> {
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    if guest::bytes(memory.data(&caller), ptr, len).is_none() {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    let kept = caller.data_mut().log().room().unwrap_or(0).min(len as usize);
    charge(&mut caller, BASE_UNITS + kept as u64)?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    match guest::bytes(bytes, ptr, len) {
        Some(text) => host.log().push(level, text),
        None => return Ok(status::INTERNAL_FAILURE),
    }
    Ok(status::OK)
}

#[cold]
pub(super) fn log_too_large(log: &mut GuestLog, function: &str, len: u32, allowed: usize) {
    log_refusal(log, function, &format_args!("{len} bytes given, {allowed} allowed: raise maxOutputBytes"));
}

/// Logs an error of the host's, without allocating.
#[cold]
pub(super) fn log_refusal(log: &mut GuestLog, function: &str, why: &dyn Display) {
    let mut buffer = [0u8; 256];
    let mut rest = &mut buffer[..];
    // A text that is too long is cut: none of ours is.
    let _ = write!(rest, "{function}: {why}");
    let unused = rest.len();
    let used = buffer.len().saturating_sub(unused);
    log.push(LEVEL_ERROR, buffer.get(..used).unwrap_or_default());
}
