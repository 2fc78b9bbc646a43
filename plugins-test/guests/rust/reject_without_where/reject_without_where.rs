//! Rejects an UPDATE or DELETE statement that has no WHERE of its own: the rule of `c/reject_without_where`, on Rust's standard library.

use std::alloc::{alloc, dealloc, Layout};

#[link(wasm_import_module = "env")]
extern "C" {
    fn GetQueryOnHost(ctx: u64, value: *mut *mut u8, length: *mut usize) -> u32;
    fn SetErrorMessageOnHost(ctx: u64, text: *const u8, length: usize) -> u32;
}

const OK: u32 = 0;
const BAD_ARGUMENT: u32 = 2;
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

/// The query, or the status of the call that did not give one.
fn query(ctx: u64) -> Result<Vec<u8>, u32> {
    let mut value = std::ptr::null_mut();
    let mut length = 0;
    let status = unsafe { GetQueryOnHost(ctx, &mut value, &mut length) };
    if status != OK {
        return Err(status);
    }
    let bytes = unsafe { std::slice::from_raw_parts(value, length) }.to_vec();
    unsafe { free(value) };
    Ok(bytes)
}

fn set_error_message(ctx: u64, text: &str) {
    unsafe { SetErrorMessageOnHost(ctx, text.as_ptr(), text.len()) };
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The rest after a quoted text, whose opening quote has been taken.
fn after_quote(text: &[u8], quote: u8) -> &[u8] {
    let mut at = 0;
    while at < text.len() {
        if text[at] == quote {
            return &text[at + 1..];
        }
        at += if text[at] == b'\\' && quote != b'`' { 2 } else { 1 };
    }
    &[]
}

fn after_comment(text: &[u8]) -> &[u8] {
    text.windows(2).position(|pair| pair == b"*/").map_or(&[], |at| &text[at + 2..])
}

fn after_line(text: &[u8]) -> &[u8] {
    text.iter().position(|&byte| byte == b'\n').map_or(&[], |at| &text[at..])
}

fn changes_every_row(mut text: &[u8]) -> bool {
    let (mut first, mut change, mut filtered, mut depth) = (true, false, false, 0i32);
    while let Some((&byte, rest)) = text.split_first() {
        text = match byte {
            b'\'' | b'"' | b'`' => after_quote(rest, byte),
            b'/' if rest.starts_with(b"*") => after_comment(&rest[1..]),
            b'#' => after_line(rest),
            b'-' if rest.starts_with(b"-") && rest.get(1).map_or(true, |&next| next <= b' ') => after_line(rest),
            b'(' => {
                depth += 1;
                rest
            }
            b')' => {
                depth -= 1;
                rest
            }
            b';' => {
                if change && !filtered {
                    return true;
                }
                (first, change, filtered, depth) = (true, false, false, 0);
                rest
            }
            _ if is_word(byte) || byte == b'@' || byte == b'.' => {
                let end = rest.iter().position(|&next| !is_word(next)).unwrap_or(rest.len());
                let word = &text[..end + 1];
                if first {
                    first = false;
                    change = word.eq_ignore_ascii_case(b"update") || word.eq_ignore_ascii_case(b"delete");
                } else if depth == 0 && word.eq_ignore_ascii_case(b"where") {
                    filtered = true;
                }
                &rest[end..]
            }
            _ => rest,
        };
    }
    change && !filtered
}

#[no_mangle]
pub extern "C" fn RunBeforeExecutionOnGuest(ctx: u64) {
    match query(ctx) {
        Ok(text) if changes_every_row(&text) => set_error_message(ctx, "no where clause"),
        Ok(_) | Err(BAD_ARGUMENT) => {}
        Err(_) => set_error_message(ctx, "cannot read the query"),
    }
}

#[no_mangle]
pub extern "C" fn RunAfterExecutionOnGuest(_ctx: u64) {}
