//! What a request costs on an instance of its own, by where that instance begins: at the module, so that it has to be
//! started, or at a snapshot taken after start; and by when it is made: in the request, or ahead of it.
//!
//! Without a JVM. `--rows WORD` measures a part.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice::abi::foreign::ForeignBytes;
use sluice::abi::wasi::{WasiConfig, WasiState};
use sluice::abi::wescale::Setup;
use sluice::engine::engine::Engine;
use sluice::engine::linker::{InstancePre, Linker};
use sluice::engine::module::Module;
use sluice::engine::session::Session;
use sluice::engine::settings::{EngineSettings, WescaleLimits};
use sluice::engine::snapshot::{Conditions, take};

const GUESTS: [(&str, &str); 9] = [
    ("c/reject_without_where", "update t set a = 1"),
    ("upstream/design_document", "update t set a = 1"),
    ("c_wasi/wasi_report", "args"),
    ("rust/reject_without_where", "update t set a = 1"),
    ("assemblyscript/rewrite_query", "select a from t"),
    ("go/reject_without_where", "update t set a = 1"),
    ("go/random_choices", "select 1"),
    ("java/reject_without_where", "update t set a = 1"),
    ("java/upper_case", "select a from t"),
];
/// Rounds in which the kinds take turns, and how long each goes on in a round.
const ROUNDS: usize = 7;
const BATCH: Duration = Duration::from_millis(60);
/// So many requests have their latency taken in a batch at most.
const MAX_LATENCIES: usize = 20_000;

/// An engine with the defaults of `EngineConfig`, but for the number of instances and what stays resident.
fn engine(keep_resident: i64) -> Arc<Engine> {
    let settings = [64 << 20, 100_000, 64, 256 << 10, 32 << 20, 2 << 20, 300_000_000_000, keep_resident, 1, 0, 1, 1];
    Engine::with(EngineSettings::parse(&settings).expect("settings")).expect("an engine")
}

fn conditions() -> Conditions {
    let limits = [
        500_000_000,
        1_000_000_000,
        64 << 20,
        100_000,
        1,
        1,
        16,
        65_536,
        1_000_000,
        500_000_000,
        5_000_000_000,
        1 << 20,
    ];
    Conditions {
        limits: Arc::new(WescaleLimits::parse(&limits).expect("limits")),
        budget: None,
        wasi: Arc::new(WasiConfig::default()),
        configuration: Arc::new([]),
        grants: 0,
        // For the figures: Go asks for randomness.
        random_allowed: true,
    }
}

fn linked(module: &Module) -> InstancePre {
    let linker = Linker::new(&module.engine).expect("a linker");
    linker.define_wasi().expect("wasi");
    linker.define_wescale().expect("wescale");
    linker.instantiate_pre(module).expect("imports that are there")
}

fn session(pre: InstancePre) -> Session {
    let conditions = conditions();
    let wasi = WasiState::new(conditions.wasi);
    Session::new(Arc::new(pre), conditions.limits, None, wasi, Setup::default()).expect("a plugin")
}

/// What a kind came to in one round, in nanoseconds: the median of the requests alone, and a request with the making of
/// its instance.
struct Round {
    latency: f64,
    whole: f64,
}

struct Kind {
    name: &'static str,
    session: Session,
    ahead: bool,
    rounds: Vec<Round>,
}

impl Kind {
    fn request(&mut self, query: &'static [u8], fresh: bool) {
        // SAFETY: static bytes stay readable.
        let query = unsafe { ForeignBytes::new(query.as_ptr(), query.len()) };
        self.session.before(query, None, fresh).expect("a request that goes well");
    }

    fn run(&mut self, query: &'static [u8]) {
        let mut latencies = Vec::with_capacity(MAX_LATENCIES);
        let (mut requests, begin) = (0u32, Instant::now());
        while begin.elapsed() < BATCH {
            if self.ahead {
                self.session.renew().expect("an instance that starts");
            }
            let then = Instant::now();
            self.request(query, !self.ahead);
            let took = then.elapsed();
            if latencies.len() < MAX_LATENCIES {
                latencies.push(took.as_nanos() as f64);
            }
            requests += 1;
        }
        let whole = begin.elapsed().as_nanos() as f64 / f64::from(requests);
        self.rounds.push(Round { latency: median(latencies), whole });
    }

    fn medians(&self) -> (f64, f64) {
        let of = |value: fn(&Round) -> f64| median(self.rounds.iter().map(value).collect()) / 1e3;
        (of(|round| round.latency), of(|round| round.whole))
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let part = match words.as_slice() {
        [] => "",
        [option, part] if option == "--rows" => part.as_str(),
        other => panic!("{other:?}: --rows WORD or nothing"),
    };
    println!(
        "us per request: the request alone (median) / with the making of its instance (mean), medians of {ROUNDS} rounds"
    );
    println!(
        "{:<36} {:>4} {:>19} {:>19} {:>19} {:>19}",
        "guest (MiB after start)", "keep", "start in request", "started ahead", "snapshot in request", "snapshot ahead"
    );
    for (guest, query) in GUESTS.iter().filter(|(guest, _)| guest.contains(part)) {
        let name = guest.rsplit('/').next().unwrap_or(guest);
        let path = format!("{}/../plugins-test/guests/{guest}/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
        let wasm = std::fs::read(path).expect("a guest that is built");
        measure(guest, &wasm, query.as_bytes());
    }
}

fn measure(guest: &str, wasm: &[u8], query: &'static [u8]) {
    for keep in [1 << 20, 16 << 20] {
        let engine = engine(keep);
        let module = Module::compile(&engine, wasm.to_vec()).expect("a module");
        let outcome = take(&engine, wasm, &linked(&module), &conditions());
        let mut kinds = Vec::new();
        for (from, code) in [("start", Some(&module)), ("snapshot", outcome.module.as_ref())] {
            for ahead in [false, true] {
                if let Some(code) = code {
                    let name = from;
                    kinds.push(Kind { name, session: session(linked(code)), ahead, rounds: Vec::new() });
                }
            }
        }
        for kind in &mut kinds {
            kind.session.prepare().expect("an instance that starts");
            kind.request(query, true);
        }
        let mebibytes = kinds[0].session.memory_bytes() as f64 / f64::from(1 << 20);
        if keep > 1 << 20 && mebibytes <= 1.0 {
            return;
        }
        for _ in 0..ROUNDS {
            kinds.iter_mut().for_each(|kind| kind.run(query));
        }
        let mut line = format!("{:<36} {:>4}", format!("{guest} ({mebibytes:.2})"), keep >> 20);
        for kind in &kinds {
            let (latency, whole) = kind.medians();
            line.push_str(&format!(" {:>19}", format!("{latency:.2} / {whole:.2}")));
        }
        println!("{line}");
        if kinds.iter().all(|kind| kind.name != "snapshot") {
            println!("{:<36} {}", "", outcome.reason);
        }
    }
}
