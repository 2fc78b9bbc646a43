//! The floor of `make bench`: what its rows of calls and of the request in C take without a JVM, with the same engine, limits and meter.
//!
//! `cargo bench --bench floor -- FILE [MILLISECONDS]` writes the figures of one fork, as the suite reads them: for each row one value an
//! iteration, in nanoseconds of the clock. Every call's answer is checked.

#[path = "../meter/cells.rs"]
#[allow(dead_code)]
mod cells;
#[path = "../meter/rows.rs"]
#[allow(dead_code)]
mod rows;

use std::time::{Duration, Instant};

use self::cells::{Cell, Layout, Meter};
use self::rows::{Row, Work};

const WARM_UP: u32 = 3;
const ITERATIONS: u32 = 5;

/// As the product has it.
const LAYOUT: Layout = Layout { log2_alignment: 4, inlining: true };

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let file = words.next().expect("the file to write");
    let millis = words.next().map_or(150, |word| word.parse().expect("a number of milliseconds"));
    let work = move || measure(Duration::from_millis(millis));
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(work).expect("a thread");
    let lines = thread.join().expect("every answer is right");
    std::fs::write(file, format!("{{\"rows\": [\n{}\n]}}\n", lines.join(",\n"))).expect("a file to write to");
}

fn measure(time: Duration) -> Vec<String> {
    let engine = cells::engine(Meter::Ours, LAYOUT);
    let module = |name, wat: &str, work| Row {
        name,
        wasm: wat::parse_str(wat).unwrap_or_else(|error| panic!("{name}: {error}")),
        work,
        in_target: false,
    };
    let mut rows = vec![
        module("noop", r#"(module (func (export "run") (result i64) (i64.const 7)))"#, Work::Number(Some(7))),
        module(
            "add",
            r#"(module (func (export "run") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#,
            Work::Sum,
        ),
        module(
            "native-import",
            r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
                (func (export "run") (result i64) (i64.extend_i32_u (call $yield))))"#,
            Work::Number(Some(0)),
        ),
    ];
    rows.extend(rows::all().into_iter().filter(|row| row.name == "C"));
    let mut lines = Vec::new();
    for row in &rows {
        let mut cell = Cell::new(row, Meter::Ours, LAYOUT, &engine, None);
        let mut add = |group: &str, name: &str, fresh| {
            let values: Vec<String> =
                iterations(&mut cell, fresh, time).iter().map(|nanos| format!("{nanos:.3}")).collect();
            lines
                .push(format!("  {{\"group\": \"{group}\", \"row\": \"{name}\", \"nanos\": [{}]}}", values.join(", ")));
        };
        if row.name == "C" {
            add("request", "c reject-100 reused", false);
            add("request", "c reject-100 fresh", true);
        } else {
            add("crossing", row.name, false);
        }
    }
    lines
}

/// Nanoseconds a call, for each iteration.
fn iterations(cell: &mut Cell<'_>, fresh: bool, time: Duration) -> Vec<f64> {
    let mut calls = 100;
    let mut nanos = Vec::new();
    for iteration in 0..WARM_UP + ITERATIONS {
        let begin = Instant::now();
        if fresh {
            cell.fresh(calls);
        } else {
            cell.reused(calls);
        }
        let took = begin.elapsed().as_nanos().max(1) as f64 / f64::from(calls);
        if iteration >= WARM_UP {
            nanos.push(took);
        }
        calls = (time.as_nanos() as f64 / took).clamp(1.0, 100_000_000.0) as u32;
    }
    cell.drop_instance();
    nanos
}
