//! Rejects an UPDATE or DELETE that has no WHERE, with the whole SQL parser of the crate `sqlparser`: a plugin of real size.

use sqlparser::ast::Statement;
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use std::alloc::{alloc, dealloc, Layout};

#[link(wasm_import_module = "env")]
extern "C" {
    fn GetQueryOnHost(ctx: u64, value: *mut *mut u8, length: *mut usize) -> u32;
    fn SetErrorMessageOnHost(ctx: u64, text: *const u8, length: usize) -> u32;
}

const OK: u32 = 0;
/// Before each block stands its length, which `free` needs.
const HEADER: usize = 8;

fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.checked_add(HEADER)?, HEADER).ok()
}

#[no_mangle]
pub extern "C" fn malloc(length: usize) -> *mut u8 {
    let layout = match layout(length) {
        Some(layout) => layout,
        None => return std::ptr::null_mut(),
    };
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            return block;
        }
        *block.cast::<usize>() = length;
        block.add(HEADER)
    }
}

/// # Safety
/// `pointer` is null or came from `malloc` and was not freed since.
#[no_mangle]
pub unsafe extern "C" fn free(pointer: *mut u8) {
    if pointer.is_null() {
        return;
    }
    let block = pointer.sub(HEADER);
    if let Some(layout) = layout(*block.cast::<usize>()) {
        dealloc(block, layout);
    }
}

fn set_error_message(ctx: u64, text: &str) {
    unsafe { SetErrorMessageOnHost(ctx, text.as_ptr(), text.len()) };
}

fn has_no_where(statement: &Statement) -> bool {
    match statement {
        Statement::Update { selection, .. } | Statement::Delete { selection, .. } => selection.is_none(),
        _ => false,
    }
}

fn check(text: &str) -> Result<(), String> {
    let statements = Parser::parse_sql(&MySqlDialect {}, text).map_err(|e| e.to_string())?;
    match statements.iter().any(has_no_where) {
        true => Err("no where clause".to_string()),
        false => Ok(()),
    }
}

#[no_mangle]
pub extern "C" fn RunBeforeExecutionOnGuest(ctx: u64) {
    let mut value = std::ptr::null_mut();
    let mut length = 0;
    if unsafe { GetQueryOnHost(ctx, &mut value, &mut length) } != OK {
        return; // an empty query
    }
    let text = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(value, length) }).into_owned();
    unsafe { free(value) };
    if let Err(message) = check(&text) {
        set_error_message(ctx, &message);
    }
}

#[no_mangle]
pub extern "C" fn RunAfterExecutionOnGuest(_ctx: u64) {}
