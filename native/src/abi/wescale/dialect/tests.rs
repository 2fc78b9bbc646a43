use wasmtime::Module;

use super::*;
use crate::abi::test_host::engine;

const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const MALLOC: &str = r#"(func (export "malloc") (param i32) (result i32) (i32.const 8))"#;
const PROXY: &str = r#"(func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 8))"#;
const CURRENT: &str = r#"(func (export "RunBeforeExecutionOnGuest") (param i64))
    (func (export "RunAfterExecutionOnGuest") (param i64))"#;
const LEGACY: &str = r#"(func (export "RunBeforeExecutionOnGuest") (param i64 i64))
    (func (export "RunAfterExecutionOnGuest"))"#;
const LOCK_A: &str = r#"(import "env" "GlobalLockOnHost" (func))"#;
const GET_A: &str = r#"(import "env" "GetModuleValueByKeyOnHost" (func (param i64 i32 i32 i32 i32) (result i32)))"#;
const LOCK_B: &str = r#"(import "env" "LockOnHost" (func (param i32 i64)))"#;

fn check_wat(parts: &[&str]) -> Result<Shape, String> {
    let module = wat::parse_str(format!("(module {})", parts.concat())).unwrap();
    check(&Module::new(&engine(false), module).unwrap())
}

fn problem_of(parts: &[&str]) -> String {
    check_wat(parts).unwrap_err()
}

fn dialect_of(parts: &[&str]) -> Dialect {
    check_wat(parts).unwrap().dialect
}

#[test]
fn dialects_are_told_by_entry_points_and_imports() {
    assert_eq!(dialect_of(&[CURRENT, MEMORY, MALLOC]), Dialect::C);
    assert_eq!(dialect_of(&[LEGACY, MEMORY, PROXY]), Dialect::B);
    assert_eq!(dialect_of(&[LOCK_B, LEGACY, MEMORY, PROXY]), Dialect::B);
    assert_eq!(dialect_of(&[LOCK_A, LEGACY, MEMORY, PROXY]), Dialect::A);
    assert_eq!(dialect_of(&[GET_A, LEGACY, MEMORY, PROXY, MALLOC]), Dialect::A);
    // The functions of the others are there for everyone.
    assert_eq!(dialect_of(&[LOCK_A, CURRENT, MEMORY, MALLOC]), Dialect::C);
    assert_eq!(dialect_of(&[LOCK_B, CURRENT, MEMORY, MALLOC, PROXY]), Dialect::C);
    // Of another module the names mean nothing.
    let other = r#"(import "other" "GlobalLockOnHost" (func))"#;
    assert_eq!(dialect_of(&[other, LEGACY, MEMORY, PROXY]), Dialect::B);
}

#[test]
fn what_a_module_may_ask_for_is_told_by_its_imports() {
    let plain = check_wat(&[CURRENT, MEMORY, MALLOC]).unwrap();
    assert_eq!((plain.uses_locks, plain.gets_properties), (false, false));
    let get = r#"(import "sluice" "get_property" (func (param i32 i32 i32 i32) (result i32)))"#;
    let asks = check_wat(&[LOCK_B, get, CURRENT, MEMORY, MALLOC]).unwrap();
    assert_eq!((asks.uses_locks, asks.gets_properties), (true, true));
    let unlock = r#"(import "env" "UnlockOnHost" (func (param i32 i64)))"#;
    assert!(!check_wat(&[unlock, CURRENT, MEMORY, MALLOC]).unwrap().uses_locks);
}

