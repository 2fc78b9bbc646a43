//! The engine without Java: limits, traps, fuel, deadlines, serialized code. Each test is named as the rule it holds.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice::engine::budget::MemoryBudget;
use sluice::engine::engine::Engine;
use sluice::engine::error::{Error, Limit, TrapKind};
use sluice::engine::linker::Linker;
use sluice::engine::meter;
use sluice::engine::module::Module;
use sluice::engine::settings::{CallLimits, StoreLimits};
use support::{call, compile, engine, engine_with, limits, pre, store};

fn run(wat: &str, limits: StoreLimits, slots: &mut [i64]) -> (Result<(), Error>, u64) {
    let engine = engine();
    let pre = pre(&engine, wat);
    let mut store = store(&engine, limits, None);
    let outcome = match store.instantiate(&pre) {
        Ok(_) => call(&mut store, "f", slots),
        Err(error) => Err(error),
    };
    let used = meter::used(&store.store);
    (outcome, used)
}

const LOOP: &str = r#"(module (func (export "f") (loop $l (br $l))))"#;

fn trap_of(wat: &str) -> (TrapKind, String, Vec<String>) {
    match run(wat, limits(), &mut [0; 8]).0 {
        Err(Error::Trap { kind, message, frames }) => {
            (kind, message, frames.into_iter().map(|frame| frame.function).collect())
        }
        other => panic!("expected a trap, got {other:?}"),
    }
}

fn limit_of(outcome: Result<impl Sized, Error>) -> (Limit, i64, i64, String) {
    match outcome {
        Err(Error::Limit { limit, requested, allowed, message }) => (limit, requested, allowed, message),
        Err(other) => panic!("expected a limit, got {other:?}"),
        Ok(_) => panic!("expected a limit, got a result"),
    }
}

#[test]
fn fuel_is_the_same_on_every_run_and_one_unit_less_traps() {
    let wat = r#"(module (func (export "f") (local i32)
        (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if $l (i32.lt_u (local.get 0) (i32.const 1000))))))"#;
    let (first, used) = run(wat, limits(), &mut []);
    first.unwrap();
    let (second, again) = run(wat, limits(), &mut []);
    second.unwrap();
    assert_eq!(used, again);
    let with = |fuel: u64| {
        let mut limits = limits();
        limits.call = CallLimits { fuel: Some(fuel), ..limits.call };
        run(wat, limits, &mut []).0
    };
    assert!(with(used + 1).is_ok());
    assert!(matches!(with(used / 2), Err(Error::Trap { kind: TrapKind::OutOfFuel, .. })));
}

#[test]
fn endless_loop_runs_out_of_fuel_and_says_how_much_there_was() {
    let (kind, message, _) = trap_of(LOOP);
    assert_eq!(kind, TrapKind::OutOfFuel);
    assert!(message.contains("out of fuel (limits of the call: 10000000 units of fuel, 5s)"), "{message}");
}

#[test]
fn deadline_ends_an_endless_loop_soon_after_it_has_passed() {
    for _ in 0..3 {
        let mut limits = limits();
        limits.call = CallLimits { fuel: None, deadline: Some(Duration::from_millis(20)) };
        let begin = Instant::now();
        let (outcome, _) = run(LOOP, limits, &mut []);
        let took = begin.elapsed();
        assert!(matches!(outcome, Err(Error::Trap { kind: TrapKind::DeadlineExceeded, .. })), "{outcome:?}");
        assert!(took >= Duration::from_millis(20), "{took:?}");
        assert!(took < Duration::from_millis(500), "{took:?}");
    }
}

#[test]
fn start_function_is_bounded_too() {
    let (outcome, _) = run(r#"(module (func $s (loop $l (br $l))) (start $s))"#, limits(), &mut []);
    assert!(matches!(outcome, Err(Error::Trap { kind: TrapKind::OutOfFuel, .. })), "{outcome:?}");
}

#[test]
fn every_kind_of_trap_is_told_apart() {
    use TrapKind::*;
    for (body, kind) in [
        ("unreachable", Unreachable),
        ("(drop (i32.load (i32.const 65536)))", MemoryOutOfBounds),
        ("(call_indirect (type $t) (i32.const 99))", TableOutOfBounds),
        ("(call_indirect (type $t) (i32.const 1))", IndirectCallToNull),
        ("(call_indirect (type $u) (i32.const 0) (i32.const 0))", BadSignature),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", IntegerOverflow),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", IntegerDivisionByZero),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", BadConversionToInteger),
        ("(call $f)", StackOverflow),
    ] {
        let wat = format!(
            r#"(module (memory 1) (table 2 funcref) (elem (i32.const 0) $f) (type $t (func)) (type $u (func (param i32)))
               (func $f (export "f") {body}))"#
        );
        assert_eq!(trap_of(&wat).0, kind, "{body}");
    }
}

