//! Snapshots of modules made from random numbers: an instance of the snapshot is in the state of the instance that it was
//! taken of, and goes on as that one does: the same answers, traps, places, units of fuel, and state after each call.
//!
//! SLUICE_SNAPSHOT_MODULES says how many (10,000 before a change of the writer lands), SLUICE_SNAPSHOT_SEED where to begin.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use wasmtime::{Engine, ExternType, Module, Val};

use super::source::Source;
use super::tests::readable;
use super::write::{self, Number, State, Written};
use crate::engine::meter::pass::{self, COUNTER_EXPORT, Metered};

#[allow(dead_code)] // The meter's tests use the rest of it.
#[path = "../../../tests/meter/harness.rs"]
mod harness;

use harness::{Compiled, End, Guest, engine_with_stack};

/// As many as a test of every day has time for.
const MODULES: u64 = 400;
const FUEL: u64 = 200_000;
const STACK: usize = 1 << 20;

fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.replace('_', "").parse().expect("a number"))
}

/// What became of the modules, and how often.
#[derive(Default)]
struct Totals(BTreeMap<String, u64>);

impl Totals {
    fn add(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }
}

fn compiled(engine: &Engine, metered: &Metered, written: &Written) -> Compiled {
    Compiled {
        module: Module::from_binary(engine, &written.wasm).expect("what the writer wrote is a module"),
        stock_fuel: false,
        origins: Some(metered.origins.moved(written.moved)),
    }
}

/// The memory and the mutable globals but for the meter's counter, which is no part of the state.
fn state_of(guest: &mut Guest, source: &Source<'_>) -> (Vec<u8>, Vec<Number>) {
    let instance = guest.instance.expect("it is instantiated");
    let counter = source.exported_global(COUNTER_EXPORT);
    let globals = source.mutable().map(|(index, _)| {
        if Some(index) == counter {
            return Number::I64(0);
        }
        match instance.get_global(&mut guest.store, &write::global_name(index)).unwrap().get(&mut guest.store) {
            Val::I32(value) => Number::I32(value),
            Val::I64(value) => Number::I64(value),
            Val::F32(bits) => Number::F32(bits),
            Val::F64(bits) => Number::F64(bits),
            Val::V128(value) => Number::V128(value.as_u128()),
            other => panic!("{other:?}"),
        }
    });
    let globals = globals.collect();
    let memory = instance.get_memory(&mut guest.store, write::MEMORY).unwrap();
    (memory.data(&guest.store).to_vec(), globals)
}

/// Ends that say nothing about what was done, or after which nothing more is asked.
fn is_over(end: &End) -> bool {
    matches!(end, End::Trapped(wasmtime::Trap::StackOverflow))
}

fn told(guest: &Guest) -> u64 {
    guest.store.data().told.finish()
}

