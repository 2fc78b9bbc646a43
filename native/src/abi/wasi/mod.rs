//! WASI preview 1, the part that a plugin needs: arguments, environment, clocks, randomness, output as log, exit, waiting.
//!
//! No file, no folder, no socket: those functions exist, so that modules link, and refuse. `fd_*` answer 8 (a bad
//! descriptor), as wasi-libc, TinyGo and Go expect of a host without pre-opened folders; the rest answers 52.
//!
//! See <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md>.

mod clock;
mod config;
mod output;
mod poll;
pub mod random;
mod refused;

pub use self::clock::{not_before, steady_nanos};
pub use self::config::{WasiConfig, WasiState};

use std::fmt;

use wasmtime::{Caller, Linker};

use super::{AbiHost, charge, guest};

/// The module that preview 1's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// Numbers that preview 1 gives to errors.
pub mod errno {
    pub const SUCCESS: i32 = 0;
    pub const BADF: i32 = 8;
    pub const FAULT: i32 = 21;
    pub const INVAL: i32 = 28;
    pub const IO: i32 = 29;
    pub const NOSYS: i32 = 52;
}

/// The guest ended itself by `proc_exit` with this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestExit(pub i32);

impl fmt::Display for GuestExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest exited with code {}", self.0)
    }
}

impl std::error::Error for GuestExit {}

/// The call's deadline passed while a host function waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlinePassed;

impl fmt::Display for DeadlinePassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deadline passed while a host function waited")
    }
}

impl std::error::Error for DeadlinePassed {}

/// Fuel for a host function that does next to nothing.
const BASE_UNITS: u64 = 20;

/// Defines all of preview 1.
pub fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    config::add_to_linker(linker)?;
    clock::add_to_linker(linker)?;
    output::add_to_linker(linker)?;
    poll::add_to_linker(linker)?;
    random::add_to_linker(linker)?;
    refused::add_to_linker(linker)?;
    linker.func_wrap(MODULE, "proc_exit", |_: Caller<'_, T>, code: i32| -> wasmtime::Result<()> {
        Err(GuestExit(code).into())
    })?;
    // One guest, one thread: there is nothing to yield to.
    linker.func_wrap(MODULE, "sched_yield", |mut caller: Caller<'_, T>| answer(&mut caller, errno::SUCCESS))?;
    Ok(())
}

/// Answers at once, for the price that every call has: else a guest could ask for ever.
#[inline]
fn answer<T: AbiHost>(caller: &mut Caller<'_, T>, errno: i32) -> wasmtime::Result<i32> {
    charge(caller, BASE_UNITS)?;
    Ok(errno)
}

/// Runs `body` on the caller's memory and the store's data; what it answers `None` to is a bad address.
#[inline]
fn with_memory<T: AbiHost>(caller: &mut Caller<'_, T>, body: impl FnOnce(&mut [u8], &mut T) -> Option<i32>) -> i32 {
    let Some(memory) = guest::memory(caller) else {
        return errno::FAULT;
    };
    let (bytes, host) = memory.data_and_store_mut(caller);
    body(bytes, host).unwrap_or(errno::FAULT)
}

#[cfg(test)]
mod tests;
