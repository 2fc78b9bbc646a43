//! The meter inside the engine: one budget for a store, a counter that nobody gets hold of, traps that name the original.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice::engine::engine::Engine;
use sluice::engine::error::{Error, TrapKind};
use sluice::engine::linker::Linker;
use sluice::engine::meter;
use sluice::engine::settings::CallLimits;
use sluice::engine::store::ConfinedStore;
use support::{call, compile, engine, engine_with, limits, pre, store};

/// Runs a number of turns; `main` does so by way of an import, of a table, and by itself.
const WORKER: &str = r#"(module
    (table (export "table") 1 funcref)
    (elem (i32.const 0) $spin)
    (func $spin (export "spin") (param i32)
        (loop $l
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $l (i32.gt_s (local.get 0) (i32.const 0))))))"#;
const CALLER: &str = r#"(module
    (import "worker" "spin" (func $spin (param i32)))
    (import "worker" "table" (table 1 funcref))
    (type $spin (func (param i32)))
    (func (export "main") (param $n i32) (local $i i32)
        (loop $l
            (call $spin (local.get $n))
            (call_indirect (type $spin) (local.get $n) (i32.const 0))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (i32.const 5))))))"#;

fn call_limits(fuel: Option<u64>, deadline: Option<Duration>) -> CallLimits {
    CallLimits { fuel, deadline }
}

/// Two instances in a store, the second one on top of the first.
fn linked(engine: &Arc<Engine>) -> ConfinedStore {
    let mut store = store(engine, limits(), None);
    let worker = store.instantiate(&pre(engine, WORKER)).unwrap();
    let linker = Linker::new(engine).unwrap();
    linker.define_instance("worker", &mut store, worker).unwrap();
    let caller = linker.instantiate_pre(&compile(engine, CALLER).unwrap()).unwrap();
    store.instantiate(&caller).unwrap();
    store
}

fn main_of(store: &mut ConfinedStore, turns: i64, limits: CallLimits) -> (Result<(), Error>, u64) {
    store.limits = limits;
    let export = store.export(1, "main").unwrap();
    let outcome = store.call_slots(export as i32, &mut [turns, 0]);
    (outcome, meter::used(&store.store))
}

fn kind_of(outcome: Result<(), Error>) -> TrapKind {
    match outcome {
        Err(Error::Trap { kind, .. }) => kind,
        other => panic!("expected a trap, got {other:?}"),
    }
}

#[test]
fn instances_of_a_store_share_one_budget_to_the_unit() {
    let engine = engine();
    let hour = Some(Duration::from_secs(3600));
    for deadline in [None, hour] {
        for turns in [1, 100, 20_000] {
            let mut store = linked(&engine);
            let (outcome, used) = main_of(&mut store, turns, call_limits(None, deadline));
            outcome.unwrap();
            // The same whatever the counters still hold, and in a store that has run nothing.
            for _ in 0..3 {
                assert_eq!(main_of(&mut store, turns, call_limits(Some(used), deadline)).1, used);
                let (outcome, spent) = main_of(&mut store, turns, call_limits(Some(used - 1), deadline));
                assert_eq!(kind_of(outcome), TrapKind::OutOfFuel, "{turns} turns, {used} units");
                assert_eq!(spent, used - 1);
                assert_eq!(main_of(&mut linked(&engine), turns, call_limits(Some(used), deadline)).1, used);
            }
        }
    }
}

#[test]
fn unlimited_call_leaves_nothing_to_the_next_that_is_limited() {
    let engine = engine();
    let mut store = linked(&engine);
    main_of(&mut store, 10, call_limits(None, None)).0.unwrap();
    let begin = Instant::now();
    let deadline = Some(Duration::from_millis(20));
    assert_eq!(
        kind_of(main_of(&mut store, i64::from(i32::MAX), call_limits(None, deadline)).0),
        TrapKind::DeadlineExceeded
    );
    assert!(begin.elapsed() < Duration::from_millis(500), "{:?}", begin.elapsed());
    main_of(&mut store, 10, call_limits(None, None)).0.unwrap();
    assert_eq!(kind_of(main_of(&mut store, 100_000, call_limits(Some(1_000), None)).0), TrapKind::OutOfFuel);
}

