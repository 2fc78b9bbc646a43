//! Memory that Java and native code both see: a direct buffer, kept alive by a global reference.
//!
//! Java owns it and may write to it at any time, so it is never seen as a slice: words are read once and then checked, and
//! bytes are copied. What is read is as little trusted as anything from outside.

use super::funnel::{Env, GlobalRef, Object};
use crate::abi::foreign::ForeignBytes;
use crate::engine::error::{Error, Result};

/// The exchange block's fields, as offsets.
pub mod field {
    pub const FUEL_USED: usize = 0;
    pub const MEMORY_BYTES: usize = 8;
    pub const OUTCOME: usize = 16;
    pub const QUERY_LENGTH: usize = 20;
    pub const ERROR_LENGTH: usize = 24;
    pub const RESULT_LENGTH: usize = 28;
    pub const QUERY_OFFSET: usize = 32;
    pub const ERROR_OFFSET: usize = 36;
    pub const RESULT_OFFSET: usize = 40;
    pub const LOG_OFFSET: usize = 44;
    pub const LOG_LENGTH: usize = 48;
    pub const LOG_DROPPED: usize = 52;
    pub const NEEDED_BYTES: usize = 56;
    pub const LIVE: usize = 60;
    pub const PROPERTIES_OFFSET: usize = 64;
    pub const PROPERTIES_LENGTH: usize = 68;
    pub const ERROR_CODE: usize = 72;
    /// Five characters.
    pub const SQL_STATE: usize = 76;
    pub const DATA: usize = 128;
}

pub const FIELDS: &[(&str, usize)] = &[
    ("FUEL_USED", field::FUEL_USED),
    ("MEMORY_BYTES", field::MEMORY_BYTES),
    ("OUTCOME", field::OUTCOME),
    ("QUERY_LENGTH", field::QUERY_LENGTH),
    ("ERROR_LENGTH", field::ERROR_LENGTH),
    ("RESULT_LENGTH", field::RESULT_LENGTH),
    ("QUERY_OFFSET", field::QUERY_OFFSET),
    ("ERROR_OFFSET", field::ERROR_OFFSET),
    ("RESULT_OFFSET", field::RESULT_OFFSET),
    ("LOG_OFFSET", field::LOG_OFFSET),
    ("LOG_LENGTH", field::LOG_LENGTH),
    ("LOG_DROPPED", field::LOG_DROPPED),
    ("NEEDED_BYTES", field::NEEDED_BYTES),
    ("LIVE", field::LIVE),
    ("PROPERTIES_OFFSET", field::PROPERTIES_OFFSET),
    ("PROPERTIES_LENGTH", field::PROPERTIES_LENGTH),
    ("ERROR_CODE", field::ERROR_CODE),
    ("SQL_STATE", field::SQL_STATE),
    ("DATA", field::DATA),
];

/// A store's status buffer, as offsets.
pub mod status {
    pub const FUEL_USED: usize = 0;
    pub const LOG_BYTES: usize = 8;
    pub const LENGTH: usize = 64;
}

pub struct Block {
    start: *mut u8,
    length: usize,
    _alive: GlobalRef,
}

// SAFETY: the memory belongs to a Java object that the global reference keeps alive; no thread owns it.
unsafe impl Send for Block {}

impl Block {
    pub fn new(env: &Env, buffer: Object, at_least: usize) -> Result<Block> {
        let (start, length) = env.direct_buffer("buffer", buffer)?;
        if length < at_least || !start.addr().is_multiple_of(8) {
            return Err(Error::IllegalArgument(format!(
                "buffer: expected at least {at_least} bytes, aligned to 8, found {length} bytes"
            )));
        }
        Ok(Block { start, length, _alive: env.global("buffer", buffer)? })
    }

    #[inline]
    pub fn get_i32(&self, offset: usize) -> i32 {
        assert!(offset <= self.length - 4);
        // SAFETY: inside the buffer, which is alive; fields are aligned, as its start is.
        unsafe { self.start.add(offset).cast::<i32>().read_volatile() }
    }

    #[inline]
    pub fn put_i32(&self, offset: usize, value: i32) {
        assert!(offset <= self.length - 4);
        // SAFETY: inside the buffer, which is alive; fields are aligned, as its start is.
        unsafe { self.start.add(offset).cast::<i32>().write_volatile(value) };
    }

    #[inline]
    pub fn put_i64(&self, offset: usize, value: i64) {
        assert!(offset <= self.length - 8);
        // SAFETY: inside the buffer, which is alive; fields are aligned, as its start is.
        unsafe { self.start.add(offset).cast::<i64>().write_volatile(value) };
    }

    /// `length` bytes from `offset` on, if they lie inside the data.
    #[inline]
    pub fn input(&self, what: &str, offset: i32, length: i32) -> Result<ForeignBytes> {
        let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        match range {
            Some((offset, length))
                if offset >= field::DATA && offset.checked_add(length).is_some_and(|end| end <= self.length) =>
            {
                // SAFETY: the range lies inside the buffer, which lives at least as long as the slot that owns this
                // block, and inputs are forgotten when a call ends.
                Ok(unsafe { ForeignBytes::new(self.start.add(offset), length) })
            }
            _ => Err(Error::IllegalArgument(format!(
                "{what}: {length} bytes at {offset} do not lie inside the block of {} bytes",
                self.length
            ))),
        }
    }

    /// Copies the bytes in, if there is room.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> bool {
        if offset.checked_add(bytes.len()).is_none_or(|end| end > self.length) {
            return false;
        }
        // SAFETY: the range was just checked, and a Rust slice cannot lie inside the Java buffer.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(offset), bytes.len()) };
        true
    }
}
