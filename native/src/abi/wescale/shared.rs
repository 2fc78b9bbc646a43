//! Values and locks that instances share: dialect A's and B's names for the same functions, for plugins of every dialect.
//!
//! | function | 1 | 2 | 10 |
//! |---|---|---|---|
//! | `GetValueByKeyOnHost`, `GetModuleValueByKeyOnHost`, `GetGlobalValueByKeyOnHost` | no value of that key | unknown scope; `module` is not the plugin's; key of 0 bytes; empty value | an address is not in the memory; key longer than allowed (logged); the allocator gives nothing usable, or asks for a value while four are given |
//! | `SetValueByKeyOnHost`, `SetModuleValueByKeyOnHost`, `SetGlobalValueByKeyOnHost` | | unknown scope; `module` is not the plugin's; key of 0 bytes | an address is not in the memory; a limit of the scope is in the way (logged) |
//! | `LockOnHost`, `ModuleLockOnHost`, `GlobalLockOnHost` | | unknown scope; `module` is not the plugin's; locked by this query already; no query (all logged) | |
//! | `UnlockOnHost`, `ModuleUnlockOnHost`, `GlobalUnlockOnHost` | | as for the lock; not locked by this query (all logged) | |
//!
//! The lock functions are linked with and without a result: [`RESULTLESS`]. A lock belongs to the query that took it and is
//! released by the host at the latest when that query ends. Waiting for one is bounded by the call's deadline: then the
//! call traps.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Caller, Linker};

use super::common::{BASE_UNITS, Source, answer, give, log_refusal};
use super::{Dialect, MODULE, WescaleState, status};
use crate::abi::{AbiHost, charge, charge_copy, guest};
use crate::engine::shared::{check_key, check_value};

/// Shared values that one guest may have the host hold at a time: more than one only if its allocator asks for another. What
/// has been replaced meanwhile lives on in the host's hand and counts for no limit of the scope.
const MAX_IN_HAND: usize = 4;

/// Fuel for taking or leaving a lock.
const LOCK_UNITS: u64 = 100;

/// Dialect A's functions.
pub const NAMES_A: [&str; 9] = [
    "GetGlobalValueByKeyOnHost",
    "SetGlobalValueByKeyOnHost",
    "GetModuleValueByKeyOnHost",
    "SetModuleValueByKeyOnHost",
    "GlobalLockOnHost",
    "GlobalUnlockOnHost",
    "ModuleLockOnHost",
    "ModuleUnlockOnHost",
    "ModuleUnLockOnHost",
];

/// Dialect B's functions.
pub const NAMES_B: [&str; 4] = ["GetValueByKeyOnHost", "SetValueByKeyOnHost", "LockOnHost", "UnlockOnHost"];

/// The functions that can wait.
pub const LOCKS: [&str; 3] = ["LockOnHost", "GlobalLockOnHost", "ModuleLockOnHost"];

/// The functions that SDKs import with an `i32` result or without one.
pub const RESULTLESS: [&str; 7] = [
    "LockOnHost",
    "UnlockOnHost",
    "GlobalLockOnHost",
    "GlobalUnlockOnHost",
    "ModuleLockOnHost",
    "ModuleUnlockOnHost",
    "ModuleUnLockOnHost",
];

/// With whom a value or a lock is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// With the plugin's other instances.
    Module,
    /// With all plugins of the host.
    Global,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scope::Module => "module",
            Scope::Global => "global",
        })
    }
}

/// The call's deadline passed while it waited for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockTimeout(pub Scope);

impl fmt::Display for LockTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "while it waited for the {} lock", self.0)
    }
}

impl std::error::Error for LockTimeout {}

