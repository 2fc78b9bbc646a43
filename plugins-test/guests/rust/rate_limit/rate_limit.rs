//! Lets ten queries through at once and one more each second, whichever connections they come from, and refuses the others.
//!
//! A token bucket in the plugin's shared values, under the plugin's lock. It is kept as one number: the moment, in nanoseconds of the
//! steady clock, at which the bucket would be full again. Dialect B of the ABI, the one with locks.

use std::alloc::{alloc, dealloc, Layout};

type Status = u32;

#[link(wasm_import_module = "env")]
extern "C" {
    fn SetErrorMessageOnHost(ctx: u64, text: *const u8, length: usize) -> Status;
    fn GetValueByKeyOnHost(scope: u32, module: u64, key: *const u8, key_length: usize, value: *mut *mut u8, length: *mut usize) -> Status;
    fn SetValueByKeyOnHost(scope: u32, module: u64, key: *const u8, key_length: usize, value: *const u8, length: usize) -> Status;
    fn LockOnHost(scope: u32, module: u64) -> Status;
    fn UnlockOnHost(scope: u32, module: u64) -> Status;
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn clock_time_get(id: u32, precision: u64, time: *mut u64) -> u16;
}

const OK: Status = 0;
const NOT_FOUND: Status = 1;
/// Values and locks of this plugin alone; 1 would be those of all plugins.
const MODULE: u32 = 0;
const MONOTONIC: u32 = 1;
const KEY: &[u8] = b"full_again";

const BURST: u64 = 10;
const NANOS_PER_QUERY: u64 = 1_000_000_000;

/// What the host asks memory of; the guest frees it.
#[no_mangle]
pub extern "C" fn proxy_on_memory_allocate(length: usize) -> *mut u8 {
    match Layout::array::<u8>(length.max(1)) {
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

fn now() -> u64 {
    let mut time = 0;
    unsafe { clock_time_get(MONOTONIC, 1, &mut time) };
    time
}

/// When the bucket would be full again; 0 before the first query.
fn full_again(module: u64) -> Result<u64, Status> {
    let mut value = std::ptr::null_mut();
    let mut length = 0;
    let status = unsafe { GetValueByKeyOnHost(MODULE, module, KEY.as_ptr(), KEY.len(), &mut value, &mut length) };
    match status {
        OK => {
            let mut number = [0; 8];
            unsafe {
                let bytes = std::slice::from_raw_parts(value, length);
                number.copy_from_slice(&bytes[..8]);
                dealloc(value, Layout::array::<u8>(length).unwrap());
            }
            Ok(u64::from_le_bytes(number))
        }
        NOT_FOUND => Ok(0),
        _ => Err(status),
    }
}

fn set_full_again(module: u64, moment: u64) -> Result<(), Status> {
    let value = moment.to_le_bytes();
    match unsafe { SetValueByKeyOnHost(MODULE, module, KEY.as_ptr(), KEY.len(), value.as_ptr(), value.len()) } {
        OK => Ok(()),
        status => Err(status),
    }
}

/// Takes a token from the bucket, if there is one.
fn take(module: u64) -> Result<bool, Status> {
    let now = now();
    let next = full_again(module)?.max(now) + NANOS_PER_QUERY;
    if next - now > BURST * NANOS_PER_QUERY {
        return Ok(false);
    }
    set_full_again(module, next)?;
    Ok(true)
}

fn set_error_message(ctx: u64, text: &str) {
    unsafe { SetErrorMessageOnHost(ctx, text.as_ptr(), text.len()) };
}

#[no_mangle]
pub extern "C" fn RunBeforeExecutionOnGuest(ctx: u64, module: u64) {
    unsafe { LockOnHost(MODULE, module) };
    let taken = take(module);
    unsafe { UnlockOnHost(MODULE, module) };
    match taken {
        Ok(true) => {}
        Ok(false) => set_error_message(ctx, "rate limit exceeded: 10 queries at once, then 1 a second"),
        Err(status) => set_error_message(ctx, &format!("rate_limit cannot count: status {}", status)),
    }
}

#[no_mangle]
pub extern "C" fn RunAfterExecutionOnGuest() {}
