//! Where bytes become a compiled module: looked through first, then compiled on threads of our own, within a time.

use std::cell::Cell;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rayon::ThreadPoolBuilder;
use wasmparser::{Chunk, Encoding, Parser, Payload, Validator};

use super::engine::{Engine, FEATURES};
use super::error::{Error, Limit, Result};
use super::meter::names::Origins;
use super::meter::pass::{self, Metered};
use super::meter::source::reserved;
use super::raw;
use super::settings::PAGE_BYTES;
use super::snapshot;

/// Compiling recurses on the module's structure: a hostile one must not meet a thread with a small stack.
const COMPILE_STACK_BYTES: usize = 16 << 20;
const MAGIC: [u8; 4] = *b"\0asm";

/// Validates, meters and compiles, within the engine's limits. With the code comes the way back to places of `wasm`.
pub fn compile(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<(wasmtime::Module, Origins)> {
    look_through(engine, &wasm)?;
    within_deadline(engine, move |engine| {
        let Metered { wasm, origins } = metered(engine, wasm)?;
        let module = wasmtime::Module::new(&engine.inner, &wasm).map_err(refused)?;
        Ok((module, origins))
    })
}

/// Validates and meters, within the engine's limits: the first half of [`compile`].
pub fn prepare(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<Metered> {
    look_through(engine, &wasm)?;
    within_deadline(engine, move |engine| {
        if !engine.settings.metering {
            // The meter does this itself.
            Validator::new_with_features(FEATURES).validate_all(&wasm).map_err(refused)?;
        }
        metered(engine, wasm)
    })
}

/// Compiles what was made of a module that [`prepare`] gave: the second half of [`compile`].
pub fn compile_prepared(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<wasmtime::Module> {
    within_deadline(engine, move |engine| wasmtime::Module::new(&engine.inner, &wasm).map_err(refused))
}

/// Validates only. By wasmparser itself: wasmtime's own `validate` reads with proposals on that the engine has off.
pub fn validate(engine: &Arc<Engine>, wasm: Vec<u8>) -> Result<()> {
    prepare(engine, wasm).map(|_| ())
}

/// The module as it is compiled.
fn metered(engine: &Engine, wasm: Vec<u8>) -> Result<Metered> {
    if engine.settings.metering {
        return pass::instrument(&wasm);
    }
    Ok(Metered { origins: Origins::default(), wasm })
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::Compilation(format!("not a valid module: {error:#}"))
}

/// What a busy machine leaves to a thread in the background: a tenth of what an ordinary thread gets. Not less, or code
/// that would relieve a busy machine would never be ready on it.
const BACKGROUND_NICENESS: i32 = 10;

/// Compilations that may run at the same time, those included whose callers have given up.
const MAX_RUNNING: usize = 8;

/// Where compilations are counted; what runs in the background takes no place of what somebody waits for.
struct Gate(Mutex<usize>, Condvar);

static FOREGROUND: Gate = Gate(Mutex::new(0), Condvar::new());
static BACKGROUND: Gate = Gate(Mutex::new(0), Condvar::new());

/// The right to compile; given back when the work has ended, whoever still waits for it.
struct Permit(&'static Gate);

impl Permit {
    fn take(gate: &'static Gate, patience: Duration) -> Result<Permit> {
        let running = gate.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = gate.1.wait_timeout_while(running, patience, |running| *running >= MAX_RUNNING);
        let (mut running, waited) = wait.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && *running >= MAX_RUNNING {
            let nanos = nanos(patience);
            let message = format!(
                "the module waited {patience:?} while {MAX_RUNNING} other compilations ran: try again when they have ended"
            );
            return Err(Error::limit(Limit::CompileTime, nanos, nanos, message));
        }
        *running += 1;
        Ok(Permit(gate))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.1.notify_one();
    }
}

thread_local! {
    /// How long a compilation may take that this thread asks for, if it is one in the background.
    static IN_BACKGROUND: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// From now on what this thread asks for is compiled on one thread, of a lower priority (threads inherit it), and may
/// take so long.
pub fn go_to_background(deadline: Duration) {
    if IN_BACKGROUND.replace(Some(deadline)).is_none() {
        raw::lower_priority_of_this_thread(BACKGROUND_NICENESS);
    }
}

/// Runs the work on threads of its own, so that what is not done in time, and goes on there, keeps nobody else waiting.
fn within_deadline<T: Send + 'static>(
    engine: &Arc<Engine>,
    work: impl FnOnce(&Engine) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (gate, deadline, threads) = match IN_BACKGROUND.get() {
        Some(deadline) => (&BACKGROUND, deadline, 1),
        // 0: as many as there are processors.
        None => (&FOREGROUND, engine.settings.compile_deadline, 0),
    };
    let permit = Permit::take(gate, deadline)?;
    let threads = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("sluice-compile-{i}"))
        .stack_size(COMPILE_STACK_BYTES)
        .build()
        .map_err(|error| {
            // Of the process's limits, not a bug of ours.
            Error::IllegalState(format!(
                "no threads to compile on: {error}; close what is not needed, or raise the process's limits (ulimit -u, -v)"
            ))
        })?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let worker = engine.clone();
    threads.spawn(move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&worker)));
        drop(permit);
        let _ = sender.send(outcome);
    });
    match receiver.recv_timeout(deadline) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Error::Compilation("the compiler failed on this module".into())),
        Err(_) => Err(too_slow(deadline)),
    }
}

