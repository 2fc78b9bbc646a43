//! A row under one meter: an engine as the product has it but for the meter and the layout of code, and calls that are timed.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluice::abi::foreign::ForeignBytes;
use sluice::abi::log::GuestLog;
use sluice::abi::wasi::{GuestExit, WasiConfig, WasiState};
use sluice::abi::wescale::{self, WescaleState};
use sluice::engine::engine::{Engine, FEATURES};
use sluice::engine::linker::{InstancePre, Linker};
use sluice::engine::meter::names::Origins;
use sluice::engine::meter::{self, pass};
use sluice::engine::module::Module;
use sluice::engine::settings::{CallLimits, ENGINE_SETTINGS, EngineSettings, StoreLimits};
use sluice::engine::store::{self, StoreData};
use sluice::engine::{raw, stack};
use wasmparser::WasmFeatures;
use wasmtime::{
    Config, Func, Inlining, InstanceAllocationStrategy, ModuleExport, OptLevel, PoolingAllocationConfig, Store,
    TypedFunc,
};

use super::rows::{Answer, Row, Work};

/// Who counts and ends the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meter {
    None,
    /// Wasmtime's fuel.
    Fuel,
    /// Wasmtime's fuel and its epochs: what promises as much as ours.
    FuelAndEpoch,
    Ours,
}

pub const METERS: [Meter; 4] = [Meter::None, Meter::Fuel, Meter::FuelAndEpoch, Meter::Ours];

impl Meter {
    pub fn name(self) -> &'static str {
        match self {
            Meter::None => "none",
            Meter::Fuel => "stock fuel",
            Meter::FuelAndEpoch => "stock fuel + epoch",
            Meter::Ours => "ours",
        }
    }
}

/// How code is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Functions begin at multiples of two to the power of this.
    pub log2_alignment: u8,
    pub inlining: bool,
}

const MEMORY_BYTES: usize = 64 << 20;
const STACK_BYTES: usize = 256 << 10;
const LIMITS: CallLimits = CallLimits { fuel: Some(1 << 40), deadline: Some(Duration::from_secs(100)) };

pub fn engine(meter: Meter, layout: Layout) -> Arc<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(32)
        .total_memories(32)
        .total_tables(64)
        .max_memories_per_module(1)
        .max_core_instance_size(4 << 20)
        .max_memory_size(MEMORY_BYTES)
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .max_wasm_stack(STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        .compiler_inlining(if layout.inlining { Inlining::Yes } else { Inlining::No })
        .wasm_backtrace_max_frames(NonZeroUsize::new(16))
        .native_unwind_info(false)
        .concurrency_support(false)
        .memory_init_cow(true)
        .memory_may_move(false)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(FEATURES, true)
        .wasm_branch_hinting(meter == Meter::Ours)
        .consume_fuel(matches!(meter, Meter::Fuel | Meter::FuelAndEpoch))
        .epoch_interruption(meter == Meter::FuelAndEpoch);
    // SAFETY: the flag is one of Cranelift's own and changes where functions begin, nothing of what they do.
    unsafe {
        config.cranelift_flag_set("log2_min_function_alignment", &layout.log2_alignment.to_string());
    }
    let mut settings = settings();
    settings.metering = meter == Meter::Ours;
    let inner = wasmtime::Engine::new(&config).expect("an engine with these settings");
    Arc::new(Engine { inner, settings, signals: true, fingerprint: 0 })
}

/// What is asked of them here is the size of the stack and whether there is a meter.
fn settings() -> EngineSettings {
    let mut values = vec![1 << 20, 1_000, 8, STACK_BYTES as i64, 1 << 20, 64 << 10, 1_000_000_000, 1 << 20, 1, 0, 1];
    values.resize(ENGINE_SETTINGS.len(), 0);
    EngineSettings::parse(&values).expect("settings within their bounds")
}

/// A row's module, compiled and linked.
pub struct Cell<'a> {
    pub row: &'a Row,
    pub meter: Meter,
    pre: InstancePre,
    exports: Exports,
    live: Option<Live>,
    /// Units of the last call.
    pub units: u64,
}

struct Exports {
    first: ModuleExport,
    after: Option<ModuleExport>,
    memory: Option<ModuleExport>,
    allocator: Option<ModuleExport>,
    start: Option<ModuleExport>,
    counter: Option<ModuleExport>,
}