/// Defines the functions, those for locks with a result.
pub fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "GetValueByKeyOnHost",
        |mut caller: Caller<'_, T>, scope: u32, module: u64, key: u32, key_len: u32, out: u32, out_len: u32| {
            match chosen(&mut caller, scope, module) {
                Ok(scope) => get(caller, "GetValueByKeyOnHost", scope, key, key_len, out, out_len),
                Err(_) => answer(&mut caller, status::BAD_ARGUMENT),
            }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "SetValueByKeyOnHost",
        |mut caller: Caller<'_, T>, scope: u32, module: u64, key: u32, key_len: u32, value: u32, value_len: u32| {
            match chosen(&mut caller, scope, module) {
                Ok(scope) => set(caller, "SetValueByKeyOnHost", scope, key, key_len, value, value_len),
                Err(_) => answer(&mut caller, status::BAD_ARGUMENT),
            }
        },
    )?;
    linker.func_wrap(
        MODULE,
        "GetModuleValueByKeyOnHost",
        |mut caller: Caller<'_, T>, module: u64, key: u32, key_len: u32, out: u32, out_len: u32| match own(
            &mut caller,
            module,
        ) {
            Ok(scope) => get(caller, "GetModuleValueByKeyOnHost", scope, key, key_len, out, out_len),
            Err(_) => answer(&mut caller, status::BAD_ARGUMENT),
        },
    )?;
    linker.func_wrap(
        MODULE,
        "SetModuleValueByKeyOnHost",
        |mut caller: Caller<'_, T>, module: u64, key: u32, key_len: u32, value: u32, value_len: u32| match own(
            &mut caller,
            module,
        ) {
            Ok(scope) => set(caller, "SetModuleValueByKeyOnHost", scope, key, key_len, value, value_len),
            Err(_) => answer(&mut caller, status::BAD_ARGUMENT),
        },
    )?;
    linker.func_wrap(
        MODULE,
        "GetGlobalValueByKeyOnHost",
        |caller: Caller<'_, T>, key: u32, key_len: u32, out: u32, out_len: u32| {
            get(caller, "GetGlobalValueByKeyOnHost", Scope::Global, key, key_len, out, out_len)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "SetGlobalValueByKeyOnHost",
        |caller: Caller<'_, T>, key: u32, key_len: u32, value: u32, value_len: u32| {
            set(caller, "SetGlobalValueByKeyOnHost", Scope::Global, key, key_len, value, value_len)
        },
    )?;
    for function in RESULTLESS {
        define_lock(linker, function, |status| status)?;
    }
    Ok(())
}

/// Defines one of [`RESULTLESS`] again without its result, in a linker that lets it; false if it is none of them.
pub fn without_result<T: AbiHost>(linker: &mut Linker<T>, name: &str) -> wasmtime::Result<bool> {
    match RESULTLESS.into_iter().find(|known| *known == name) {
        Some(function) => define_lock(linker, function, |_| ()).map(|()| true),
        None => Ok(false),
    }
}

/// One of the lock functions, which answers what `result` makes of its status.
fn define_lock<T: AbiHost, R: wasmtime::WasmRet + 'static>(
    linker: &mut Linker<T>,
    function: &'static str,
    result: fn(i32) -> R,
) -> wasmtime::Result<()>
where
    wasmtime::Result<R>: wasmtime::WasmRet,
{
    let locks = LOCKS.contains(&function);
    let body = move |mut caller: Caller<'_, T>, scope: Result<Scope, &'static str>| -> wasmtime::Result<R> {
        charge(&mut caller, LOCK_UNITS)?;
        let outcome = match scope {
            Ok(scope) if locks => lock(&mut caller, scope)?,
            Ok(scope) => unlock(&mut caller, scope),
            Err(why) => Err(Refusal::Argument(why)),
        };
        Ok(result(match outcome {
            Ok(()) => status::OK,
            Err(why) => {
                log_refusal(caller.data_mut().log(), function, &why);
                status::BAD_ARGUMENT
            }
        }))
    };
    match function {
        "LockOnHost" | "UnlockOnHost" => {
            linker.func_wrap(MODULE, function, move |mut caller: Caller<'_, T>, scope: u32, module: u64| {
                let scope = chosen(&mut caller, scope, module);
                body(caller, scope)
            })?;
        }
        "GlobalLockOnHost" | "GlobalUnlockOnHost" => {
            linker.func_wrap(MODULE, function, move |caller: Caller<'_, T>| body(caller, Ok(Scope::Global)))?;
        }
        _ => {
            linker.func_wrap(MODULE, function, move |mut caller: Caller<'_, T>, module: u64| {
                let scope = own(&mut caller, module);
                body(caller, scope)
            })?;
        }
    }
    Ok(())
}