/// What became of it, in a word or two.
fn one(engine: &Engine, wasm: &[u8]) -> String {
    let Ok(metered) = pass::instrument(wasm) else { return "refused by the meter".into() };
    let source = match Source::read(&metered.wasm) {
        Ok(source) => source,
        // The reason without the names and numbers in it.
        Err(reason) => {
            return format!("no snapshot: {}", reason.split([' ', '.']).take(5).collect::<Vec<_>>().join(" "));
        }
    };
    let original = compiled(engine, &metered, &write::observable(&source));
    let names: Vec<String> = original
        .module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Func(_)))
        .map(|export| export.name().to_owned())
        .collect();
    let mut first = Guest::new(&original, None);
    if !matches!(first.instantiate(FUEL, None).0, End::Returned(_)) {
        return "did not start".into();
    }
    // Half of its functions are the start: what they leave is what the snapshot is of.
    for name in &names[..names.len().div_ceil(2)] {
        if is_over(&first.call(name, FUEL, None).0) {
            return "overflowed".into();
        }
    }
    let (memory, globals) = state_of(&mut first, &source);
    let state = State { memory: &memory, globals: globals.clone() };
    let written = write::snapshot(&source, &state, None, source.exported_global(COUNTER_EXPORT), "sluice:snapshot.1");
    let snapshot = readable(&written.wasm);
    let moved = Written { moved: written.moved + snapshot.moved, wasm: snapshot.wasm };
    let mut second = Guest::new(&compiled(engine, &metered, &moved), None);
    let host = first.store.data();
    let (heard, calls) = (host.told.clone(), host.calls);
    (second.store.data_mut().told, second.store.data_mut().calls) = (heard, calls);
    assert_eq!(second.instantiate(FUEL, None).0, End::Returned(Vec::new()), "the snapshot does not start");
    let same = |first: &mut Guest, second: &mut Guest, when: &str| {
        let (expected, found) = (state_of(first, &source), state_of(second, &source));
        assert_eq!(found.1, expected.1, "globals {when}");
        let differs = expected.0.iter().zip(&found.0).position(|(a, b)| a != b);
        assert_eq!((found.0.len(), differs), (expected.0.len(), None), "memory {when}");
    };
    same(&mut first, &mut second, "restored");
    for name in &names {
        first.frames.clear();
        second.frames.clear();
        let (expected, used) = first.call(name, FUEL, None);
        let (found, used_again) = second.call(name, FUEL, None);
        assert_eq!(found, expected, "{name}");
        if is_over(&expected) {
            return "overflowed".into();
        }
        assert_eq!(second.frames, first.frames, "{name}");
        if matches!(expected, End::Returned(_)) {
            assert_eq!(used_again, used, "units of {name}");
        }
        same(&mut first, &mut second, &format!("after {name}"));
        assert_eq!(told(&second), told(&first), "what host functions were told by {name}");
    }
    "the same".into()
}

#[test]
fn instances_of_generated_snapshots_go_on_as_what_they_were_taken_of() {
    let (count, seed) = (variable("SLUICE_SNAPSHOT_MODULES", MODULES), variable("SLUICE_SNAPSHOT_SEED", 1));
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz-modules/Cargo.toml");
    let mut child = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--locked", "--manifest-path", manifest, "--"])
        .args([seed.to_string(), count.to_string(), "snapshots".to_owned()])
        .env_remove("CARGO_TARGET_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let modules = Mutex::new((child.stdout.take().unwrap(), 0));
    let totals = Mutex::new(Totals::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let work = || {
                let engines = [false, true].map(|optimise| engine_with_stack(false, optimise, STACK));
                loop {
                    let (wasm, index) = {
                        let mut modules = modules.lock().unwrap();
                        if modules.1 == count {
                            return;
                        }
                        modules.1 += 1;
                        let mut length = [0; 4];
                        modules.0.read_exact(&mut length).unwrap();
                        let mut wasm = vec![0; u32::from_le_bytes(length) as usize];
                        modules.0.read_exact(&mut wasm).unwrap();
                        (wasm, modules.1 - 1)
                    };
                    let engine = &engines[usize::from(index % 25 == 0)];
                    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| one(engine, &wasm)));
                    match outcome {
                        Ok(what) => totals.lock().unwrap().add(&what),
                        Err(panic) => {
                            let kept = std::env::temp_dir().join("sluice-snapshot-failed.wasm");
                            let _ = std::fs::write(&kept, &wasm);
                            eprintln!("the module of seed {}, kept as {}", seed + index, kept.display());
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            };
            std::thread::Builder::new().stack_size(4 * STACK).spawn_scoped(scope, work).unwrap();
        }
    });
    assert!(child.wait().unwrap().success());
    let totals = totals.into_inner().unwrap().0;
    println!("{totals:#?}");
    let of_use = totals.get("the same").copied().unwrap_or_default();
    assert!(of_use * 2 > count, "too few modules were of use: {totals:?}");
}
