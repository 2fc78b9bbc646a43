//! Modules made from random numbers: they do the same with and without the meter, and are never counted low.
//!
//! SLUICE_METER_MODULES says how many (20,000 before a change of the pass lands, 1,000,000 by `make meter-nightly`),
//! SLUICE_METER_SEED where to begin.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sluice::engine::meter::pass;
use wasmtime::{Engine, Trap};

use super::harness::{Compiled, End, Fuel, Run, compile_metered, compile_stock, engine_with_stack, run};
use super::structure;

/// As many as a test of every day has time for.
const MODULES: u64 = 4_000;
/// What wasmtime's fuel gives each step; most modules that would use more never end.
const STOCK_FUEL: u64 = 200_000;
/// Enough for what ends by itself: frames are not of one size with and without a meter.
const GUEST_STACK: usize = 3 << 19;

fn variable(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.replace('_', "").parse().unwrap_or_else(|_| panic!("{name}={text}: a number is needed")),
        Err(_) => otherwise,
    }
}

/// The program that makes them, built if need be.
fn generator(seed: u64, count: u64) -> Child {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz-modules/Cargo.toml");
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--locked", "--manifest-path", manifest, "--"])
        .args([seed.to_string(), count.to_string()])
        .env_remove("CARGO_TARGET_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn next(from: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 4];
    from.read_exact(&mut length).unwrap();
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut bytes).unwrap();
    bytes
}

#[derive(Default)]
pub struct Totals {
    modules: AtomicU64,
    refused: AtomicU64,
    calls: AtomicU64,
    returned: AtomicU64,
    trapped: AtomicU64,
    ran_out: AtomicU64,
    stock_units: AtomicU64,
    our_units: AtomicU64,
}

impl Totals {
    fn add(counter: &AtomicU64, more: u64) {
        counter.fetch_add(more, Ordering::Relaxed);
    }
}

pub struct Engines {
    pub optimised: bool,
    pub stock: Engine,
    pub ours: Engine,
}

#[test]
fn generated_modules_do_the_same_and_are_never_counted_low() {
    let (count, seed) = (variable("SLUICE_METER_MODULES", MODULES), variable("SLUICE_METER_SEED", 1));
    let mut child = generator(seed, count);
    let source = Mutex::new((child.stdout.take().unwrap(), 0));
    let totals = Totals::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get().min(8)) {
            let work = || {
                let engines = [false, true].map(|optimise| Engines {
                    optimised: optimise,
                    stock: engine_with_stack(true, optimise, GUEST_STACK),
                    ours: engine_with_stack(false, optimise, GUEST_STACK),
                });
                loop {
                    let (wasm, index) = {
                        let mut source = source.lock().unwrap();
                        if source.1 == count {
                            return;
                        }
                        source.1 += 1;
                        (next(&mut source.0), source.1 - 1)
                    };
                    // The optimiser sees every 25th: it takes three times as long.
                    let engines = &engines[usize::from((seed + index) % 25 == 0)];
                    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        compare(engines, &wasm, STOCK_FUEL, &totals);
                    }));
                    progress(&totals, count);
                    if let Err(panic) = outcome {
                        let _ = std::fs::write(std::env::temp_dir().join("sluice-meter-failed.wasm"), &wasm);
                        eprintln!("the module of seed {} (kept as sluice-meter-failed.wasm)", seed + index);
                        std::panic::resume_unwind(panic);
                    }
                }
            };
            std::thread::Builder::new().stack_size(4 * GUEST_STACK).spawn_scoped(scope, work).unwrap();
        }
    });
    assert!(child.wait().unwrap().success());
    println!("{totals}");
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    assert!(of(&totals.refused) * 10 < count, "too few modules were of use");
    assert!(of(&totals.returned) > count / 2 && of(&totals.trapped) > count / 10, "the modules do too little");
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (modules, refused, calls) = (of(&self.modules), of(&self.refused), of(&self.calls));
        let (returned, trapped, ran_out) = (of(&self.returned), of(&self.trapped), of(&self.ran_out));
        let (ours, stock) = (of(&self.our_units), of(&self.stock_units));
        write!(f, "{modules} modules, {refused} of them refused by wasmtime: {calls} steps, {returned} returned, ")?;
        write!(f, "{trapped} trapped, {ran_out} ran out; {ours} units, {stock} of stock fuel")
    }
}

/// A line for each tenth, past the harness, which would keep it until the end.
fn progress(totals: &Totals, count: u64) {
    let done = totals.modules.load(Ordering::Relaxed);
    if done.is_multiple_of((count / 10).max(1_000)) {
        let _ = writeln!(std::io::stderr(), "generated modules: {done} of {count}");
    }
}

