//! The import module `sluice`, version 1: what the ABI has no function for. `docs/sluice-imports.md` is its contract.
//!
//! | function | 1 | 2 | 10 |
//! |---|---|---|---|
//! | `get_configuration` | | there is none | an address is not in the memory; the allocator gives nothing usable |
//! | `get_property` | unknown name; not granted (logged once) | empty, not given, or no query | as above |
//! | `set_error` | | code not 1 to 65,535; `state` not five of `0-9A-Z`; empty message; no query | an address is not in the memory; message longer than allowed (logged) |
//! | `clear_error` | | no query | |
//! | `add_counter` | | `delta` below 0; `name` not `[a-z][a-z0-9_]{0,63}` | an address is not in the memory; too many counters (logged) |

use std::sync::atomic::Ordering;

use wasmtime::{Caller, Linker};

use super::common::{BASE_UNITS, answer, give, log_refusal, log_too_large};
use super::properties::{PROPERTIES, Property};
use super::{ErrorCode, status};
use crate::abi::{AbiHost, charge, charge_copy, guest};

/// The module that these functions are imported from.
pub const MODULE: &str = "sluice";
/// The one that needs more of the host than the others: what a plugin that does not import it cannot ask for is not made.
pub const GET_PROPERTY: &str = "get_property";

const VERSION: i32 = 1;
/// The longest name of a counter; of a property none is longer.
const MAX_NAME_BYTES: u32 = 64;
const SQL_STATE_BYTES: u32 = 5;

pub fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "version", |mut caller: Caller<'_, T>| answer(&mut caller, VERSION))?;
    linker.func_wrap(MODULE, "get_configuration", |mut caller: Caller<'_, T>, out: u32, out_len: u32| {
        let configuration = caller.data_mut().wescale().setup().configuration.clone();
        give(caller, configuration, out, out_len)
    })?;
    linker.func_wrap(MODULE, GET_PROPERTY, get_property::<T>)?;
    linker.func_wrap(MODULE, "set_error", set_error::<T>)?;
    linker.func_wrap(MODULE, "clear_error", |mut caller: Caller<'_, T>| {
        let state = caller.data_mut().wescale();
        if state.ctx.is_none() {
            return answer(&mut caller, status::BAD_ARGUMENT);
        }
        state.set_error(&[], None);
        answer(&mut caller, status::OK)
    })?;
    linker.func_wrap(MODULE, "add_counter", add_counter::<T>)?;
    Ok(())
}

/// Copies a name out of the guest's memory; the status says why not.
fn name<'a, T: AbiHost>(
    caller: &mut Caller<'_, T>,
    ptr: u32,
    len: u32,
    too_long: i32,
    buffer: &'a mut [u8; MAX_NAME_BYTES as usize],
) -> Result<&'a [u8], i32> {
    let memory = guest::memory(caller).ok_or(status::INTERNAL_FAILURE)?;
    let bytes = guest::bytes(memory.data(&*caller), ptr, len).ok_or(status::INTERNAL_FAILURE)?;
    let copy = buffer.get_mut(..bytes.len()).ok_or(too_long)?;
    copy.copy_from_slice(bytes);
    Ok(copy)
}

fn get_property<T: AbiHost>(
    mut caller: Caller<'_, T>,
    ptr: u32,
    len: u32,
    out: u32,
    out_len: u32,
) -> wasmtime::Result<i32> {
    let mut buffer = [0; MAX_NAME_BYTES as usize];
    let asked = match name(&mut caller, ptr, len, status::NOT_FOUND, &mut buffer) {
        Ok(name) => name,
        Err(status) => return answer(&mut caller, status),
    };
    let Some(number) = PROPERTIES.iter().position(|known| known.as_bytes() == asked) else {
        return answer(&mut caller, status::NOT_FOUND);
    };
    let bit = 1 << number;
    let setup = caller.data_mut().wescale().setup();
    if setup.grants & bit != 0 {
        return give(caller, Property(number), out, out_len);
    }
    if setup.refused.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
        let name = PROPERTIES.get(number).copied().unwrap_or_default();
        let why = format_args!("property '{name}' is not granted to this plugin: see PluginConfig.withGrants");
        log_refusal(caller.data_mut().log(), GET_PROPERTY, &why);
    }
    answer(&mut caller, status::NOT_FOUND)
}

fn set_error<T: AbiHost>(
    mut caller: Caller<'_, T>,
    code: u32,
    state_ptr: u32,
    state_len: u32,
    ptr: u32,
    len: u32,
) -> wasmtime::Result<i32> {
    let code = u16::try_from(code).ok().filter(|code| *code != 0);
    let (Some(code), true, true) = (code, state_len == SQL_STATE_BYTES, len > 0) else {
        return answer(&mut caller, status::BAD_ARGUMENT);
    };
    if caller.data_mut().wescale().ctx.is_none() {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    let bytes = memory.data(&caller);
    let state = guest::array::<{ SQL_STATE_BYTES as usize }>(bytes, state_ptr);
    let (Some(sql_state), Some(_)) = (state, guest::bytes(bytes, ptr, len)) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    if !sql_state.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let allowed = caller.data_mut().wescale().max_output_bytes;
    if len as usize > allowed {
        log_too_large(caller.data_mut().log(), "set_error", len, allowed);
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    charge_copy(&mut caller, BASE_UNITS, len as usize)?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let Some(message) = guest::bytes(bytes, ptr, len) else { return Ok(status::INTERNAL_FAILURE) };
    host.wescale().set_error(message, Some(ErrorCode { code, sql_state }));
    Ok(status::OK)
}

fn add_counter<T: AbiHost>(mut caller: Caller<'_, T>, ptr: u32, len: u32, delta: i64) -> wasmtime::Result<i32> {
    let mut buffer = [0; MAX_NAME_BYTES as usize];
    let name = match name(&mut caller, ptr, len, status::BAD_ARGUMENT, &mut buffer) {
        Ok(name) => name,
        Err(status) => return answer(&mut caller, status),
    };
    let Some(name) = counter_name(name).filter(|_| delta >= 0) else {
        return answer(&mut caller, status::BAD_ARGUMENT);
    };
    // A look through all names.
    charge(&mut caller, BASE_UNITS)?;
    let host = caller.data_mut();
    match host.wescale().setup().module.count(name, delta) {
        Ok(()) => Ok(status::OK),
        Err(why) => {
            log_refusal(host.log(), "add_counter", &why);
            Ok(status::INTERNAL_FAILURE)
        }
    }
}

/// `[a-z][a-z0-9_]{0,63}`.
fn counter_name(bytes: &[u8]) -> Option<&str> {
    let (first, rest) = bytes.split_first()?;
    let right = first.is_ascii_lowercase()
        && rest.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_');
    std::str::from_utf8(bytes).ok().filter(|_| right)
}

#[cfg(test)]
mod tests;
