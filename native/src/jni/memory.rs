//! `MemoryNative`: a guest's memory from the host, every access checked against its size at that moment.

use super::funnel::{Object, export};
use super::handles;
use super::store::StoreSlot;
use crate::engine::error::{Error, Result};

#[cold]
pub fn range_error(what: &str, offset: i64, length: i64, size: usize) -> Error {
    Error::OutOfBounds(format!("{what}: {length} bytes at offset {offset} do not lie inside its {size} bytes"))
}

fn range(offset: i64, length: i64, size: usize) -> Result<std::ops::Range<usize>> {
    match (usize::try_from(offset), usize::try_from(length)) {
        (Ok(start), Ok(count)) if start.checked_add(count).is_some_and(|end| end <= size) => Ok(start..start + count),
        _ => Err(range_error("memory", offset, length, size)),
    }
}

pub fn slice(data: &[u8], offset: i64, length: i64) -> Result<&[u8]> {
    let range = range(offset, length, data.len())?;
    data.get(range).ok_or_else(|| range_error("memory", offset, length, data.len()))
}

pub fn slice_mut(data: &mut [u8], offset: i64, length: i64) -> Result<&mut [u8]> {
    let size = data.len();
    let range = range(offset, length, size)?;
    data.get_mut(range).ok_or_else(|| range_error("memory", offset, length, size))
}

fn width_of(width: i32) -> Result<usize> {
    match width {
        1 | 2 | 4 | 8 => Ok(width as usize),
        _ => Err(Error::IllegalArgument(format!("width: expected 1, 2, 4 or 8, found {width}"))),
    }
}

/// Little-endian, zero-extended.
pub fn load_from(data: &[u8], offset: i64, width: i32) -> Result<i64> {
    let width = width_of(width)?;
    let mut bytes = [0; 8];
    bytes[..width].copy_from_slice(slice(data, offset, width as i64)?);
    Ok(i64::from_le_bytes(bytes))
}

pub fn put_into(data: &mut [u8], offset: i64, width: i32, value: i64) -> Result<()> {
    let width = width_of(width)?;
    slice_mut(data, offset, width as i64)?.copy_from_slice(&value.to_le_bytes()[..width]);
    Ok(())
}

fn with_data<R>(store: i64, memory: i32, body: impl FnOnce(&mut [u8]) -> Result<R>) -> Result<R> {
    let mut slot = handles::hold::<StoreSlot>(store)?;
    let memory = slot.inner.memory(memory)?;
    body(memory.data_mut(&mut slot.inner.store))
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_byteSize(env, store: i64, memory: i32) -> i64 {
        let _ = env;
        with_data(store, memory, |data| Ok(data.len() as i64))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_grow(env, store: i64, memory: i32, pages: i64) -> i64 {
        let _ = env;
        let pages = u64::try_from(pages)
            .map_err(|_| Error::IllegalArgument(format!("deltaPages: expected 0 or more, found {pages}")))?;
        handles::hold::<StoreSlot>(store)?.inner.grow_memory(memory, pages)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_read(
        env, store: i64, memory: i32, offset: i64, target: Object, target_offset: i32, length: i32
    ) {
        with_data(store, memory, |data| {
            env.write_bytes("dst", target, target_offset, slice(data, offset, i64::from(length))?)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_write(
        env, store: i64, memory: i32, offset: i64, source: Object, source_offset: i32, length: i32
    ) {
        with_data(store, memory, |data| {
            env.read_bytes("src", source, source_offset, slice_mut(data, offset, i64::from(length))?)
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_load(
        env, store: i64, memory: i32, offset: i64, width: i32
    ) -> i64 {
        let _ = env;
        with_data(store, memory, |data| load_from(data, offset, width))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_put(
        env, store: i64, memory: i32, offset: i64, width: i32, value: i64
    ) {
        let _ = env;
        with_data(store, memory, |data| put_into(data, offset, width, value))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_copy(
        env, store: i64, memory: i32, target: i64, source: i64, length: i64
    ) {
        let _ = env;
        with_data(store, memory, |data| {
            let source = range(source, length, data.len())?;
            let target = range(target, length, data.len())?;
            data.copy_within(source, target.start);
            Ok(())
        })
    }
}

export! {
    fn Java_io_sluice_runtime_internal_MemoryNative_fill(
        env, store: i64, memory: i32, offset: i64, value: i32, length: i64
    ) {
        let _ = env;
        with_data(store, memory, |data| {
            slice_mut(data, offset, length)?.fill(value as u8);
            Ok(())
        })
    }
}
