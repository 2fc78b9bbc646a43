//! The functions of the host, and what it calls.

use std::alloc::{alloc, dealloc, Layout};

use crate::{Error, Outcome, Plugin, Query};

/// What a function of the host answers.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u32);

impl Status {
    pub const OK: Status = Status(0);
    pub const NOT_FOUND: Status = Status(1);
    pub const BAD_ARGUMENT: Status = Status(2);
}

#[link(wasm_import_module = "env")]
extern "C" {
    pub fn InfoLogOnHost(text: *const u8, length: usize) -> Status;
    pub fn ErrorLogOnHost(text: *const u8, length: usize) -> Status;
    pub fn GetQueryOnHost(ctx: u64, value: *mut *mut u8, length: *mut usize) -> Status;
    pub fn SetQueryOnHost(ctx: u64, text: *const u8, length: usize) -> Status;
    pub fn GetErrorMessageOnHost(ctx: u64, value: *mut *mut u8, length: *mut usize) -> Status;
    pub fn SetErrorMessageOnHost(ctx: u64, text: *const u8, length: usize) -> Status;
    pub fn GetQueryResultOnHost(ctx: u64, value: *mut *mut u8, length: *mut usize) -> Status;
    pub fn SetQueryResultOnHost(ctx: u64, bytes: *const u8, length: usize) -> Status;
}

/// What the host asks memory of. The length stands before the block, so that it can be freed without being told.
pub fn __malloc(length: usize) -> *mut u8 {
    let layout = match layout(length) {
        Some(layout) => layout,
        None => return std::ptr::null_mut(),
    };
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            return block;
        }
        (block as *mut usize).write(length);
        block.add(HEADER)
    }
}

pub fn __free(address: *mut u8) {
    if !address.is_null() {
        unsafe {
            let block = address.sub(HEADER);
            let length = (block as *const usize).read();
            dealloc(block, Layout::from_size_align_unchecked(length + HEADER, HEADER));
        }
    }
}

const HEADER: usize = 8;

fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.checked_add(HEADER)?, HEADER).ok()
}

/// Has the host give a value and takes it over; `None` if there is none.
pub fn take(asked: &str, get: impl FnOnce(*mut *mut u8, *mut usize) -> Status) -> Result<Option<Vec<u8>>, Error> {
    let mut value = std::ptr::null_mut();
    let mut length = 0;
    match get(&mut value, &mut length) {
        Status::OK => {
            let bytes = unsafe { std::slice::from_raw_parts(value, length) }.to_vec();
            __free(value);
            Ok(Some(bytes))
        }
        Status::NOT_FOUND | Status::BAD_ARGUMENT => Ok(None),
        Status(number) => Err(format!("{}: the host answers status {}", asked, number).into()),
    }
}

pub fn __before(ctx: u64, plugin: &mut impl Plugin) {
    finish(ctx, plugin.before(&Query::new(ctx)));
}

pub fn __after(ctx: u64, plugin: &mut impl Plugin) {
    finish(ctx, plugin.after(&Query::new(ctx)));
}

fn set_error(ctx: u64, message: &str) -> bool {
    unsafe { SetErrorMessageOnHost(ctx, message.as_ptr(), message.len()) == Status::OK }
}

fn finish(ctx: u64, outcome: Outcome) {
    if let Err(error) = outcome {
        match error.coded {
            Some(coded) if coded.set(&error.message) => {}
            _ if !error.message.is_empty() && set_error(ctx, &error.message) => {}
            // If the host takes no error at all the plugin traps: the query must not go on.
            _ => assert!(
                set_error(ctx, "the plugin rejects the query for a reason that is empty or too long"),
                "the host takes no error"
            ),
        }
    }
}
