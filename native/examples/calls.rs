//! The call of a SQL plugin without Java, again and again: what a profiler that counts instructions looks at.
//!
//! `calls pooled|prepared|inline COUNT GUEST.wasm` refuses an UPDATE that often. Where the instructions of a call go is
//! shown by `valgrind --tool=callgrind --toggle-collect=sluice::engine::session::Session::before` on a program that was
//! built with `cargo rustc --profile ci --example calls -- -C strip=none`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use sluice::abi::foreign::ForeignBytes;
use sluice::abi::wasi::{WasiConfig, WasiState};
use sluice::abi::wescale::Setup;
use sluice::engine::engine::Engine;
use sluice::engine::error::Result;
use sluice::engine::linker::Linker;
use sluice::engine::module::Module;
use sluice::engine::session::Session;
use sluice::engine::settings::{EngineSettings, WescaleLimits};

const QUERY: &[u8] = b"update accounts set balance = 0, note = 'closed by the nightly job', changed_at = now() -- all";

fn session(wasm: Vec<u8>) -> Result<Session> {
    let settings = [64 << 20, 100_000, 16, 256 << 10, 32 << 20, 2 << 20, 300_000_000_000, 3 << 19, 1, 0, 1, 1];
    let engine = Engine::with(EngineSettings::parse(&settings)?)?;
    let linker = Linker::new(&engine)?;
    linker.define_wasi()?;
    linker.define_wescale()?;
    let pre = linker.instantiate_pre(&Module::compile(&engine, wasm)?)?;
    let limits = WescaleLimits::parse(&[
        50_000_000,
        100_000_000,
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
    Session::new(
        Arc::new(pre),
        Arc::new(limits),
        None,
        WasiState::new(Arc::new(WasiConfig::default())),
        Setup::default(),
    )
}

fn run(way: &str, count: usize, wasm: Vec<u8>) -> Result<()> {
    let mut session = session(wasm)?;
    session.prepare()?;
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        // SAFETY: the query is static.
        let query = unsafe { ForeignBytes::new(QUERY.as_ptr(), QUERY.len()) };
        let begin = Instant::now();
        session.before(query, None, way == "inline")?;
        took.push(begin.elapsed());
        if way == "prepared" {
            session.renew()?;
        }
    }
    took.sort();
    if let (Some(half), Some(most)) = (took.get(count / 2), took.get(count * 99 / 100)) {
        println!("{way}: p50 {half:?}, p99 {most:?}");
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let outcome = match &arguments[..] {
        [_, way, count, guest] if ["pooled", "prepared", "inline"].contains(&way.as_str()) => {
            match (count.parse(), std::fs::read(guest)) {
                (Ok(count), Ok(wasm)) => run(way, count, wasm).map_err(|error| format!("{error:?}")),
                (Err(error), _) => Err(format!("count: {error}")),
                (_, Err(error)) => Err(format!("{guest}: {error}")),
            }
        }
        _ => Err("usage: calls pooled|prepared|inline COUNT GUEST.wasm".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
