//! The current dialect, SDK v0.2.0 and later: what its modules export.

use wasmtime::{ExternType, FuncType, Module, ValType};

use crate::engine::types;

/// Runs before the query; `(i64) -> ()`.
pub const BEFORE: &str = "RunBeforeExecutionOnGuest";
/// Runs after the query; `(i64) -> ()`.
pub const AFTER: &str = "RunAfterExecutionOnGuest";
/// Allocates what the host gives to the guest, who frees it; `(i32) -> i32`.
pub const ALLOCATOR: &str = "malloc";
/// The memory that all addresses mean.
pub const MEMORY: &str = "memory";

/// Exports that run once after instantiation, the one that there is; `() -> ()`.
const START: [&str; 2] = ["_initialize", "_start"];

/// The exports that a module must have, and their types.
const REQUIRED: [(&str, &str); 3] =
    [(BEFORE, "func (i64) -> ()"), (AFTER, "func (i64) -> ()"), (ALLOCATOR, "func (i32) -> i32")];

/// Whether the module exports what this dialect needs; the error names what was expected and what was found.
pub fn check(module: &Module) -> Result<(), String> {
    let mut problems = Vec::new();
    for (name, expected) in REQUIRED {
        check_type(module, name, expected, true, &mut problems);
    }
    match module.get_export(MEMORY) {
        Some(ExternType::Memory(_)) => {}
        other => problems.push(problem(MEMORY, "memory", other.as_ref())),
    }
    for name in START {
        check_type(module, name, "func () -> ()", false, &mut problems);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

/// The export to call once after instantiation, if there is one.
pub fn start_export(module: &Module) -> Option<&'static str> {
    START.into_iter().find(|name| module.get_export(name).is_some())
}

fn check_type(module: &Module, name: &str, expected: &str, required: bool, problems: &mut Vec<String>) {
    match module.get_export(name) {
        Some(found) if types::external(&found) == expected => {}
        None if !required => {}
        other => problems.push(problem(name, expected, other.as_ref())),
    }
}

fn problem(name: &str, expected: &str, found: Option<&ExternType>) -> String {
    let Some(found) = found else {
        return format!("missing export {name}: expected {expected}, found none");
    };
    let hint = match (name, found) {
        (BEFORE, ExternType::Func(ty)) if is_older_before(ty) => {
            ": this is the entry point of SDK v0.1, rebuild the plugin with SDK v0.2.0 or later"
        }
        _ => "",
    };
    format!("export {name}: expected {expected}, found {}{hint}", types::external(found))
}

fn is_older_before(ty: &FuncType) -> bool {
    ty.params().len() == 2 && ty.params().all(|param| matches!(param, ValType::I64))
}
