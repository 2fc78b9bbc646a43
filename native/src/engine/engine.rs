//! An engine: wasmtime's compiler and its pool of instances, one per profile and process.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmparser::WasmFeatures;
use wasmtime::{Config, Inlining, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::error::{Error, Result};
use super::meter::pass::METER_VERSION;
use super::settings::{EngineSettings, PAGE_BYTES, TrapMode};

/// Guest frames that a trap reports.
pub const MAX_FRAMES: usize = 16;
/// Frames of the meter that may lie among them: a bulk operation is two.
const METER_FRAMES: usize = 2;
/// Part of each table that a pool slot keeps in memory between two instances.
const TABLE_KEEP_RESIDENT_BYTES: usize = 64 << 10;
/// What wasmtime keeps for one instance besides its memory: a module of 30,000 functions needs this much.
const MAX_INSTANCE_BYTES: usize = 4 << 20;

/// The proposals that guests may use, and no other: SECURITY.md names them.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::FLOATS);

/// A compiler with its settings and its pool. Shared and thread-safe.
#[derive(Debug)]
pub struct Engine {
    pub inner: wasmtime::Engine,
    pub settings: EngineSettings,
    pub signals: bool,
    /// What artifacts of this engine can be told by.
    pub fingerprint: u64,
}

impl Engine {
    /// The engine with these settings: made once, then kept for the life of the process.
    ///
    /// Each engine reserves address space for its pool, and wasmtime registers its code process-wide, so making and
    /// dropping engines again and again is what this avoids.
    pub fn with(settings: EngineSettings) -> Result<Arc<Engine>> {
        static ENGINES: OnceLock<Mutex<HashMap<EngineSettings, Arc<Engine>>>> = OnceLock::new();
        let engines = ENGINES.get_or_init(Mutex::default);
        let mut engines = engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&settings) {
            return Ok(engine.clone());
        }
        let engine = Arc::new(Engine::create(settings.clone())?);
        engines.insert(settings, engine.clone());
        Ok(engine)
    }

    fn create(settings: EngineSettings) -> Result<Engine> {
        let (inner, signals) = match settings.traps {
            TrapMode::Signals => (build(&settings, true), true),
            TrapMode::Explicit => (build(&settings, false), false),
            TrapMode::Auto if !signals_supported() => (build(&settings, false), false),
            TrapMode::Auto => match build(&settings, true) {
                Ok(engine) => (Ok(engine), true),
                Err(_) => (build(&settings, false), false),
            },
        };
        let inner = inner.map_err(|error| {
            Error::IllegalArgument(format!(
                "no engine with {} instances of {} bytes of memory each: {error:#}; \
                 ask for fewer instances or less memory, or raise the process's limit of address space (ulimit -v)",
                settings.max_instances, settings.max_memory_bytes
            ))
        })?;
        let mut hasher = DefaultHasher::new();
        inner.precompile_compatibility_hash().hash(&mut hasher);
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        settings.metering.then_some(METER_VERSION).hash(&mut hasher);
        let fingerprint = hasher.finish();
        Ok(Engine { inner, settings, signals, fingerprint })
    }
}

/// Where traps by signals have been tried under a JVM with every collector.
fn signals_supported() -> bool {
    cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

fn build(settings: &EngineSettings, signals: bool) -> wasmtime::Result<wasmtime::Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(settings.max_instances)
        .total_memories(settings.max_instances)
        .total_tables(settings.max_instances.saturating_mul(2))
        .max_memories_per_module(1)
        .max_tables_per_module(16)
        .max_core_instance_size(MAX_INSTANCE_BYTES)
        .max_memory_size(settings.max_memory_bytes)
        .table_elements(settings.max_table_elements)
        .linear_memory_keep_resident(settings.keep_resident_bytes.min(settings.max_memory_bytes))
        .table_keep_resident(TABLE_KEEP_RESIDENT_BYTES);

    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .max_wasm_stack(settings.max_wasm_stack_bytes)
        // The allocator of registers stays: the quick one is outside what wasmtime gives security fixes for.
        .cranelift_opt_level(if settings.optimisation { OptLevel::Speed } else { OptLevel::None })
        .compiler_inlining(if settings.inlining { Inlining::Yes } else { Inlining::No })
        .wasm_backtrace_max_frames(NonZeroUsize::new(MAX_FRAMES + METER_FRAMES))
        .native_unwind_info(false)
        .concurrency_support(false)
        .memory_init_cow(true)
        .memory_may_move(false)
        .signals_based_traps(signals);
    if !signals {
        let bytes = settings.max_memory_bytes.next_multiple_of(PAGE_BYTES).max(PAGE_BYTES);
        config.memory_reservation(bytes as u64).memory_guard_size(0);
    }
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    config.with_custom_code_memory(Some(super::mapped::code_memory()));
    config.wasm_features(WasmFeatures::all(), false).wasm_features(FEATURES, true);
    // The meter says which of its branches are hardly ever taken.
    config.wasm_branch_hinting(settings.metering);
    wasmtime::Engine::new(&config)
}
