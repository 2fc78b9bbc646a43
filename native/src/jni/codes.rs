//! Numbers that both sides must agree on. `LibraryNative.codes()` lists them, and a Java test compares.

use crate::abi::wescale::PROPERTIES;
use crate::engine::error::{Error, Limit, TrapKind};
use crate::engine::settings::{ENGINE_SETTINGS, STORE_LIMITS, WESCALE_LIMITS};
use crate::engine::shared::SHARED_LIMITS;
use crate::engine::store::{KIND_FUNC, KIND_GLOBAL, KIND_MEMORY, KIND_TABLE};

/// The shape of the boundary: the Java side refuses a library of another version.
pub const CONTRACT_VERSION: i32 = 2;

const COMPILATION: i32 = 1;
const LINK: i32 = 2;
const TRAP: i32 = 3;
const LIMIT: i32 = 4;
const EXIT: i32 = 5;
const ILLEGAL_STATE: i32 = 6;
const ILLEGAL_ARGUMENT: i32 = 7;
const OUT_OF_BOUNDS: i32 = 8;
const INTERNAL: i32 = 9;

/// What `Raise.raise` is called with: kind, message, two numbers, details.
pub fn describe(error: Error) -> (i32, String, i64, i64, Vec<String>) {
    match error {
        Error::Compilation(message) => (COMPILATION, message, 0, 0, vec![]),
        Error::Link(message) => (LINK, message, 0, 0, vec![]),
        Error::Trap { kind, message, frames } => {
            let frames = frames.iter().map(|f| format!("{}\t{}", f.function, f.module_offset)).collect();
            (TRAP, message, i64::from(kind as i32), 0, frames)
        }
        Error::Limit { limit, requested, allowed, message } => {
            (LIMIT, message, requested, allowed, vec![limit.java_name().to_owned()])
        }
        Error::Exit(code) => (EXIT, format!("the guest ended itself by proc_exit({code})"), i64::from(code), 0, vec![]),
        Error::IllegalState(message) => (ILLEGAL_STATE, message, 0, 0, vec![]),
        Error::IllegalArgument(message) => (ILLEGAL_ARGUMENT, message, 0, 0, vec![]),
        Error::OutOfBounds(message) => (OUT_OF_BOUNDS, message, 0, 0, vec![]),
        Error::Internal(message) => (INTERNAL, message, 0, 0, vec![]),
        // Not reached: with the host function's exception pending nothing is raised.
        Error::HostThrew => (INTERNAL, "a host function threw, but nothing is pending".into(), 0, 0, vec![]),
    }
}

/// Every code as `group.NAME=value`.
pub fn all() -> Vec<String> {
    let mut codes = Vec::new();
    let mut add = |group: &str, name: &str, value: i64| codes.push(format!("{group}.{name}={value}"));
    for (name, value) in [
        ("COMPILATION", COMPILATION),
        ("LINK", LINK),
        ("TRAP", TRAP),
        ("LIMIT", LIMIT),
        ("EXIT", EXIT),
        ("ILLEGAL_STATE", ILLEGAL_STATE),
        ("ILLEGAL_ARGUMENT", ILLEGAL_ARGUMENT),
        ("OUT_OF_BOUNDS", OUT_OF_BOUNDS),
        ("INTERNAL", INTERNAL),
    ] {
        add("error", name, i64::from(value));
    }
    for kind in TrapKind::ALL {
        add("trap", kind.java_name(), i64::from(*kind as i32));
    }
    for limit in Limit::ALL {
        add("limit", limit.java_name(), i64::from(*limit as i32));
    }
    for (name, value) in [("FUNC", KIND_FUNC), ("MEMORY", KIND_MEMORY), ("GLOBAL", KIND_GLOBAL), ("TABLE", KIND_TABLE)]
    {
        add("extern", name, value);
    }
    for (i, name) in ENGINE_SETTINGS.iter().enumerate() {
        add("engine", name, i as i64);
    }
    for (i, name) in STORE_LIMITS.iter().chain(&WESCALE_LIMITS).enumerate() {
        add("store", name, i as i64);
    }
    for (i, name) in SHARED_LIMITS.iter().enumerate() {
        add("shared", name, i as i64);
    }
    for (i, name) in PROPERTIES.iter().enumerate() {
        add("property", name, i as i64);
    }
    for (name, value) in super::block::FIELDS {
        add("block", name, *value as i64);
    }
    for (name, value) in super::wescale::FLAGS {
        add("wescale", name, i64::from(*value));
    }
    codes
}