pub fn compare(engines: &Engines, wasm: &[u8], fuel_limit: u64, totals: &Totals) {
    Totals::add(&totals.modules, 1);
    let stock = match compile_stock(&engines.stock, wasm) {
        Ok(stock) => stock,
        Err(error) => {
            eprintln!("{error:#}");
            Totals::add(&totals.refused, 1);
            return;
        }
    };
    let metered = pass::instrument(wasm).unwrap_or_else(|error| panic!("{error:?}"));
    structure::check(&metered.wasm);
    let ours = compile_metered(&engines.ours, &metered).unwrap_or_else(|error| panic!("{error:#}"));
    let mut expected = run(&stock, None, Fuel { all: fuel_limit, one: None }, usize::MAX);
    let out = expected.steps.iter().position(|step| step.end.ran_out());

    // What ends by itself ends with us too; what ran out runs out on as many of our units. What ended because its frames
    // were too large may never end with ours, which differ: hence a limit, far above what the dearest way can make of it.
    let all = fuel_limit.saturating_mul(10_000);
    let fuel = Fuel { all, one: out.map(|step| (step, fuel_limit)) };
    let mut found = run(&ours, Some(1), fuel, usize::MAX);
    if engines.optimised {
        // A branch round a trap becomes one instruction, which stands for either.
        for step in expected.steps.iter_mut().chain(&mut found.steps) {
            step.frames.clear();
        }
    }
    same(&expected, &found);
    Totals::add(&totals.calls, expected.steps.len() as u64);
    for (i, step) in expected.steps.iter().enumerate() {
        if found.steps.get(i).is_none_or(|step| step.end == End::Trapped(Trap::StackOverflow)) {
            Totals::add(&totals.trapped, 1);
            break;
        }
        match step.end {
            End::Trapped(Trap::OutOfFuel) => Totals::add(&totals.ran_out, 1),
            // How deep a stack is differs by the frames' sizes, and with it how much ran.
            End::Trapped(Trap::StackOverflow) => Totals::add(&totals.trapped, 1),
            // Wasmtime also counts what it does at instantiation, in step 0.
            ref end => {
                assert!(
                    i == 0 || found.units[i] >= expected.units[i],
                    "step {i}: {} units, {} of stock fuel",
                    found.units[i],
                    expected.units[i]
                );
                Totals::add(&totals.stock_units, expected.units[i]);
                Totals::add(&totals.our_units, found.units[i]);
                let counter = if matches!(end, End::Returned(_)) { &totals.returned } else { &totals.trapped };
                Totals::add(counter, 1);
            }
        }
    }
    exact(&ours, &found, fuel);
}

fn same(expected: &Run, found: &Run) {
    for (i, (expected, found)) in expected.steps.iter().zip(&found.steps).enumerate() {
        match (&expected.end, &found.end) {
            // How deep a stack gets differs by the sizes of frames.
            (End::Trapped(Trap::StackOverflow), _) | (_, End::Trapped(Trap::StackOverflow)) => return,
            (End::Trapped(Trap::OutOfFuel), End::Trapped(Trap::OutOfFuel)) => {}
            _ => {
                assert_eq!((&expected.end, expected.state), (&found.end, found.state), "step {i}");
                same_frames(&expected.frames, &found.frames);
            }
        }
    }
    assert_eq!(expected.steps.len(), found.steps.len(), "{expected:#?}\n{found:#?}");
}

/// Calls stand where they stood. A trap may be some operators off: a load that is part of what uses it traps there.
fn same_frames(expected: &[(u32, u32)], found: &[(u32, u32)]) {
    // Of a deep stack the meter's own function takes one place.
    assert!(found.len() == expected.len() || expected.len() == 20 && found.len() == 19, "{expected:?} {found:?}");
    for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
        let apart = expected.1.abs_diff(found.1);
        assert!(expected.0 == found.0 && (apart == 0 || i == 0 && apart < 24), "frame {i}: {expected:?} {found:?}");
    }
}

/// Slices change nothing, as many units as were used suffice, and one less does not.
fn exact(ours: &Compiled, found: &Run, fuel: Fuel) {
    let returned = |run: &Run| {
        let ends = run.steps.iter().zip(&run.units);
        ends.filter(|(step, _)| matches!(step.end, End::Returned(_))).map(|(_, units)| *units).collect::<Vec<u64>>()
    };
    for slice in [Some(333), Some(50_000), None] {
        let mut again = run(ours, slice, fuel, usize::MAX);
        for (again, found) in again.steps.iter_mut().zip(&found.steps) {
            if found.frames.is_empty() {
                again.frames.clear();
            }
        }
        if again.steps.last().is_some_and(|step| step.end == End::Trapped(Trap::StackOverflow)) {
            return;
        }
        assert_eq!(again.steps, found.steps, "slices of {slice:?}");
        assert_eq!(returned(&again), returned(found), "slices of {slice:?}");
    }
    let last = found.steps.iter().rposition(|step| matches!(step.end, End::Returned(_)));
    let Some(step) = last.filter(|step| found.units[*step] > 0) else { return };
    let units = found.units[step];
    for slice in [Some(1), Some(333), None] {
        let enough = run(ours, slice, Fuel { all: u64::MAX, one: Some((step, units)) }, step);
        assert_eq!(enough.steps[step], found.steps[step], "{units} units in step {step}");
        assert_eq!(enough.units[step], units);
        let short = run(ours, slice, Fuel { all: u64::MAX, one: Some((step, units - 1)) }, step);
        assert_eq!(short.steps[step].end, End::Trapped(Trap::OutOfFuel), "{} units in step {step}", units - 1);
    }
}
