//! Randomness of the operating system.

use wasmtime::{Caller, Linker};

use super::{MODULE, answer, errno, with_memory};
use crate::abi::{AbiHost, charge, guest};

/// Fuel for the system call; each byte costs one more.
const RANDOM_UNITS: u64 = 500;

/// Bytes made before the deadline is looked at again: some 0.2 ms.
const CHUNK: usize = 64 * 1024;

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "random_get", random_get::<T>)?;
    Ok(())
}

/// Fuel and deadline bound the length, and the memory that it has to fit.
fn random_get<T: AbiHost>(mut caller: Caller<'_, T>, ptr: u32, len: u32) -> wasmtime::Result<i32> {
    let Some(memory) = guest::memory(&mut caller) else {
        return answer(&mut caller, errno::FAULT);
    };
    if guest::bytes(memory.data(&caller), ptr, len).is_none() {
        return answer(&mut caller, errno::FAULT);
    }
    charge(&mut caller, RANDOM_UNITS + u64::from(len))?;
    let mut late = false;
    let status = with_memory(&mut caller, |memory, host| {
        let target = guest::bytes_mut(memory, ptr, len)?;
        let long = target.len() > CHUNK;
        if long {
            host.start_clock();
        }
        for chunk in target.chunks_mut(CHUNK) {
            if long && host.time_left().is_some_and(|left| left.is_zero()) {
                late = true;
                break;
            }
            if fill(chunk).is_err() {
                return Some(errno::IO);
            }
        }
        Some(errno::SUCCESS)
    });
    if late { Err(super::DeadlinePassed.into()) } else { Ok(status) }
}

/// Fills `target` with random bytes of the operating system.
#[cfg(target_os = "linux")]
pub fn fill(target: &mut [u8]) -> std::io::Result<()> {
    let mut rest = target;
    while !rest.is_empty() {
        // SAFETY: `rest` is writable for its length, and that is what the system call is told.
        let filled = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(filled) {
            Ok(filled) => rest = rest.get_mut(filled..).unwrap_or_default(),
            Err(_) => {
                let error = std::io::Error::last_os_error();
                if error.kind() != std::io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

/// Fills `target` with random bytes of the operating system.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn fill(target: &mut [u8]) -> std::io::Result<()> {
    use std::io::Read;
    use std::sync::OnceLock;
    static SOURCE: OnceLock<std::fs::File> = OnceLock::new();
    let mut source = match SOURCE.get() {
        Some(source) => source,
        None => {
            let opened = std::fs::File::open("/dev/urandom")?;
            SOURCE.get_or_init(|| opened)
        }
    };
    source.read_exact(target)
}

/// Fills `target` with random bytes of the operating system.
#[cfg(windows)]
pub fn fill(target: &mut [u8]) -> std::io::Result<()> {
    #[link(name = "bcryptprimitives", kind = "raw-dylib")]
    unsafe extern "system" {
        fn ProcessPrng(data: *mut u8, len: usize) -> i32;
    }
    // SAFETY: `target` is writable for its length, and that is what the function is told.
    match unsafe { ProcessPrng(target.as_mut_ptr(), target.len()) } {
        0 => Err(std::io::Error::other("ProcessPrng failed")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_all_of_it_and_differently() {
        let (mut one, mut two) = ([0u8; 4096], [0u8; 4096]);
        fill(&mut one).unwrap();
        fill(&mut two).unwrap();
        assert_ne!(one, two);
        assert!(one.chunks(64).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
        fill(&mut []).unwrap();
    }
}
