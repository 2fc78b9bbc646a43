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

use wasmtime::{Caller, Func, Memory};

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

    /// Takes fuel for work that the host does for the guest; traps when less is left, or when the deadline has passed.
    fn charge(caller: &mut Caller<'_, Self>, units: u64) -> wasmtime::Result<()>
    where
        Self: Sized;
}

/// Bytes that a host function copies for one unit of fuel.
const BYTES_PER_UNIT: u64 = 8;

/// Takes fuel for a host function.
#[inline]
pub fn charge<T: AbiHost>(caller: &mut Caller<'_, T>, units: u64) -> wasmtime::Result<()> {
    T::charge(caller, units)
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
