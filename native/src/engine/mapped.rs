//! Memory for code that is loaded from a file: filled and checked by us, then run from where it lies.
//!
//! Wasmtime would copy the code into memory of its own, page fault by page fault, which takes longer than reading and
//! checking it. What lies in a `Region` it uses as it is. It tells by `CodeMemory` when it has let go of a region, and
//! that is when the region goes.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use mapping::{Region, code_memory};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod mapping {
    use std::collections::BTreeMap;
    use std::io::{Error, Result};
    use std::ptr::NonNull;
    use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

    use libc::{c_int, c_void};

    const PAGE_BYTES: usize = 4096;
    /// Memory in pieces of this size costs one page fault where it would cost 512, and is found faster when it runs.
    const HUGE_PAGE_BYTES: usize = 2 << 20;
    /// What is given away for a last huge page that is not full.
    const MAX_SLACK_BYTES: usize = HUGE_PAGE_BYTES / 2;

    /// Writable memory of our own, aligned to a page.
    pub struct Region {
        base: NonNull<c_void>,
        mapped: usize,
        length: usize,
    }

    // SAFETY: a region is the only owner of its memory, which no thread is tied to.
    unsafe impl Send for Region {}

    impl Region {
        pub fn new(length: usize) -> Result<Region> {
            let huge = length >= HUGE_PAGE_BYTES;
            let step = if huge && length.next_multiple_of(HUGE_PAGE_BYTES) - length <= MAX_SLACK_BYTES {
                HUGE_PAGE_BYTES
            } else {
                PAGE_BYTES
            };
            let mapped = length.max(1).checked_next_multiple_of(step).ok_or(Error::other("it is too large"))?;
            let mut region = if huge { Region::map_aligned(mapped)? } else { Region::map(mapped)? };
            if huge {
                // A hint: where there are no huge pages there are small ones.
                // SAFETY: the range is the region's own.
                unsafe { libc::madvise(region.base.as_ptr(), mapped, libc::MADV_HUGEPAGE) };
            }
            region.length = length;
            Ok(region)
        }

        fn map(mapped: usize) -> Result<Region> {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            // SAFETY: a new mapping at a place that the system chooses touches nobody's memory.
            let base =
                unsafe { libc::mmap(std::ptr::null_mut(), mapped, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
            match NonNull::new(base).filter(|base| base.as_ptr() != libc::MAP_FAILED) {
                Some(base) => Ok(Region { base, mapped, length: mapped }),
                None => Err(Error::last_os_error()),
            }
        }

        /// At a place where huge pages fit: cut out of a mapping that is larger by one.
        fn map_aligned(mapped: usize) -> Result<Region> {
            let wide = Region::map(mapped.checked_add(HUGE_PAGE_BYTES).ok_or(Error::other("it is too large"))?)?;
            let before = wide.base.as_ptr().align_offset(HUGE_PAGE_BYTES);
            let (first, rest) = wide.split(before);
            drop(first);
            let (middle, last) = rest.split(mapped);
            drop(last);
            Ok(middle)
        }

        /// Two regions that lie one behind the other; `at` is a multiple of a page and not beyond the end.
        fn split(self, at: usize) -> (Region, Region) {
            let whole = std::mem::ManuallyDrop::new(self);
            let at = at.min(whole.mapped);
            // SAFETY: at most the mapping's length: at most one behind its end.
            let second = unsafe { whole.base.byte_add(at) };
            (
                Region { base: whole.base, mapped: at, length: at },
                Region { base: second, mapped: whole.mapped - at, length: whole.mapped - at },
            )
        }

        pub fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY: `length` bytes from `base` on are mapped, readable and writable, and nobody else has them.
            unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr().cast(), self.length) }
        }

        fn protect(&self, protection: c_int) -> Result<()> {
            // SAFETY: the range is the region's own, and nothing borrows it while `&self` is all there is.
            match unsafe { libc::mprotect(self.base.as_ptr(), self.mapped, protection) } {
                0 => Ok(()),
                _ => Err(Error::last_os_error()),
            }
        }
    }

    impl Drop for Region {
        fn drop(&mut self) {
            if self.mapped > 0 {
                // SAFETY: the range is the region's own, and whoever borrowed it borrowed the region.
                unsafe { libc::munmap(self.base.as_ptr(), self.mapped) };
            }
        }
    }

    /// The regions that wasmtime runs code from, by address.
    #[derive(Default)]
    pub struct CodeMemory {
        regions: Mutex<Regions>,
    }

    #[derive(Default)]
    struct Regions {
        by_address: BTreeMap<usize, (u64, Region)>,
        next: u64,
    }

    /// What every engine of this process asks.
    pub fn code_memory() -> Arc<CodeMemory> {
        static MEMORY: OnceLock<Arc<CodeMemory>> = OnceLock::new();
        MEMORY.get_or_init(Arc::default).clone()
    }

    impl CodeMemory {
        /// Makes the region unchangeable and lets `load` use its bytes. It goes when the code that was loaded from it goes,
        /// or at once if nothing was loaded.
        pub fn load<T>(
            &self,
            region: Region,
            load: impl FnOnce(NonNull<[u8]>) -> wasmtime::Result<T>,
        ) -> wasmtime::Result<T> {
            region.protect(libc::PROT_READ)?;
            let bytes = NonNull::slice_from_raw_parts(region.base.cast(), region.length);
            let address = region.base.addr().get();
            let number = {
                let mut regions = self.regions();
                regions.next += 1;
                let number = regions.next;
                regions.by_address.insert(address, (number, region));
                number
            };
            let loaded = load(bytes);
            if loaded.is_err() {
                let mut regions = self.regions();
                // Wasmtime may have let go of it, and another region may have got its address since.
                if regions.by_address.get(&address).is_some_and(|(found, _)| *found == number) {
                    regions.by_address.remove(&address);
                }
            }
            loaded
        }

        fn regions(&self) -> MutexGuard<'_, Regions> {
            self.regions.lock().unwrap_or_else(PoisonError::into_inner)
        }

        #[cfg(test)]
        pub fn len(&self) -> usize {
            self.regions().by_address.len()
        }
    }

    impl wasmtime::CustomCodeMemory for CodeMemory {
        fn required_alignment(&self) -> usize {
            PAGE_BYTES
        }

        fn publish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
            // SAFETY: wasmtime hands over pages that hold a module's code and nothing else, from which nothing runs yet. It
            // has written them; on this processor no cache has to be told.
            match unsafe { libc::mprotect(code.cast_mut().cast(), length, libc::PROT_READ | libc::PROT_EXEC) } {
                0 => Ok(()),
                _ => Err(Error::last_os_error().into()),
            }
        }

        /// Called when a module's code goes, by whoever had it last. Memory of wasmtime's own it unmaps itself.
        fn unpublish_executable(&self, code: *const u8, _length: usize) -> wasmtime::Result<()> {
            let mut regions = self.regions();
            let of_whom = regions.by_address.range(..=code.addr()).next_back();
            if let Some((&address, (_, region))) = of_whom
                && code.addr() - address < region.mapped
            {
                regions.by_address.remove(&address);
            }
            Ok(())
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn regions_are_aligned_and_whole() {
            for length in [0, 1, PAGE_BYTES, HUGE_PAGE_BYTES - 1, HUGE_PAGE_BYTES, 3 * HUGE_PAGE_BYTES + 1, 7 << 20] {
                let mut region = Region::new(length).unwrap();
                let step = if length >= HUGE_PAGE_BYTES { HUGE_PAGE_BYTES } else { PAGE_BYTES };
                assert_eq!(region.base.addr().get() % step, 0, "{length}");
                assert!(region.mapped >= length && region.mapped - length <= MAX_SLACK_BYTES, "{length}");
                region.bytes_mut().fill(7);
                assert_eq!(region.bytes_mut().len(), length);
            }
        }

        #[test]
        fn region_goes_with_its_code_or_at_once() {
            let memory = Arc::new(CodeMemory::default());
            let engine = wasmtime::Engine::new(
                wasmtime::Config::new().with_custom_code_memory(Some(memory.clone())).native_unwind_info(false),
            )
            .unwrap();
            let wasm = wat::parse_str("(module (func (export \"f\") (result i32) (i32.const 42)))").unwrap();
            let code = wasmtime::Module::new(&engine, &wasm).unwrap().serialize().unwrap();
            let load = |code: &[u8]| {
                let mut region = Region::new(code.len()).unwrap();
                region.bytes_mut().copy_from_slice(code);
                memory.load(region, |bytes| crate::engine::raw::use_code(&engine, bytes))
            };
            let first = load(&code).unwrap();
            let second = load(&code).unwrap();
            assert_eq!(memory.len(), 2);
            let mut store = wasmtime::Store::new(&engine, ());
            let instance = wasmtime::Instance::new(&mut store, &first, &[]).unwrap();
            drop((first, second));
            assert_eq!(memory.len(), 1, "the store still runs the first");
            let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
            assert_eq!(f.call(&mut store, ()).unwrap(), 42);
            drop(store);
            assert_eq!(memory.len(), 0);

            assert!(load(&code[..code.len() / 2]).is_err());
            assert!(load(&[]).is_err());
            assert_eq!(memory.len(), 0);
        }
    }
}

/// Where wasmtime keeps code in memory of its own.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub struct Region(Vec<u8>);

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
impl Region {
    pub fn new(length: usize) -> std::io::Result<Region> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).map_err(std::io::Error::other)?;
        bytes.resize(length, 0);
        Ok(Region(bytes))
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