#[test]
fn the_three_start_styles_are_accepted() {
    for start in ["", r#"(func (export "_start"))"#, r#"(func (export "_initialize"))"#] {
        assert_eq!(dialect_of(&[CURRENT, MEMORY, MALLOC, start]), Dialect::C);
    }
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(
        problem_of(&[]),
        "missing export RunBeforeExecutionOnGuest: expected func (i64) -> (), found none; \
         missing export RunAfterExecutionOnGuest: expected func (i64) -> (), found none; \
         missing export malloc: expected func (i32) -> i32, found none; \
         missing export memory: expected memory, found none"
    );
    assert_eq!(
        problem_of(&[r#"(func (export "RunAfterExecutionOnGuest"))"#, MEMORY, PROXY]),
        "missing export RunBeforeExecutionOnGuest: expected func (i64, i64) -> (), found none"
    );
}

#[test]
fn what_was_expected_and_found_is_named() {
    let malloc = r#"(func (export "malloc") (param i64) (result i32) (i32.const 0))"#;
    assert_eq!(
        problem_of(&[CURRENT, MEMORY, malloc]),
        "export malloc: expected func (i32) -> i32, found func (i64) -> i32"
    );
    let memory = r#"(global (export "memory") i32 (i32.const 0))"#;
    assert_eq!(problem_of(&[CURRENT, memory, MALLOC]), "export memory: expected memory, found global i32");
    let start = r#"(func (export "_start") (result i32) (i32.const 0))"#;
    assert_eq!(
        problem_of(&[CURRENT, MEMORY, MALLOC, start]),
        "export _start: expected func () -> (), found func () -> i32"
    );
    let after = r#"(func (export "RunBeforeExecutionOnGuest") (param i64 i64))
        (func (export "RunAfterExecutionOnGuest") (result i32) (i32.const 0))"#;
    assert_eq!(
        problem_of(&[after, MEMORY, PROXY]),
        "export RunAfterExecutionOnGuest: expected func () -> (), found func () -> i32"
    );
}

#[test]
fn entry_points_of_two_dialects_are_refused() {
    let new_after = r#"(func (export "RunBeforeExecutionOnGuest") (param i64 i64))
        (func (export "RunAfterExecutionOnGuest") (param i64))"#;
    assert_eq!(
        problem_of(&[new_after, MEMORY, MALLOC, PROXY]),
        "mixed entry points: RunBeforeExecutionOnGuest is func (i64, i64) -> (), as in dialects A and B (SDK v0.1), \
         RunAfterExecutionOnGuest is func (i64) -> (), as in dialect C (SDK v0.2): build both with one SDK"
    );
    let old_after = r#"(func (export "RunBeforeExecutionOnGuest") (param i64))
        (func (export "RunAfterExecutionOnGuest"))"#;
    assert_eq!(
        problem_of(&[old_after, MEMORY, MALLOC, PROXY]),
        "mixed entry points: RunAfterExecutionOnGuest is func () -> (), as in dialects A and B (SDK v0.1), \
         RunBeforeExecutionOnGuest is func (i64) -> (), as in dialect C (SDK v0.2): build both with one SDK"
    );
}

#[test]
fn a_missing_allocator_is_told_from_the_other_dialects() {
    assert_eq!(
        problem_of(&[LEGACY, MEMORY]),
        "missing export proxy_on_memory_allocate: expected func (i32) -> i32, found none"
    );
    // A legacy binary with the new arity, and the other way round.
    assert_eq!(
        problem_of(&[LEGACY, MEMORY, MALLOC]),
        "missing export proxy_on_memory_allocate: expected func (i32) -> i32, found none: the entry points are those of \
         dialects A and B, malloc is the allocator of dialect C"
    );
    assert_eq!(
        problem_of(&[CURRENT, MEMORY, PROXY]),
        "missing export malloc: expected func (i32) -> i32, found none: the entry points are those of dialect C, \
         proxy_on_memory_allocate is the allocator of dialects A and B"
    );
}

#[test]
fn imports_of_two_dialects_are_refused() {
    for rest in [[LEGACY, MEMORY, PROXY], [CURRENT, MEMORY, MALLOC]] {
        assert_eq!(
            problem_of(&[LOCK_A, GET_A, LOCK_B, &rest.concat()]),
            "mixed imports: env.GetModuleValueByKeyOnHost, env.GlobalLockOnHost of dialect A, env.LockOnHost of dialect B: \
             build the plugin with one SDK"
        );
    }
}

#[test]
fn start_export_is_the_one_there_is() {
    let start_of = |wat: &str| start_export(&Module::new(&engine(false), wat::parse_str(wat).unwrap()).unwrap());
    assert_eq!(start_of("(module)"), None);
    assert_eq!(start_of(r#"(module (func (export "_start")))"#), Some("_start"));
    assert_eq!(start_of(r#"(module (func (export "_initialize")))"#), Some("_initialize"));
}
