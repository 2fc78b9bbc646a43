//! The one place for wasmtime's unchecked calls. Each function here is safe to call or says what it takes.

use wasmtime::{AsContextMut, Func, ValRaw, ValType};

use super::error::{Error, Result};
use super::mapped::Region;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use super::mapped::code_memory;
use super::store::FuncEntry;
use super::types;

/// Loads native code; the caller has checked that it is whole and was made by an engine like this one.
///
/// That it is *harmless* only its origin can tell: that is why the public name of this call asks to be vouched for.
pub fn deserialize(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<wasmtime::Module> {
    // SAFETY: the bytes came from `Module::serialize` by header, length and checksum; the public contract of
    // `deserializeTrusted` makes the caller answer for their origin.
    unsafe { wasmtime::Module::deserialize(engine, code) }
}

/// Loads native code from a region that the caller has checked as for `deserialize`, without copying it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub fn deserialize_region(engine: &wasmtime::Engine, region: Region) -> wasmtime::Result<wasmtime::Module> {
    code_memory().load(region, |bytes| use_code(engine, bytes))
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub fn deserialize_region(engine: &wasmtime::Engine, mut region: Region) -> wasmtime::Result<wasmtime::Module> {
    deserialize(engine, region.bytes_mut())
}

/// Loads native code from where it lies.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) fn use_code(
    engine: &wasmtime::Engine,
    bytes: std::ptr::NonNull<[u8]>,
) -> wasmtime::Result<wasmtime::Module> {
    // SAFETY: `CodeMemory::load` is who calls this: the bytes are a region that nobody can write to any more and that is
    // kept until wasmtime has let go of it. For what the bytes are, see `deserialize`.
    unsafe { wasmtime::Module::deserialize_raw(engine, bytes) }
}

/// The user that this process acts as: the owner of the files that it makes.
#[cfg(unix)]
pub fn effective_user() -> u32 {
    // SAFETY: the call takes nothing, changes nothing and always succeeds.
    unsafe { libc::geteuid() }
}

/// Makes the system prefer other threads to this one, by so many steps; where it cannot, nothing changes.
#[cfg(target_os = "linux")]
pub fn lower_priority_of_this_thread(steps: i32) {
    // SAFETY: both calls take numbers only. On Linux the id 0 is the calling thread, not its process.
    unsafe {
        let now = libc::getpriority(libc::PRIO_PROCESS, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, now.saturating_add(steps));
    }
}

#[cfg(not(target_os = "linux"))]
pub fn lower_priority_of_this_thread(_steps: i32) {}

/// Calls a func of at most four number parameters and one number result with raw bits.
#[inline]
pub fn call_plain<const N: usize>(
    store: impl AsContextMut,
    entry: &FuncEntry,
    args: [i64; N],
) -> Result<wasmtime::Result<i64>> {
    if !entry.plain || entry.params.len() != N {
        return Err(wrong_shape(entry, N));
    }
    let mut slots = [ValRaw::i64(0); 4];
    for (slot, (ty, arg)) in slots.iter_mut().zip(entry.params.iter().zip(args)) {
        *slot = match ty {
            ValType::I32 => ValRaw::i32(arg as i32),
            ValType::F32 => ValRaw::f32(arg as u32),
            ValType::F64 => ValRaw::f64(arg as u64),
            _ => ValRaw::i64(arg),
        };
    }
    // SAFETY: the entry's parameters are exactly the N numbers written above, its one result fits the first of the four
    // slots, and the entry belongs to this store (funcs are kept in the tables of the store that they came from).
    let outcome = unsafe { entry.func.call_unchecked(store, &mut slots) };
    Ok(outcome.map(|()| match entry.results.first() {
        None => 0,
        Some(ValType::I32) => i64::from(slots[0].get_i32()),
        Some(ValType::F32) => i64::from(slots[0].get_f32()),
        Some(ValType::F64) => slots[0].get_f64() as i64,
        Some(_) => slots[0].get_i64(),
    }))
}

#[cold]
fn wrong_shape(entry: &FuncEntry, given: usize) -> Error {
    let signature = types::func(entry.params.iter().cloned(), entry.results.iter().cloned());
    let hint = if entry.plain { "give as many as it takes" } else { "use callRaw(long[]) or call(Value...)" };
    Error::IllegalArgument(format!("the func takes {signature}, got {given} arguments: {hint}"))
}

/// Calls a func of type `(i64) -> ()`, checked when its module was loaded.
#[inline]
pub fn call_with_i64(store: impl AsContextMut, func: &Func, arg: i64) -> wasmtime::Result<()> {
    let mut slots = [ValRaw::i64(arg)];
    // SAFETY: `session::Session` keeps only funcs whose module was checked to export them with the types of its dialect,
    // chooses among these three calls by that dialect, and calls them in the store of the instance that they came from.
    unsafe { func.call_unchecked(store, &mut slots) }
}

/// Calls a func of type `(i64, i64) -> ()`, checked when its module was loaded.
#[inline]
pub fn call_with_two_i64(store: impl AsContextMut, func: &Func, first: i64, second: i64) -> wasmtime::Result<()> {
    let mut slots = [ValRaw::i64(first), ValRaw::i64(second)];
    // SAFETY: as for `call_with_i64`.
    unsafe { func.call_unchecked(store, &mut slots) }
}

/// Calls a func of type `() -> ()`, checked when its module was loaded.
pub fn call_without_values(store: impl AsContextMut, func: &Func) -> wasmtime::Result<()> {
    let mut slots: [ValRaw; 0] = [];
    // SAFETY: as for `call_with_i64`.
    unsafe { func.call_unchecked(store, &mut slots) }
}