struct Live {
    store: Store<StoreData>,
    first: Func,
    after: Option<Func>,
    /// The entry with its type checked, where it is one of these.
    number: Option<TypedFunc<(), i64>>,
    sum: Option<TypedFunc<(i32, i32), i32>>,
}

impl<'a> Cell<'a> {
    /// Compiles, or takes what an earlier run compiled from the cache.
    pub fn new(row: &'a Row, meter: Meter, layout: Layout, engine: &Arc<Engine>, cache: Option<&Path>) -> Cell<'a> {
        let wasm = match meter {
            Meter::Ours => pass::instrument(&row.wasm).expect("the pass takes the guest").wasm,
            _ => row.wasm.clone(),
        };
        let inner = compiled(engine, &wasm, meter, layout, cache);
        let module = Module { engine: engine.clone(), inner, origins: Arc::new(Origins::default()) };
        let linker = Linker::new(engine).expect("a linker");
        linker.define_wasi().expect("WASI's functions");
        linker.define_wescale().expect("WeScale's functions");
        let pre = linker.instantiate_pre(&module).unwrap_or_else(|error| panic!("{}: {error:?}", row.name));
        let find = |name: &str| pre.module.get_export_index(name);
        let (first, after) = match row.work {
            Work::Number(_) | Work::Sum | Work::Trap => ("run", None),
            Work::Query { .. } => ("RunBeforeExecutionOnGuest", None),
            Work::Result { .. } => ("RunBeforeExecutionOnGuest", Some("RunAfterExecutionOnGuest")),
        };
        let exports = Exports {
            first: find(first).expect("the guest's entry"),
            after: after.and_then(find),
            memory: find("memory"),
            allocator: find("malloc"),
            start: wescale::start_export(&pre.module).and_then(find),
            counter: find(pass::COUNTER_EXPORT),
        };
        Cell { row, meter, pre, exports, live: None, units: 0 }
    }

    /// Calls on one instance.
    pub fn reused(&mut self, times: u32) {
        for _ in 0..times {
            let mut live = self.live.take().unwrap_or_else(|| self.instantiate());
            self.units = self.call(&mut live);
            self.live = Some(live);
        }
    }

    /// Each call on an instance of its own, which is made and dropped.
    pub fn fresh(&mut self, times: u32) {
        for _ in 0..times {
            let mut live = self.instantiate();
            self.units = self.call(&mut live);
        }
    }

    pub fn drop_instance(&mut self) {
        self.live = None;
    }

    fn arm(&self, store: &mut Store<StoreData>) {
        match self.meter {
            Meter::None => {}
            Meter::Ours => meter::arm(store, LIMITS),
            Meter::Fuel | Meter::FuelAndEpoch => {
                store.set_fuel(1 << 40).expect("the engine has fuel");
                if self.meter == Meter::FuelAndEpoch {
                    store.set_epoch_deadline(1);
                }
            }
        }
    }

    fn used(&self, store: &mut Store<StoreData>, clean: bool) -> u64 {
        match self.meter {
            Meter::None => 0,
            Meter::Ours => meter::end(store, clean),
            Meter::Fuel | Meter::FuelAndEpoch => (1 << 40) - store.get_fuel().unwrap_or(0),
        }
    }

    fn instantiate(&self) -> Live {
        stack::check(STACK_BYTES).expect("a thread with enough stack");
        let limits = StoreLimits {
            call: LIMITS,
            max_memory_bytes: MEMORY_BYTES,
            max_table_elements: 20_000,
            max_instances: 1,
            max_memories: 1,
            max_tables: 8,
            max_log_bytes: 65_536,
            clock_resolution: Duration::from_millis(1),
        };
        let wasi = WasiState::new(Arc::new(WasiConfig::default()));
        let data = StoreData::new(
            &self.pre.engine,
            Arc::new(limits),
            None,
            wasi,
            WescaleState::default(),
            GuestLog::new(65_536),
        );
        let mut store = store::create(&self.pre.engine, data).expect("a store");
        self.arm(&mut store);
        let instance = store::instantiate(&mut store, &self.pre, None).expect("an instance");
        let mut find = |export: &ModuleExport| instance.get_module_export(&mut store, export).expect("an export");
        let memory = self.exports.memory.as_ref().map(&mut find);
        let allocator = self.exports.allocator.as_ref().map(&mut find);
        let first = find(&self.exports.first).into_func().expect("a func");
        let after = self.exports.after.as_ref().map(&mut find).and_then(|after| after.into_func());
        let start = self.exports.start.as_ref().map(&mut find).and_then(|start| start.into_func());
        let counter = self.exports.counter.as_ref().map(&mut find).and_then(|counter| counter.into_global());
        let data = store.data_mut();
        data.memory = memory.and_then(|memory| memory.into_memory());
        data.allocator = allocator.and_then(|allocator| allocator.into_func());
        if let Some(Err(error)) = start.map(|start| raw::call_without_values(&mut store, &start)) {
            assert_eq!(error.downcast_ref::<GuestExit>(), Some(&GuestExit(0)), "{error:#}");
        }
        self.used(&mut store, true);
        // As the product does with every instance that has started.
        if let Some(counter) = counter {
            // SAFETY: an export of the instance, which imports from the host alone.
            unsafe { meter::stock(&mut store, counter, &[first], None) };
        }
        let number = first.typed(&store).ok();
        let sum = first.typed(&store).ok();
        Live { store, first, after, number, sum }
    }

    fn call(&self, live: &mut Live) -> u64 {
        let store = &mut live.store;
        match &self.row.work {
            Work::Number(expected) => {
                self.arm(store);
                let run = live.number.as_ref().expect("run: () -> i64");
                let found = run.call(&mut *store, ()).expect("an answer");
                assert!(expected.is_none_or(|expected| expected == found), "{}: {found}", self.row.name);
                self.used(store, true)
            }
            Work::Sum => {
                self.arm(store);
                let run = live.sum.as_ref().expect("run: (i32, i32) -> i32");
                assert_eq!(run.call(&mut *store, (20, 22)).expect("an answer"), 42);
                self.used(store, true)
            }
            Work::Trap => {
                self.arm(store);
                let run = live.first.typed::<(), i64>(&*store).expect("run: () -> i64");
                run.call(&mut *store, ()).expect_err("a trap");
                self.used(store, false)
            }
            Work::Query { query, answer } => {
                store.data_mut().wescale.begin_before(7, foreign(query));
                self.arm(store);
                raw::call_with_i64(&mut *store, &live.first, 7).expect("an answer");
                let units = self.used(store, true);
                let state = &mut store.data_mut().wescale;
                state.end_call();
                match answer {
                    Answer::Error(text) => assert_eq!(state.error(), *text, "{}", self.row.name),
                    Answer::Query(text) => assert_eq!(state.query(), *text, "{}", self.row.name),
                }
                units
            }
            Work::Result { query, result, hides } => {
                store.data_mut().wescale.begin_before(7, foreign(query));
                self.arm(store);
                raw::call_with_i64(&mut *store, &live.first, 7).expect("an answer");
                let units = self.used(store, true);
                store.data_mut().wescale.begin_after(None, Some(foreign(result)));
                self.arm(store);
                raw::call_with_i64(&mut *store, live.after.as_ref().expect("an after stage"), 7).expect("an answer");
                let units = units + self.used(store, true);
                let state = &mut store.data_mut().wescale;
                state.end_call();
                let changed = state.changed_result().expect("a masked result");
                assert!(!changed.is_empty() && !changed.windows(hides.len()).any(|part| part == *hides));
                units
            }
        }
    }
}

/// The rows outlive every call.
fn foreign(bytes: &[u8]) -> ForeignBytes {
    // SAFETY: the bytes are a row's, which lives until the program ends.
    unsafe { ForeignBytes::new(bytes.as_ptr(), bytes.len()) }
}

fn compiled(engine: &Arc<Engine>, wasm: &[u8], meter: Meter, layout: Layout, cache: Option<&Path>) -> wasmtime::Module {
    let name = format!("{}-{meter:?}-{}-{}", blake3::hash(wasm).to_hex(), layout.log2_alignment, layout.inlining);
    let file = cache.map(|folder| folder.join(name));
    if let Some(code) = file.as_ref().and_then(|file| std::fs::read(file).ok()) {
        return raw::deserialize(&engine.inner, &code).expect("code that this program compiled");
    }
    let module = wasmtime::Module::new(&engine.inner, wasm).expect("a module that compiles");
    if let Some(file) = file {
        std::fs::write(file, module.serialize().expect("compiled code")).expect("a cache to write to");
    }
    module
}
