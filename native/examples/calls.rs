//! The call of a SQL plugin without Java, again and again: what a profiler that counts instructions looks at.
//!
//! `calls pooled|prepared|inline COUNT GUEST.wasm` refuses an UPDATE that often. By
//! `valgrind --tool=callgrind --toggle-collect='*Session::before*'` it shows where the instructions of a call go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice::abi::foreign::ForeignBytes;
use sluice::abi::wasi::{WasiConfig, WasiState};
use sluice::abi::wescale::Setup;
use sluice::engine::engine::Engine;
use sluice::engine::error::Result;
use sluice::engine::linker::Linker;
use sluice::engine::module::Module;
use sluice::engine::session::Session;
use sluice::engine::settings::{EngineSettings, WescaleLimits};

const QUERY: &[u8] =
    b"update accounts set balance = 0, note = 'closed by the nightly job', changed_at = now() -- every row of it";

fn session(wasm: Vec<u8>) -> Result<Session> {
    let keep: i64 = std::env::var("KEEP").ok().and_then(|k| k.parse().ok()).unwrap_or(1 << 20);
    let metering = i64::from(std::env::var("UNMETERED").is_err());
    let mut numbers = vec![64 << 20, 100_000, 16, 256 << 10, 32 << 20, 2 << 20, 300_000_000_000, keep, metering, 0, 1];
    numbers.resize(sluice::engine::settings::ENGINE_SETTINGS.len(), 0);
    let engine = Engine::with(EngineSettings::parse(&numbers)?)?;
    let linker = Linker::new(&engine)?;
    linker.define_wasi()?;
    linker.define_wescale()?;
    let pre = linker.instantiate_pre(&Module::compile(&engine, wasm)?)?;
    let deadline = std::env::var("DEADLINE").ok().and_then(|k| k.parse().ok()).unwrap_or(100_000_000);
    let limits = WescaleLimits::parse(&[
        1 << 40,
        deadline,
        64 << 20,
        100_000,
        4,
        4,
        16,
        65_536,
        1_000_000,
        500_000_000,
        1_000_000_000,
        16 << 20,
    ])?;
    let wasi = WasiState::new(Arc::new(WasiConfig::default()));
    Session::new(Arc::new(pre), Arc::new(limits), None, wasi, Setup::default())
}

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, way, count, guest] = &arguments[..] else {
        eprintln!("usage: calls pooled|prepared|inline COUNT GUEST.wasm");
        return std::process::ExitCode::FAILURE;
    };
    let count: usize = count.parse().expect("a count");
    let mut session = session(std::fs::read(guest).expect("a readable guest")).expect("a guest that loads");
    session.prepare().expect("a guest that starts");
    let mut took = Vec::with_capacity(count);
    let query = std::env::var("QUERY").map(String::into_bytes).unwrap_or_else(|_| QUERY.to_vec());
    let mut scratch = vec![0u8; 4 << 20];
    for _ in 0..count {
        // SAFETY: the query lives longer than the call, at whose end the session forgets it.
        let bytes = unsafe { ForeignBytes::new(query.as_ptr(), query.len()) };
        let begin = Instant::now();
        let outcome = session.before(bytes, None, way == "inline");
        took.push(begin.elapsed());
        if way == "prepared" {
            session.renew().expect("the next instance");
        }
        if let Ok(kib) = std::env::var("FLUSH") {
            let kib: usize = kib.parse().unwrap();
            scratch[..kib << 10].fill(took.len() as u8);
            std::hint::black_box(&mut scratch);
        }
        if outcome.is_err() {
            session.prepare().expect("the next instance");
        }
    }
    took.sort();
    let at = |share: f64| took.get((share * count as f64) as usize).copied().unwrap_or(Duration::ZERO);
    println!(
        "{way}: p50 {:?}, p99 {:?}, max {:?}, {} units of fuel",
        at(0.5),
        at(0.99),
        at(1.0 - 1e-9),
        session.fuel_used()
    );
    std::process::ExitCode::SUCCESS
}