fn too_slow(deadline: Duration) -> Error {
    let nanos = nanos(deadline);
    let remedy = if IN_BACKGROUND.get().is_some() { "give it more time" } else { "raise compileDeadline" };
    let message = format!("the module was not compiled within {deadline:?}: {remedy} or use a smaller module");
    Error::limit(Limit::CompileTime, nanos, nanos, message)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Checks what can be told without compiling, so that the error names the limit.
fn look_through(engine: &Engine, wasm: &[u8]) -> Result<()> {
    let settings = &engine.settings;
    exceeds(Limit::ModuleBytes, "the module", "maxModuleBytes", wasm.len() as u64, settings.max_module_bytes)?;
    match wasm.get(..4) {
        Some(magic) if magic == MAGIC => {}
        found => {
            let found = found.unwrap_or(wasm);
            let found: Vec<String> = found.iter().map(|byte| format!("{byte:02x}")).collect();
            return Err(Error::Compilation(format!(
                "not a WebAssembly module: it must begin with the bytes 00 61 73 6d, found {}",
                if found.is_empty() { "nothing".into() } else { found.join(" ") }
            )));
        }
    }
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    let mut rest = wasm;
    loop {
        let payload = match parser.parse(rest, true).map_err(invalid)? {
            Chunk::NeedMoreData(_) => return Err(Error::Compilation("not a valid module: it is cut short".into())),
            Chunk::Parsed { consumed, payload } => {
                rest = rest.get(consumed..).unwrap_or_default();
                payload
            }
        };
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(Error::Compilation(
                    "this is a component, a core module is needed: build the guest for wasm32 without the component model"
                        .into(),
                ));
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let bytes = memory.map_err(invalid)?.initial.saturating_mul(PAGE_BYTES as u64);
                    exceeds(
                        Limit::MemoryBytes,
                        "the module's memory",
                        "maxMemoryBytes",
                        bytes,
                        settings.max_memory_bytes,
                    )?;
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let elements = table.map_err(invalid)?.ty.initial;
                    exceeds(
                        Limit::TableElements,
                        "the module's table",
                        "maxTableElements",
                        elements,
                        settings.max_table_elements,
                    )?;
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(invalid)?;
                    if import.module == pass::REFILL_MODULE {
                        return Err(reserved("imports", &format!("{}.{}", import.module, import.name)));
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let name = export.map_err(invalid)?.name;
                    if name.starts_with(pass::COUNTER_EXPORT) {
                        return Err(reserved("exports", name));
                    }
                    if name.starts_with(snapshot::RESERVED) {
                        return Err(Error::Compilation(format!(
                            "the module exports {name}: names that begin with {} belong to snapshots, rename it",
                            snapshot::RESERVED
                        )));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let bytes = body.range().len() as u64;
                exceeds(
                    Limit::FunctionBytes,
                    "a function's body",
                    "maxFunctionBytes",
                    bytes,
                    settings.max_function_bytes,
                )?;
            }
            Payload::End(_) => return Ok(()),
            _ => {}
        }
    }
}

fn invalid(error: wasmparser::BinaryReaderError) -> Error {
    Error::Compilation(format!("not a valid module: {error}"))
}

fn exceeds(limit: Limit, what: &str, setting: &str, found: u64, allowed: usize) -> Result<()> {
    if found <= allowed as u64 {
        return Ok(());
    }
    let unit = if limit == Limit::TableElements { "elements" } else { "bytes" };
    let message = format!("{what} has {found} {unit}, {allowed} are allowed: raise {setting} or use a smaller module");
    Err(Error::limit(limit, found, allowed as u64, message))
}