#[test]
fn after_a_trap_the_count_is_no_less_than_what_was_used_and_the_next_call_has_its_whole_budget() {
    let wat = r#"(module (memory 1)
        (func (export "f") (param $at i32)
            (loop $l
                (i32.store (local.get $at) (i32.const 1))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if $l (i32.lt_u (local.get $at) (i32.const 65536)))))
        (func (export "trap") (param $at i32)
            (loop $l
                (i32.store (local.get $at) (i32.const 1))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br $l))))"#;
    let engine = engine();
    let pre = pre(&engine, wat);
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    call(&mut store, "f", &mut [0, 0]).unwrap();
    let used = meter::used(&store.store);
    for _ in 0..3 {
        assert_eq!(kind_of(call(&mut store, "trap", &mut [0, 0])), TrapKind::MemoryOutOfBounds);
        // 16,384 turns of 8 instructions.
        assert!(meter::used(&store.store) >= 16_384 * 8);
        store.limits.fuel = Some(used);
        call(&mut store, "f", &mut [0, 0]).unwrap();
        assert_eq!(meter::used(&store.store), used);
        store.limits.fuel = limits().call.fuel;
    }
}

#[test]
fn counter_is_not_to_be_had() {
    let engine = engine();
    let module = compile(&engine, WORKER).unwrap();
    assert_eq!(
        module.describe(),
        ["export", "", "table", "table funcref 1", "export", "", "spin", "func (i32) -> ()"].map(str::to_owned)
    );
    let mut store = store(&engine, limits(), None);
    let worker = store.instantiate(&Linker::new(&engine).unwrap().instantiate_pre(&module).unwrap()).unwrap();
    assert_eq!(store.export(worker, "sluice:meter").unwrap(), -1);
    let linker = Linker::new(&engine).unwrap();
    linker.define_instance("worker", &mut store, worker).unwrap();
    let thief = r#"(module (import "worker" "sluice:meter" (global (mut i64))))"#;
    match linker.instantiate_pre(&compile(&engine, thief).unwrap()) {
        Err(Error::Link(message)) => assert!(message.starts_with("unknown import worker.sluice:meter"), "{message}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("linked"),
    }
}

#[test]
fn names_of_the_meter_are_refused_whether_code_is_metered_or_not() {
    for metering in [0, 1] {
        let engine = engine_with(|settings| settings[8] = metering);
        for (wat, expected) in [
            (
                r#"(module (import "sluice:meter" "refill" (func (param i64 i64) (result i64))))"#,
                "the module imports sluice:meter.refill: names that begin with sluice:meter belong to the meter, rename it",
            ),
            (
                r#"(module (global (export "sluice:meter") (mut i64) (i64.const 0)))"#,
                "the module exports sluice:meter: names that begin with sluice:meter belong to the meter, rename it",
            ),
        ] {
            match compile(&engine, wat) {
                Err(Error::Compilation(message)) => assert_eq!(message, expected),
                Err(other) => panic!("{other:?}"),
                Ok(_) => panic!("compiled"),
            }
        }
        let linker = Linker::new(&engine).unwrap();
        let ty = wasmtime::FuncType::new(&engine.inner, [], []);
        let message = "sluice:meter is the meter's own module: define functions and instances under another name";
        match linker.define_function("sluice:meter", "anything", ty, Box::new(|_, _, _| Ok(()))) {
            Err(Error::Link(found)) => assert_eq!(found, message),
            other => panic!("{other:?}"),
        }
        let mut store = store(&engine, limits(), None);
        let instance = store.instantiate(&pre(&engine, WORKER)).unwrap();
        match linker.define_instance("sluice:meter", &mut store, instance) {
            Err(Error::Link(found)) => assert_eq!(found, message),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn traps_name_places_of_the_original() {
    let wat = r#"(module (memory 1)
        (func (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
        (func $fills (export "fills") (param i32) (memory.fill (i32.const 65535) (i32.const 0) (local.get 0)))
        (func $divides (export "divides") (param $n i32)
            (loop $l
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (drop (call 0 (local.get $n)))
                (br $l))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    // i32.div_u and memory.fill, found by their bytes.
    let place = |code: &[u8]| wasm.windows(code.len()).position(|bytes| bytes == code).unwrap() as u64;
    let metered = engine_with(|settings| settings[10] = 0);
    let plain = engine_with(|settings| (settings[8], settings[10]) = (0, 0));
    for engine in [metered, plain] {
        let pre = pre(&engine, wat);
        let mut store = store(&engine, limits(), None);
        store.instantiate(&pre).unwrap();
        for (export, argument, names, first) in [
            ("divides", 1000, &["func[0]", "divides"][..], place(&[0x6e])),
            ("fills", 5, &["fills"][..], place(&[0xfc, 0x0b, 0])),
            ("fills", 100_000, &["fills"][..], place(&[0xfc, 0x0b, 0])),
        ] {
            let Err(Error::Trap { frames, message, .. }) = call(&mut store, export, &mut [argument, 0]) else {
                panic!("{export} did not trap");
            };
            let found: Vec<_> = frames.iter().map(|frame| frame.function.as_str()).collect();
            assert_eq!(found, names);
            assert_eq!(frames[0].module_offset, first, "{message}");
        }
    }
}

#[test]
fn host_functions_cannot_be_used_to_outrun_the_deadline() {
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 32)
        (func (export "f") (loop $l (drop (call $random (i32.const 0) (i32.const 2097152))) (br $l))))"#;
    let engine = engine();
    let linker = Linker::new(&engine).unwrap();
    linker.define_wasi().unwrap();
    let pre = linker.instantiate_pre(&compile(&engine, wat).unwrap()).unwrap();
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    store.limits = call_limits(None, Some(Duration::from_millis(20)));
    let begin = Instant::now();
    assert_eq!(kind_of(call(&mut store, "f", &mut [])), TrapKind::DeadlineExceeded);
    assert!(begin.elapsed() < Duration::from_millis(500), "{:?}", begin.elapsed());
}

#[test]
fn host_work_and_code_use_the_same_units() {
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "f") (param i32)
            (loop $l
                (drop (call $random (i32.const 0) (i32.const 1024)))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br_if $l (local.get 0)))))"#;
    let engine = engine();
    let linker = Linker::new(&engine).unwrap();
    linker.define_wasi().unwrap();
    let pre = linker.instantiate_pre(&compile(&engine, wat).unwrap()).unwrap();
    let mut store = store(&engine, limits(), None);
    store.instantiate(&pre).unwrap();
    for turns in [1, 30, 1_000] {
        store.limits = limits().call;
        call(&mut store, "f", &mut [turns, 0]).unwrap();
        let used = meter::used(&store.store);
        for _ in 0..3 {
            store.limits.fuel = Some(used);
            call(&mut store, "f", &mut [turns, 0]).unwrap();
            assert_eq!(meter::used(&store.store), used);
            store.limits.fuel = Some(used - 1);
            assert_eq!(kind_of(call(&mut store, "f", &mut [turns, 0])), TrapKind::OutOfFuel);
            assert_eq!(meter::used(&store.store), used - 1);
        }
    }
}

#[test]
fn func_that_an_instance_left_behind_when_it_failed_is_metered() {
    let engine = engine();
    let mut store = store(&engine, limits(), None);
    let provider = r#"(module (table (export "t") 1 funcref) (memory (export "m") 1))"#;
    let provider = store.instantiate(&pre(&engine, provider)).unwrap();
    let linker = Linker::new(&engine).unwrap();
    linker.define_instance("a", &mut store, provider).unwrap();
    // Its element is in the table by the time its data does not fit.
    let failing = r#"(module (import "a" "t" (table 1 funcref)) (memory 1)
        (func $f (param i32) (result i32)
            (loop $l
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br_if $l (i32.gt_s (local.get 0) (i32.const 0))))
            (i32.const 42))
        (elem (i32.const 0) $f) (data (i32.const -1) "x"))"#;
    let failing = linker.instantiate_pre(&compile(&engine, failing).unwrap()).unwrap();
    assert!(store.instantiate(&failing).is_err());

    let table = store.export(provider, "t").unwrap();
    let table = store.table(table as i32).unwrap();
    let left = table.get(&mut store.store, 0).unwrap().as_func().unwrap().copied().unwrap();
    let left = store.add_func(left) as i32;
    for _ in 0..2 {
        store.limits = call_limits(Some(1_000_000), None);
        let mut slots = [1_000, 0];
        store.call_slots(left, &mut slots).unwrap();
        assert_eq!(slots[0], 42);
        assert!((1_000..100_000).contains(&meter::used(&store.store)), "{}", meter::used(&store.store));
        store.limits = call_limits(Some(500), None);
        assert_eq!(kind_of(store.call_slots(left, &mut [1_000, 0])), TrapKind::OutOfFuel);
    }
}
