//! Addresses that a guest passes: checked access to its memory, and none without a check.

use std::ops::Range;

use wasmtime::{Caller, Extern, Memory};

use super::AbiHost;

/// The calling instance's memory, if it exports one of that name.
#[inline]
pub fn memory<T: AbiHost>(caller: &mut Caller<'_, T>) -> Option<Memory> {
    match caller.data().memory() {
        Some(memory) => Some(memory),
        None => caller.get_export("memory").and_then(Extern::into_memory),
    }
}

/// The indices of `len` bytes at `ptr`; whether they lie in the memory, `get` says.
#[inline]
pub fn range(ptr: u32, len: u32) -> Option<Range<usize>> {
    let start = usize::try_from(ptr).ok()?;
    Some(start..start.checked_add(usize::try_from(len).ok()?)?)
}

#[inline]
pub fn bytes(memory: &[u8], ptr: u32, len: u32) -> Option<&[u8]> {
    memory.get(range(ptr, len)?)
}

#[inline]
pub fn bytes_mut(memory: &mut [u8], ptr: u32, len: u32) -> Option<&mut [u8]> {
    memory.get_mut(range(ptr, len)?)
}

#[inline]
pub fn array<const N: usize>(memory: &[u8], ptr: u32) -> Option<[u8; N]> {
    bytes(memory, ptr, u32::try_from(N).ok()?)?.try_into().ok()
}

#[inline]
pub fn read_u32(memory: &[u8], ptr: u32) -> Option<u32> {
    array(memory, ptr).map(u32::from_le_bytes)
}

#[inline]
pub fn write(memory: &mut [u8], ptr: u32, value: &[u8]) -> Option<()> {
    bytes_mut(memory, ptr, u32::try_from(value.len()).ok()?)?.copy_from_slice(value);
    Some(())
}

#[inline]
pub fn write_u32(memory: &mut [u8], ptr: u32, value: u32) -> Option<()> {
    write(memory, ptr, &value.to_le_bytes())
}

#[inline]
pub fn write_u64(memory: &mut [u8], ptr: u32, value: u64) -> Option<()> {
    write(memory, ptr, &value.to_le_bytes())
}

/// The address of item `index` of a list, if there can be one.
#[inline]
pub fn item(list: u32, index: u32, size: u32) -> Option<u32> {
    list.checked_add(index.checked_mul(size)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_memory_is_read_or_written() {
        let mut memory = [7u8; 16];
        assert_eq!(bytes(&memory, 12, 4), Some(&[7u8; 4][..]));
        assert_eq!(bytes(&memory, 16, 0), Some(&[][..]));
        for (ptr, len) in [(12, 5), (16, 1), (17, 0), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX), (0, 1 << 31)]
        {
            assert_eq!(bytes(&memory, ptr, len), None, "{ptr} {len}");
            assert_eq!(bytes_mut(&mut memory, ptr, len), None, "{ptr} {len}");
        }
        for ptr in [13, 16, u32::MAX - 3, u32::MAX] {
            assert_eq!(read_u32(&memory, ptr), None);
            assert_eq!(write_u32(&mut memory, ptr, 0), None);
        }
        assert_eq!(write_u64(&mut memory, 9, 0), None);
        assert_eq!(memory, [7u8; 16]);
        write_u32(&mut memory, 1, 0x0403_0201).unwrap();
        assert_eq!(memory[..6], [7, 1, 2, 3, 4, 7]);
        assert_eq!(read_u32(&memory, 1), Some(0x0403_0201));
    }

    #[test]
    fn items_of_a_list_do_not_wrap() {
        assert_eq!(item(8, 3, 48), Some(152));
        assert_eq!(item(8, u32::MAX, 48), None);
        assert_eq!(item(u32::MAX, 1, 48), None);
    }
}
