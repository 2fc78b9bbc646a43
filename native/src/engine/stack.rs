//! What is left of the calling thread's stack: looked at before every entry into a guest.
//!
//! Wasmtime ends a guest that uses more than its own limit of stack, but does not know where the thread's stack ends. A
//! guest let loose on a thread with too little of it takes the JVM down.

use std::cell::Cell;

use super::error::{Error, Limit, Result};

/// HotSpot's guard pages lie inside the thread's stack, at its low end.
const GUARD_BYTES: usize = 16 << 10;
/// What host functions may use below the guest, a call up into Java included.
const HOST_RESERVE_BYTES: usize = 128 << 10;

thread_local! {
    static LOW_END: Cell<usize> = const { Cell::new(0) };
}

/// Refuses the call when the guest's whole stack, the guard pages and the host functions' reserve do not fit.
#[inline]
pub fn check(max_wasm_stack_bytes: usize) -> Result<()> {
    let needed = max_wasm_stack_bytes + GUARD_BYTES + HOST_RESERVE_BYTES;
    let left = remaining();
    if left >= needed {
        return Ok(());
    }
    Err(too_small(needed, left))
}

/// For a call into a guest from inside a host function: the outer call's limit still holds for the guest itself.
pub fn check_nested() -> Result<()> {
    let needed = GUARD_BYTES + HOST_RESERVE_BYTES / 2;
    let left = remaining();
    if left >= needed {
        return Ok(());
    }
    Err(too_small(needed, left))
}

#[cold]
fn too_small(needed: usize, left: usize) -> Error {
    Error::limit(
        Limit::ThreadStack,
        needed as u64,
        left as u64,
        format!(
            "a call into a guest needs {needed} bytes of this thread's stack, {left} are left: call from less deep, \
             give the thread a larger stack (-Xss or Thread's stackSize), or lower maxWasmStackBytes"
        ),
    )
}

#[inline]
fn remaining() -> usize {
    let mut low = LOW_END.get();
    if low == 0 {
        low = ends().0;
        LOW_END.set(low);
    }
    here().saturating_sub(low)
}

/// An address on the calling thread's stack: no other thread that lives has it on its own.
#[inline]
pub fn here() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(&marker).addr()
}

/// Whether the address is on the calling thread's stack.
#[cold]
pub fn is_on_this_thread(address: usize) -> bool {
    let (low, high) = ends();
    (low..high).contains(&address)
}

/// The lowest address of the calling thread's stack and the one behind its highest; the highest possible one for both when
/// they cannot be told, which refuses.
#[cfg(target_os = "linux")]
#[cold]
fn ends() -> (usize, usize) {
    let mut low = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are initialised by pthread_getattr_np before they are read, and destroyed only then.
    unsafe {
        let mut attributes = std::mem::zeroed::<libc::pthread_attr_t>();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return (usize::MAX, usize::MAX);
        }
        let status = libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        if status != 0 {
            return (usize::MAX, usize::MAX);
        }
    }
    (low.addr(), low.addr().saturating_add(size))
}

#[cfg(target_os = "macos")]
#[cold]
fn ends() -> (usize, usize) {
    // SAFETY: both only read what the system keeps of the calling thread.
    let (high, size) = unsafe {
        let thread = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(thread).addr(), libc::pthread_get_stacksize_np(thread))
    };
    (high.saturating_sub(size), high)
}

#[cfg(windows)]
#[cold]
fn ends() -> (usize, usize) {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentThreadStackLimits(low: *mut usize, high: *mut usize);
    }
    let (mut low, mut high) = (0, 0);
    // SAFETY: the function writes two words, to the two variables given.
    unsafe { GetCurrentThreadStackLimits(&mut low, &mut high) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_of_the_thread_whose_stack_it_is_on() {
        let here = here();
        assert!(is_on_this_thread(here));
        assert!(!is_on_this_thread(0));
        assert!(!std::thread::spawn(move || is_on_this_thread(here)).join().unwrap());
    }

    #[test]
    fn small_thread_is_refused_and_large_one_is_not() {
        let run = |bytes: usize| {
            std::thread::Builder::new().stack_size(bytes).spawn(|| check(256 << 10).is_ok()).unwrap().join().unwrap()
        };
        assert!(run(1 << 20));
        // glibc hands a new thread the stack of a finished one when that is at most four times as large as asked for.
        assert!(!run(64 << 10));
    }
}