/// Dialect B's scope by its number, if the module is the caller's.
fn chosen<T: AbiHost>(caller: &mut Caller<'_, T>, scope: u32, module: u64) -> Result<Scope, &'static str> {
    let scope = match scope {
        0 => Scope::Module,
        1 => Scope::Global,
        _ => return Err("the scope is neither 0 (module) nor 1 (global)"),
    };
    own(caller, module).map(|_| scope)
}

/// The plugin's own scope, if the module is what the guest was given: nothing but 0 in dialect C, which is given none.
fn own<T: AbiHost>(caller: &mut Caller<'_, T>, module: u64) -> Result<Scope, &'static str> {
    let state = caller.data_mut().wescale();
    let expected = match state.dialect() {
        Dialect::C => 0,
        Dialect::A | Dialect::B => state.module_token(),
    };
    if module == expected { Ok(Scope::Module) } else { Err("the module is not the one that this plugin was given") }
}

fn get<T: AbiHost>(
    mut caller: Caller<'_, T>,
    function: &str,
    scope: Scope,
    key: u32,
    key_len: u32,
    out: u32,
    out_len: u32,
) -> wasmtime::Result<i32> {
    if key_len == 0 {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    if guest::bytes(memory.data(&caller), key, key_len).is_none() {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    let limits = caller.data_mut().wescale().scope(scope).limits();
    if let Err(why) = check_key(&limits, key_len as usize) {
        log_refusal(caller.data_mut().log(), function, &why);
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    charge_copy(&mut caller, BASE_UNITS, key_len as usize)?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let Some(key) = guest::bytes(bytes, key, key_len) else { return Ok(status::INTERNAL_FAILURE) };
    let state = host.wescale();
    let place = state.in_hand.clone();
    // The state's own and this one are not in anybody's hand yet.
    if Arc::strong_count(&place) > MAX_IN_HAND + 1 {
        return Ok(status::INTERNAL_FAILURE);
    }
    match state.scope(scope).value(key) {
        Some(value) => give(caller, InHand { value, _place: place }, out, out_len),
        None => Ok(status::NOT_FOUND),
    }
}

/// A value as it was when it was asked for.
struct InHand {
    value: Arc<[u8]>,
    _place: Arc<()>,
}

impl Source for InHand {
    fn len(&self, state: &WescaleState) -> usize {
        self.value.len(state)
    }

    fn copy_to(&self, state: &WescaleState, dst: &mut [u8]) -> Option<()> {
        self.value.copy_to(state, dst)
    }
}

fn set<T: AbiHost>(
    mut caller: Caller<'_, T>,
    function: &str,
    scope: Scope,
    key: u32,
    key_len: u32,
    value: u32,
    value_len: u32,
) -> wasmtime::Result<i32> {
    if key_len == 0 {
        return answer(&mut caller, status::BAD_ARGUMENT);
    }
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    };
    let bytes = memory.data(&caller);
    if guest::bytes(bytes, key, key_len).is_none() || guest::bytes(bytes, value, value_len).is_none() {
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    let limits = caller.data_mut().wescale().scope(scope).limits();
    // Looked at first, so that what is not read is not paid for.
    let too_long = check_key(&limits, key_len as usize).and_then(|()| check_value(&limits, value_len as usize));
    if let Err(why) = too_long {
        log_refusal(caller.data_mut().log(), function, &why);
        return answer(&mut caller, status::INTERNAL_FAILURE);
    }
    charge_copy(&mut caller, BASE_UNITS, (key_len as usize).saturating_add(value_len as usize))?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let (Some(key), Some(value)) = (guest::bytes(bytes, key, key_len), guest::bytes(bytes, value, value_len)) else {
        return Ok(status::INTERNAL_FAILURE);
    };
    match host.wescale().scope(scope).set_value(key, value) {
        Ok(()) => Ok(status::OK),
        Err(why) => {
            log_refusal(host.log(), function, &why);
            Ok(status::INTERNAL_FAILURE)
        }
    }
}

/// Why a lock was not taken or left.
enum Refusal {
    Argument(&'static str),
    NoQuery,
    Locked(Scope),
    NotLocked(Scope),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Argument(why) => f.write_str(why),
            Refusal::NoQuery => f.write_str("a lock belongs to a query, and there is none at start"),
            Refusal::Locked(scope) => write!(f, "this query has the {scope} lock already: unlock it first"),
            Refusal::NotLocked(scope) => write!(f, "this query does not have the {scope} lock: lock it first"),
        }
    }
}

fn lock<T: AbiHost>(caller: &mut Caller<'_, T>, scope: Scope) -> wasmtime::Result<Result<(), Refusal>> {
    let host = caller.data_mut();
    if host.wescale().ctx.is_none() {
        return Ok(Err(Refusal::NoQuery));
    }
    if *host.wescale().holds(scope) {
        return Ok(Err(Refusal::Locked(scope)));
    }
    if !host.wescale().scope(scope).lock().try_lock() {
        host.start_clock();
        let left = host.time_left();
        host.wescale().scope(scope).lock().lock(left).map_err(|_| LockTimeout(scope))?;
    }
    *host.wescale().holds(scope) = true;
    Ok(Ok(()))
}

fn unlock<T: AbiHost>(caller: &mut Caller<'_, T>, scope: Scope) -> Result<(), Refusal> {
    if caller.data_mut().wescale().release(scope) { Ok(()) } else { Err(Refusal::NotLocked(scope)) }
}

#[cfg(test)]
mod tests;