#[test]
fn trap_names_the_functions_that_were_running() {
    let wat = r#"(module (func $inner unreachable) (func $outer (export "f") (call $inner) (nop)))"#;
    let engine = engine_with(|s| s[10] = 0);
    let pre = pre(&engine, wat);
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    match call(&mut store, "f", &mut []) {
        Err(Error::Trap { frames, message, .. }) => {
            let names: Vec<_> = frames.iter().map(|frame| frame.function.as_str()).collect();
            assert_eq!(names, ["inner", "outer"]);
            assert!(message.starts_with("trap: unreachable instruction executed, in inner at offset 0x"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn store_goes_on_after_a_trap() {
    let engine = engine();
    let pre =
        pre(&engine, r#"(module (func (export "f") unreachable) (func (export "g") (result i32) (i32.const 7)))"#);
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    assert!(call(&mut store, "f", &mut []).is_err());
    let mut slots = [0; 2];
    call(&mut store, "g", &mut slots).unwrap();
    assert_eq!(slots[0], 7);
}

#[test]
fn memory_grows_to_its_limit_and_not_past_it() {
    let wat = r#"(module (memory 1) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let mut small = limits();
    small.max_memory_bytes = 2 << 16;
    let mut slots = [1, 0];
    run(wat, small.clone(), &mut slots).0.unwrap();
    assert_eq!(slots[0], 1);
    slots = [2, 0];
    run(wat, small, &mut slots).0.unwrap();
    assert_eq!(slots[0], -1);
}

#[test]
fn memory_minimum_above_the_limit_is_refused_by_name() {
    let mut small = limits();
    small.max_memory_bytes = 1 << 16;
    let (limit, requested, allowed, message) =
        limit_of(run(r#"(module (memory 3) (func (export "f")))"#, small, &mut []).0);
    assert_eq!((limit, requested, allowed), (Limit::MemoryBytes, 3 << 16, 1 << 16));
    assert!(message.contains("a memory of 196608 bytes was asked for, 65536 are allowed"), "{message}");
    let (limit, requested, allowed, _) = limit_of(compile(&engine(), "(module (memory 65))"));
    assert_eq!((limit, requested, allowed), (Limit::MemoryBytes, 65 << 16, 4 << 20));
}

#[test]
fn shared_budget_bounds_all_stores_together_and_gets_its_bytes_back() {
    let engine = engine();
    let pre = pre(&engine, "(module (memory 2))");
    let budget = Arc::new(MemoryBudget::new(5 << 16));
    let mut stores: Vec<_> = (0..3).map(|_| store(&engine, limits(), Some(budget.clone()))).collect();
    stores[0].instantiate(&pre).unwrap();
    stores[1].instantiate(&pre).unwrap();
    assert_eq!(limit_of(stores[2].instantiate(&pre)).0, Limit::TotalMemory);
    assert_eq!(budget.used(), 4 << 16);
    stores.remove(0);
    assert_eq!(budget.used(), 2 << 16);
    drop(stores);
    assert_eq!(budget.used(), 0);
}

#[test]
fn counts_in_a_store_are_limited_by_name() {
    let engine = engine();
    let pre = pre(&engine, "(module (memory 1) (table 1 funcref))");
    for (limit, change) in [
        (Limit::Instances, (|l| l.max_instances = 2) as fn(&mut StoreLimits)),
        (Limit::Memories, |l| l.max_memories = 2),
        (Limit::Tables, |l| l.max_tables = 2),
    ] {
        let mut limits = limits();
        change(&mut limits);
        let mut store = store(&engine, limits, None);
        store.instantiate(&pre).unwrap();
        store.instantiate(&pre).unwrap();
        let (found, requested, allowed, _) = limit_of(store.instantiate(&pre));
        assert_eq!((found, requested, allowed), (limit, 3, 2));
    }
}

#[test]
fn full_pool_is_a_limit_and_not_a_failure() {
    let engine = engine_with(|s| s[2] = 2);
    let pre = pre(&engine, "(module (memory 1))");
    let mut stores: Vec<_> = (0..3).map(|_| store(&engine, limits(), None)).collect();
    stores[0].instantiate(&pre).unwrap();
    stores[1].instantiate(&pre).unwrap();
    let (limit, _, allowed, message) = limit_of(stores[2].instantiate(&pre));
    assert_eq!((limit, allowed), (Limit::PoolSlots, 2));
    assert!(message.contains("raise maxInstances"), "{message}");
}

#[test]
fn tables_grow_to_their_limit_and_not_past_it() {
    let wat = r#"(module (table 1 funcref)
        (func (export "f") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;
    let mut small = limits();
    small.max_table_elements = 3;
    let mut slots = [2, 0];
    run(wat, small.clone(), &mut slots).0.unwrap();
    assert_eq!(slots[0], 1);
    slots = [3, 0];
    run(wat, small, &mut slots).0.unwrap();
    assert_eq!(slots[0], -1);
    assert_eq!(limit_of(compile(&engine(), "(module (table 1001 funcref))")).0, Limit::TableElements);
}

#[test]
fn bytes_that_are_no_module_are_refused_with_what_was_found() {
    let engine = engine();
    let message = |bytes: &[u8]| match Module::compile(&engine, bytes.to_vec()) {
        Err(Error::Compilation(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("compiled"),
    };
    assert!(message(b"").contains("found nothing"));
    assert!(message(b"\x7fELF....").contains("must begin with the bytes 00 61 73 6d, found 7f 45 4c 46"));
    let whole = wat::parse_str(LOOP).unwrap();
    assert!(message(&whole[..whole.len() - 3]).contains("not a valid module"));
    assert!(message(b"\0asm\x0d\0\x01\0").contains("this is a component, a core module is needed"));
    assert!(message(b"\0asm\x02\0\0\0").contains("not a valid module"));
}

#[test]
fn sizes_are_limited_before_anything_is_compiled() {
    let engine = engine_with(|s| {
        s[4] = 1 << 20;
        s[5] = 1_000;
    });
    let big = format!(r#"(module (func (export "f") {}))"#, "(drop (i32.const 1000000))".repeat(400));
    let (limit, requested, allowed, _) = limit_of(compile(&engine, &big));
    assert_eq!((limit, allowed), (Limit::FunctionBytes, 1_000));
    assert!(requested > 1_000);
    let mut fat = b"\0asm\x01\0\0\0".to_vec();
    fat.resize((1 << 20) + 1, 0);
    assert_eq!(limit_of(Module::compile(&engine, fat)).0, Limit::ModuleBytes);
}

#[test]
fn compiling_is_bounded_in_time() {
    let engine = engine_with(|s| {
        s[5] = 1 << 20;
        s[6] = 1;
    });
    let big = format!(r#"(module (func (export "f") {}))"#, "(drop (i32.const 1000000))".repeat(20_000));
    assert_eq!(limit_of(compile(&engine, &big)).0, Limit::CompileTime);
}

#[test]
fn compilation_that_was_given_up_keeps_no_other_waiting() {
    let slow = engine_with(|s| {
        s[5] = 1 << 20;
        s[6] = 1_000_000;
    });
    let body = "(drop (i32.load (i32.const 1)))".repeat(60_000);
    let big = format!(r#"(module (memory 1) (func (export "f") {body}))"#);
    for _ in 0..3 {
        assert_eq!(limit_of(compile(&slow, &big)).0, Limit::CompileTime);
    }
    let begin = Instant::now();
    compile(&engine(), r#"(module (func (export "f")))"#).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn serialized_code_loads_in_an_engine_like_its_own_only() {
    let engine = engine();
    let wat = r#"(module (func (export "f") (result i32) (i32.const 42)))"#;
    let bytes = compile(&engine, wat).unwrap().serialize().unwrap();
    let module = Module::deserialize(&engine, &bytes).unwrap();
    let pre = Linker::new(&engine).unwrap().instantiate_pre(&module).unwrap();
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    let mut slots = [0; 2];
    call(&mut store, "f", &mut slots).unwrap();
    assert_eq!(slots[0], 42);

    let message = |engine: &Arc<Engine>, bytes: &[u8]| match Module::deserialize(engine, bytes) {
        Err(Error::Compilation(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("loaded"),
    };
    assert!(message(&engine, &bytes[..20]).contains("too short"));
    assert!(message(&engine, &bytes[..bytes.len() - 1]).contains("cut short or damaged"));
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    assert!(message(&engine, &damaged).contains("cut short or damaged"));
    assert!(message(&engine, &[0; 100]).contains("not made by Module.serialize()"));
    let other = engine_with(|s| s[8] = 0);
    assert!(message(&other, &bytes).contains("another version of Sluice"));
}

#[test]
fn missing_and_ill_typed_imports_are_named_with_both_types() {
    let engine = engine();
    let linker = Linker::new(&engine).unwrap();
    linker.define_wescale().unwrap();
    let wat = r#"(module (import "env" "Nothing" (func (param i32) (result i32)))
                         (import "env" "GetQueryOnHost" (func (param i32) (result i32))))"#;
    match linker.instantiate_pre(&compile(&engine, wat).unwrap()) {
        Err(Error::Link(message)) => assert_eq!(
            message,
            "unknown import env.Nothing: the module asks for func (i32) -> i32, the host offers nothing of that name; \
             import env.GetQueryOnHost: the module asks for func (i32) -> i32, the host offers func (i64, i32, i32) -> i32"
        ),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("linked"),
    }
}

#[test]
fn proposals_that_are_off_are_refused() {
    let engine = engine();
    for wat in [
        "(module (memory i64 1))",
        "(module (memory 1) (memory 1))",
        "(module (memory 1 1 shared))",
        r#"(module (func (export "f") (param externref)))"#,
    ] {
        assert!(matches!(compile(&engine, wat), Err(Error::Compilation(_))), "{wat}");
    }
}
