//! The three dialects that share the name `v1alpha1`: told apart by the types of the entry points and by the imports,
//! never by trying.
//!
//! | dialect | entry points | allocator | shared state by |
//! |---|---|---|---|
//! | C, SDK v0.2 | before `(i64 ctx)`, after `(i64 ctx)` | `malloc` | none of its own |
//! | B, SDK v0.1 | before `(i64 ctx, i64 module)`, after `()` | `proxy_on_memory_allocate` | `SetValueByKeyOnHost`, `LockOnHost` … |
//! | A, the first | as B | as B | `SetModuleValueByKeyOnHost`, `GlobalLockOnHost` … |
//!
//! The functions for shared state are there for plugins of every dialect; only a module that imports both A's and B's is
//! refused, since no SDK makes one.

use wasmtime::{ExternType, Module};

use super::{MODULE, shared, sluice};
use crate::engine::snapshot::{self, AFTER_RESTORE, WARM_UP};
use crate::engine::types;

/// Runs before the query.
pub const BEFORE: &str = "RunBeforeExecutionOnGuest";
/// Runs after the query.
pub const AFTER: &str = "RunAfterExecutionOnGuest";
/// The memory that all addresses mean.
pub const MEMORY: &str = "memory";

const MALLOC: &str = "malloc";
const PROXY_ALLOCATE: &str = "proxy_on_memory_allocate";
const ALLOCATOR_TYPE: &str = "func (i32) -> i32";

/// Exports that run once after instantiation, the one that there is; `() -> ()`.
pub const START: [&str; 2] = ["_initialize", "_start"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    A,
    B,
    #[default]
    C,
}

/// What a module turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub dialect: Dialect,
    /// It imports a lock function, so a call may wait.
    pub uses_locks: bool,
    /// It imports the function that reads a query's properties.
    pub gets_properties: bool,
}

impl Dialect {
    /// Allocates what the host gives to the guest, who frees it; `(i32) -> i32`.
    pub fn allocator(self) -> &'static str {
        match self {
            Dialect::A | Dialect::B => PROXY_ALLOCATE,
            Dialect::C => MALLOC,
        }
    }

    /// Whether the entry points are those of A and B.
    pub fn is_legacy(self) -> bool {
        self != Dialect::C
    }

    fn entry_type(self, name: &str) -> &'static str {
        match (self.is_legacy(), name) {
            (false, _) => "func (i64) -> ()",
            (true, BEFORE) => "func (i64, i64) -> ()",
            (true, _) => "func () -> ()",
        }
    }
}

/// Tells the dialect and checks that the module exports what it needs; the error names what was expected and what was found.
pub fn check(module: &Module) -> Result<Shape, String> {
    let mut problems = Vec::new();
    let is = |name: &str, dialect: Dialect| type_of(module, name).as_deref() == Some(dialect.entry_type(name));
    let current = [is(BEFORE, Dialect::C), is(AFTER, Dialect::C)];
    let legacy = [is(BEFORE, Dialect::B), is(AFTER, Dialect::B)];
    let mixed_entries = current.contains(&true) && legacy.contains(&true);
    let family = if legacy.contains(&true) { Dialect::B } else { Dialect::C };
    if mixed_entries {
        problems.push(mixed(current[0]));
    } else {
        for name in [BEFORE, AFTER] {
            check_type(module, name, family.entry_type(name), true, &mut problems);
        }
        check_allocator(module, family, &mut problems);
    }
    match module.get_export(MEMORY) {
        Some(ExternType::Memory(_)) => {}
        other => problems.push(problem(MEMORY, "memory", other.as_ref())),
    }
    for name in START.into_iter().chain([WARM_UP, AFTER_RESTORE]) {
        check_type(module, name, "func () -> ()", false, &mut problems);
    }
    let imports_of = |names: &[&'static str]| -> Vec<&'static str> {
        names.iter().copied().filter(|name| imports(module, MODULE, name)).collect()
    };
    let (first, second) = (imports_of(&shared::NAMES_A), imports_of(&shared::NAMES_B));
    if !first.is_empty() && !second.is_empty() {
        problems.push(format!(
            "mixed imports: env.{} of dialect A, env.{} of dialect B: build the plugin with one SDK",
            first.join(", env."),
            second.join(", env.")
        ));
    }
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    Ok(Shape {
        dialect: if family.is_legacy() && !first.is_empty() { Dialect::A } else { family },
        uses_locks: shared::LOCKS.iter().any(|name| imports(module, MODULE, name)),
        gets_properties: imports(module, sluice::MODULE, sluice::GET_PROPERTY),
    })
}

/// The export to call once after instantiation, if there is one.
pub fn start_export(module: &Module) -> Option<&'static str> {
    let names: &[&'static str] = if snapshot::taken_at(module).is_some() { &[AFTER_RESTORE] } else { &START };
    names.iter().copied().find(|name| module.get_export(name).is_some())
}

fn imports(module: &Module, from: &str, name: &str) -> bool {
    module.imports().any(|import| import.module() == from && import.name() == name)
}

fn type_of(module: &Module, name: &str) -> Option<String> {
    module.get_export(name).map(|found| types::external(&found))
}

#[cold]
fn mixed(before_is_current: bool) -> String {
    let (of_c, of_b) = if before_is_current { (BEFORE, AFTER) } else { (AFTER, BEFORE) };
    format!(
        "mixed entry points: {of_b} is {}, as in dialects A and B (SDK v0.1), {of_c} is {}, as in dialect C (SDK v0.2): \
         build both with one SDK",
        Dialect::B.entry_type(of_b),
        Dialect::C.entry_type(of_c)
    )
}

fn check_allocator(module: &Module, family: Dialect, problems: &mut Vec<String>) {
    let name = family.allocator();
    let before = problems.len();
    check_type(module, name, ALLOCATOR_TYPE, true, problems);
    let other = if family.is_legacy() { MALLOC } else { PROXY_ALLOCATE };
    if module.get_export(name).is_some() || module.get_export(other).is_none() {
        return;
    }
    if let Some(problem) = problems.get_mut(before) {
        let (ours, theirs) = if family.is_legacy() {
            ("those of dialects A and B", "dialect C")
        } else {
            ("those of dialect C", "dialects A and B")
        };
        problem.push_str(&format!(": the entry points are {ours}, {other} is the allocator of {theirs}"));
    }
}

fn check_type(module: &Module, name: &str, expected: &str, required: bool, problems: &mut Vec<String>) {
    match module.get_export(name) {
        Some(found) if types::external(&found) == expected => {}
        None if !required => {}
        other => problems.push(problem(name, expected, other.as_ref())),
    }
}

fn problem(name: &str, expected: &str, found: Option<&ExternType>) -> String {
    match found {
        None => format!("missing export {name}: expected {expected}, found none"),
        Some(found) => format!("export {name}: expected {expected}, found {}", types::external(found)),
    }
}

#[cfg(test)]
mod tests;
