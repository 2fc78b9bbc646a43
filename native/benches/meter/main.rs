//! What metering costs, without a JVM: each guest under no meter, wasmtime's fuel, its fuel and epochs, and ours, on an
//! instance that is used again and on one of its own for each call, in three layouts of code, without and with inlining.
//!
//! `--raw FILE` adds what was measured to a file, `--layouts 4,5,6`, `--inlining no,yes` and `--rows WORD` measure a part,
//! `--report FILE` prints the table of such a file and writes it beside, `--cache FOLDER` keeps compiled code.

mod cells;
mod report;
mod rows;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use self::cells::{Cell, Layout, METERS, Meter};
use self::report::Sample;
use self::rows::{Row, Work};

/// How long the calls of a cell go on in a round.
const BATCH: Duration = Duration::from_millis(2);
const ROUNDS: usize = 31;

struct Arguments {
    layouts: Vec<u8>,
    inlining: Vec<bool>,
    rows: String,
    rounds: usize,
    raw: Option<PathBuf>,
    report: Option<PathBuf>,
    cache: Option<PathBuf>,
    compile_only: bool,
}

fn arguments() -> Arguments {
    let mut parsed = Arguments {
        layouts: vec![4, 5, 6],
        inlining: vec![false, true],
        rows: String::new(),
        rounds: ROUNDS,
        raw: None,
        report: None,
        cache: None,
        compile_only: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word}: a value is needed"));
        match word.as_str() {
            // From `cargo bench`.
            "--bench" => {}
            "--compile-only" => parsed.compile_only = true,
            "--layouts" => parsed.layouts = value().split(',').map(|n| n.parse().expect("a number")).collect(),
            "--inlining" => parsed.inlining = value().split(',').map(|word| word == "yes").collect(),
            "--rows" => parsed.rows = value(),
            "--rounds" => parsed.rounds = value().parse().expect("a number"),
            "--raw" => parsed.raw = Some(value().into()),
            "--report" => parsed.report = Some(value().into()),
            "--cache" => parsed.cache = Some(value().into()),
            other => {
                panic!("{other}: --layouts, --inlining, --rows, --rounds, --raw, --report, --cache or --compile-only")
            }
        }
    }
    parsed
}

fn main() {
    let arguments = arguments();
    if let Some(file) = &arguments.report {
        return report::print(file);
    }
    if let Some(folder) = &arguments.cache {
        std::fs::create_dir_all(folder).expect("a folder for compiled code");
    }
    let rows: Vec<Row> = rows::all().into_iter().filter(|row| row.name.contains(&arguments.rows)).collect();
    let measured = std::thread::scope(|scope| {
        let work = || {
            let mut samples = Vec::new();
            for inlining in &arguments.inlining {
                for log2_alignment in &arguments.layouts {
                    let layout = Layout { log2_alignment: *log2_alignment, inlining: *inlining };
                    samples.extend(measure(&rows, layout, &arguments));
                }
            }
            samples
        };
        let thread = std::thread::Builder::new().stack_size(8 << 20).spawn_scoped(scope, work).expect("a thread");
        thread.join().expect("every answer is right")
    });
    if arguments.compile_only {
        return;
    }
    match &arguments.raw {
        Some(file) => report::append(file, &measured),
        None => report::table(&measured, &mut |line| println!("{line}")),
    }
}

fn measure(rows: &[Row], layout: Layout, arguments: &Arguments) -> Vec<Sample> {
    let engines = METERS.map(|meter| cells::engine(meter, layout));
    let mut samples = Vec::new();
    for row in rows {
        let mut cells: Vec<Cell<'_>> = METERS
            .iter()
            .zip(&engines)
            .map(|(meter, engine)| Cell::new(row, *meter, layout, engine, arguments.cache.as_deref()))
            .collect();
        if arguments.compile_only {
            continue;
        }
        for fresh in [false, true] {
            if fresh && matches!(row.work, Work::Trap) {
                continue;
            }
            samples.extend(measure_row(&mut cells, fresh, layout, arguments.rounds));
        }
        let mut line =
            format!("{} 2^{} {}", row.name, layout.log2_alignment, if layout.inlining { "inlining" } else { "" });
        for sample in samples.iter().rev().take(8) {
            let _ = write!(line, " | {} {:.0} ns", sample.meter, report::quiet(&sample.nanos));
        }
        eprintln!("{line}");
    }
    samples
}

fn measure_row(cells: &mut [Cell<'_>], fresh: bool, layout: Layout, rounds: usize) -> Vec<Sample> {
    let call = |cell: &mut Cell<'_>, times: u32| {
        let begin = own_time();
        if fresh {
            cell.fresh(times)
        } else {
            cell.reused(times)
        }
        (own_time() - begin).as_nanos() as f64 / f64::from(times)
    };
    // The same calls under every meter, so that collectors of garbage do the same: as many as fill a batch without one.
    let warm = call(&mut cells[0], 3).min(call(&mut cells[0], 3)).max(1.0);
    let times = ((BATCH.as_nanos() as f64 / warm) as u32).clamp(1, 200_000);
    let mut nanos = vec![Vec::new(); cells.len()];
    for cell in cells.iter_mut() {
        cell.drop_instance();
        call(cell, 3);
    }
    for round in 0..rounds {
        // Each is first in turn.
        for i in 0..cells.len() {
            let index = (i + round) % cells.len();
            nanos[index].push(call(&mut cells[index], times));
        }
    }
    let samples = cells.iter_mut().zip(nanos).map(|(cell, nanos)| {
        cell.drop_instance();
        Sample {
            row: cell.row.name.to_owned(),
            in_target: cell.row.in_target,
            fresh,
            log2_alignment: layout.log2_alignment,
            inlining: layout.inlining,
            meter: cell.meter.name().to_owned(),
            units: cell.units,
            nanos,
        }
    });
    samples.collect()
}

/// Processor time of this thread: others on the machine do not count.
fn own_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the one struct it is given.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0, "a clock of this thread");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The one that the others are compared with.
const BASE: Meter = Meter::None;
