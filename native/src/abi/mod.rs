//! Host functions that run without crossing into Java: one module per ABI, on one view of the store they run in.
//!
//! Everything a guest passes is an unsigned 32-bit number until it has been checked: no host function indexes, slices or
//! multiplies with it. The hot ones allocate nothing; their buffers live in the store's data and keep their capacity.
//! The only unsafe code is in [`foreign`] (bytes that Java passed) and [`wasi::random`] (the system's generator).

pub mod foreign;
pub mod guest;
pub mod log;
pub mod wasi;
pub mod wescale;

use std::time::Duration;

use wasmtime::{Caller, Func, Memory, Trap};

use self::log::GuestLog;
use self::wasi::WasiState;
use self::wescale::WescaleState;

/// What every ABI's host functions need of the store they run in.
pub trait AbiHost: 'static {
    fn wasi(&mut self) -> &mut WasiState;

    fn wescale(&mut self) -> &mut WescaleState;

    fn log(&mut self) -> &mut GuestLog;

    /// The exported `memory` of the store's instance; `None` has the caller's export looked up by name, which is slower.
    fn memory(&self) -> Option<Memory>;

    /// The guest's `malloc`; `None` has the caller's export looked up by name, which is slower.
    fn allocator(&self) -> Option<Func>;

    /// Makes sure that the deadline's clock runs; called before anything that can wait.
    fn start_clock(&mut self);

    /// What is left of the deadline; `None` without one.
    fn time_left(&mut self) -> Option<Duration>;

    /// Whether the engine counts fuel at all.
    fn metered(&self) -> bool {
        true
    }
}

/// Bytes that a host function copies for one unit of fuel.
const BYTES_PER_UNIT: u64 = 8;

/// Takes fuel for work that the host does for the guest; traps when less is left.
#[inline]
pub fn charge<T: AbiHost>(caller: &mut Caller<'_, T>, units: u64) -> wasmtime::Result<()> {
    if !caller.data().metered() {
        return Ok(());
    }
    let Ok(left) = caller.get_fuel() else { return Ok(()) };
    match left.checked_sub(units) {
        Some(rest) => caller.set_fuel(rest),
        None => {
            caller.set_fuel(0)?;
            Err(Trap::OutOfFuel.into())
        }
    }
}

/// Takes fuel for a host function of `base` units that copies `bytes`.
#[inline]
pub fn charge_copy<T: AbiHost>(caller: &mut Caller<'_, T>, base: u64, bytes: usize) -> wasmtime::Result<()> {
    charge(caller, base.saturating_add(bytes as u64 / BYTES_PER_UNIT))
}

#[cfg(test)]
mod real_guests;
#[cfg(test)]
pub(crate) mod test_host;
