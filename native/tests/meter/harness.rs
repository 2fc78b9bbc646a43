//! Runs a module on plain wasmtime, counted by nothing, by wasmtime's fuel or by our pass, and keeps all that can be seen.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use sluice::engine::engine::FEATURES;
use sluice::engine::meter::names::Origins;
use sluice::engine::meter::pass::{self, Metered};
use sluice::engine::meter::refill::{Budget, Plan, Spent};
use sluice::engine::settings::CallLimits;
use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, Func, FuncType, Global, Instance, Memory, Module, OptLevel, Ref,
    RegallocAlgorithm, Store, StoreLimits, StoreLimitsBuilder, Table, Trap, Val, ValType, WasmBacktrace, WasmFeatures,
};

pub struct Host {
    pub budget: Budget,
    limits: StoreLimits,
    /// Everything that host functions were told.
    pub told: DefaultHasher,
    pub calls: u64,
}

/// How a call or the instantiation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Returned(Vec<(u64, u64)>),
    Trapped(Trap),
    Failed(String),
}

impl End {
    pub fn ran_out(&self) -> bool {
        *self == End::Trapped(Trap::OutOfFuel)
    }
}

/// What can be seen after a step: the instantiation, or the call of one export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub end: End,
    /// Memories, globals, sizes of tables, and what host functions were told.
    pub state: u64,
    /// Where a trap came from, in terms of the original: functions and places in the module.
    pub frames: Vec<(u32, u32)>,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub steps: Vec<Step>,
    /// Units of each step; after a trap all that was handed out.
    pub units: Vec<u64>,
}

/// What fits the threads of tests.
pub const SMALL_STACK: usize = 256 << 10;

fn config(stack: usize) -> Config {
    let mut config = Config::new();
    config
        .max_wasm_stack(stack)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(FEATURES, true)
        .concurrency_support(false);
    config
}

pub fn engine(fuel: bool, optimise: bool) -> Engine {
    engine_with_stack(fuel, optimise, SMALL_STACK)
}

pub fn engine_with_stack(fuel: bool, optimise: bool, stack: usize) -> Engine {
    let mut config = config(stack);
    if !optimise {
        config.cranelift_opt_level(OptLevel::None).cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    }
    config.consume_fuel(fuel).wasm_branch_hinting(true);
    Engine::new(&config).unwrap()
}

/// A module compiled in one of the ways.
pub struct Compiled {
    pub module: Module,
    pub stock_fuel: bool,
    pub origins: Option<Origins>,
}

pub fn compile_stock(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Compiled> {
    Ok(Compiled { module: Module::from_binary(engine, wasm)?, stock_fuel: true, origins: None })
}

pub fn compile_metered(engine: &Engine, metered: &Metered) -> wasmtime::Result<Compiled> {
    let origins = Some(metered.origins.clone());
    Ok(Compiled { module: Module::from_binary(engine, &metered.wasm)?, stock_fuel: false, origins })
}

/// The fuel of each step: the same for all, but for one.
#[derive(Clone, Copy)]
pub struct Fuel {
    pub all: u64,
    pub one: Option<(usize, u64)>,
}

impl Fuel {
    fn of(self, step: usize) -> u64 {
        match self.one {
            Some((index, fuel)) if index == step => fuel,
            _ => self.all,
        }
    }
}

pub fn refill_func(caller: &mut Caller<'_, Host>, counter: i64, needed: i64) -> wasmtime::Result<i64> {
    caller.data_mut().budget.refill(counter, needed).map_err(|spent| match spent {
        Spent::Fuel => Trap::OutOfFuel.into(),
        Spent::Deadline => Trap::Interrupt.into(),
    })
}

pub fn new_store(engine: &Engine, slice: Option<u32>) -> Store<Host> {
    let host = Host {
        budget: slice.map_or_else(Budget::empty, Budget::with_slices_of),
        limits: StoreLimitsBuilder::new().memory_size(64 << 20).table_elements(100_000).build(),
        told: DefaultHasher::new(),
        calls: 0,
    };
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.limits);
    store
}

/// A store with the module's imports, all made up but the same in every run.
pub struct Guest {
    pub store: Store<Host>,
    module: Module,
    stock_fuel: bool,
    origins: Option<Origins>,
    /// Of the last trap.
    pub frames: Vec<(u32, u32)>,
    imports: Vec<Extern>,
    pub instance: Option<Instance>,
    held: i64,
    limit: u64,
}

impl Guest {
    pub fn new(compiled: &Compiled, slice: Option<u32>) -> Guest {
        let engine = compiled.module.engine();
        let mut store = new_store(engine, slice);
        let mut imports = Vec::new();
        for (index, import) in compiled.module.imports().enumerate() {
            let reserved = import.module() == pass::REFILL_MODULE;
            imports.push(if reserved && import.name() == pass::TRAP_NAME {
                Func::wrap(&mut store, || -> wasmtime::Result<()> { Err(Trap::UnreachableCodeReached.into()) }).into()
            } else if reserved {
                Func::wrap(&mut store, |mut caller: Caller<'_, Host>, counter: i64, needed: i64| {
                    refill_func(&mut caller, counter, needed)
                })
                .into()
            } else {
                made_up(&mut store, &import.ty(), index)
            });
        }
        Guest {
            store,
            module: compiled.module.clone(),
            stock_fuel: compiled.stock_fuel,
            origins: compiled.origins.clone(),
            frames: Vec::new(),
            imports,
            instance: None,
            held: 0,
            limit: 0,
        }
    }

    fn arm(&mut self, fuel: u64, deadline: Option<Duration>) {
        self.limit = fuel;
        if self.stock_fuel {
            self.store.set_fuel(fuel).unwrap();
            return;
        }
        // As for a memory that the engine does not keep resident.
        let large = |export: wasmtime::ExportType<'_>| export.ty().memory().is_some_and(|memory| memory.minimum() > 24);
        let long = self.module.exports().any(large);
        let plan = Plan::of(CallLimits { fuel: Some(fuel), deadline });
        let kept = self.store.data_mut().budget.arm(&plan, self.instance.map(|_| self.held), long);
        if kept != self.held {
            self.set_counter(kept);
        }
    }

    fn set_counter(&mut self, value: i64) {
        self.held = value;
        if let Some(counter) = self.counter() {
            counter.set(&mut self.store, Val::I64(value)).unwrap();
        }
    }

    fn counter(&mut self) -> Option<Global> {
        self.instance.and_then(|instance| instance.get_global(&mut self.store, pass::COUNTER_EXPORT))
    }

    fn used(&mut self, clean: bool) -> u64 {
        if self.stock_fuel {
            return self.limit - self.store.get_fuel().unwrap();
        }
        if !clean {
            self.set_counter(0);
        }
        self.held = match self.counter() {
            Some(counter) => counter.get(&mut self.store).unwrap_i64(),
            None => 0,
        };
        self.store.data().budget.used(self.held)
    }

    pub fn instantiate(&mut self, fuel: u64, deadline: Option<Duration>) -> (End, u64) {
        self.arm(fuel, deadline);
        let end = match Instance::new(&mut self.store, &self.module, &self.imports) {
            Ok(instance) => {
                self.instance = Some(instance);
                End::Returned(Vec::new())
            }
            Err(error) => self.end_of(&error),
        };
        let units = self.used(matches!(end, End::Returned(_)));
        (end, units)
    }

    pub fn call(&mut self, name: &str, fuel: u64, deadline: Option<Duration>) -> (End, u64) {
        let func = self.instance.unwrap().get_func(&mut self.store, name).unwrap();
        let ty = func.ty(&self.store);
        let params: Vec<Val> = ty.params().enumerate().map(|(i, ty)| value(&ty, 3 * i as u64 + 1)).collect();
        let mut results: Vec<Val> = ty.results().map(|_| Val::I32(0)).collect();
        self.arm(fuel, deadline);
        let end = match func.call(&mut self.store, &params, &mut results) {
            Ok(()) => End::Returned(results.iter().map(bits).collect()),
            Err(error) => self.end_of(&error),
        };
        let units = self.used(matches!(end, End::Returned(_)));
        (end, units)
    }

    fn end_of(&mut self, error: &wasmtime::Error) -> End {
        let Some(trap) = error.downcast_ref::<Trap>() else { return End::Failed(format!("{}", error.root_cause())) };
        // How deep a stack gets, and where fuel runs out, is not the same with other code.
        if let (Some(trace), false) = (
            error.downcast_ref::<WasmBacktrace>(),
            matches!(trap, Trap::StackOverflow | Trap::OutOfFuel | Trap::Interrupt),
        ) {
            let frames = trace.frames().iter().map(|f| (f.func_index(), f.module_offset().unwrap_or(0) as u32));
            self.frames = match &self.origins {
                None => frames.collect(),
                Some(origins) => frames
                    .filter_map(|(function, offset)| Some((origins.function(function)?, origins.offset(offset)?)))
                    .collect(),
            };
        }
        End::Trapped(*trap)
    }

    fn step(&mut self, end: End) -> Step {
        Step { end, state: self.state(), frames: std::mem::take(&mut self.frames) }
    }

    /// A digest of everything but the counter.
    pub fn state(&mut self) -> u64 {
        let mut digest = self.store.data().told.clone();
        let exports: Vec<Extern> = match self.instance {
            Some(instance) => instance
                .exports(&mut self.store)
                .filter(|export| export.name() != pass::COUNTER_EXPORT)
                .map(|export| export.into_extern())
                .collect(),
            None => Vec::new(),
        };
        for item in exports.into_iter().chain(self.imports.clone()) {
            match item {
                Extern::Memory(memory) => memory.data(&self.store).hash(&mut digest),
                Extern::Global(global) => bits(&global.get(&mut self.store)).hash(&mut digest),
                Extern::Table(table) => {
                    let size = table.size(&self.store);
                    size.hash(&mut digest);
                    for index in 0..size {
                        let element = table.get(&mut self.store, index);
                        element.is_some_and(|element| element.is_null()).hash(&mut digest);
                    }
                }
                _ => {}
            }
        }
        digest.finish()
    }
}

/// Instantiates and calls every export, up to a step, or until one runs out of fuel or the instance is not there.
pub fn run(compiled: &Compiled, slice: Option<u32>, fuel: Fuel, last: usize) -> Run {
    let mut guest = Guest::new(compiled, slice);
    let mut run = Run { steps: Vec::new(), units: Vec::new() };
    let (end, units) = guest.instantiate(fuel.of(0), None);
    run.units.push(units);
    let alive = matches!(end, End::Returned(_));
    run.steps.push(guest.step(end));
    if !alive {
        return run;
    }
    let names: Vec<String> = compiled
        .module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Func(_)))
        .map(|export| export.name().to_owned())
        .collect();
    for (index, name) in names.iter().enumerate().take(last) {
        let (end, units) = guest.call(name, fuel.of(index + 1), None);
        let over = end.ran_out() || end == End::Trapped(Trap::StackOverflow);
        run.units.push(units);
        run.steps.push(guest.step(end));
        if over {
            break;
        }
    }
    run
}

fn bits(value: &Val) -> (u64, u64) {
    match value {
        Val::I32(v) => (*v as u32 as u64, 0),
        Val::I64(v) => (*v as u64, 0),
        Val::F32(v) => (u64::from(*v), 0),
        Val::F64(v) => (*v, 0),
        Val::V128(v) => (v.as_u128() as u64, (v.as_u128() >> 64) as u64),
        Val::FuncRef(f) => (u64::from(f.is_some()), 1),
        _ => (0, 2),
    }
}

fn value(ty: &ValType, seed: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(seed as i32),
        ValType::I64 => Val::I64(seed as i64),
        ValType::F32 => Val::F32((seed as f32).to_bits()),
        ValType::F64 => Val::F64((seed as f64).to_bits()),
        ValType::V128 => Val::V128(u128::from(seed).into()),
        ValType::Ref(ty) => Val::null_ref(ty.heap_type()),
    }
}

fn made_up(store: &mut Store<Host>, ty: &ExternType, index: usize) -> Extern {
    match ty {
        ExternType::Func(ty) => made_up_func(store, ty.clone(), index).into(),
        ExternType::Memory(ty) => Memory::new(store, ty.clone()).unwrap().into(),
        ExternType::Global(ty) => {
            let value = value(ty.content(), index as u64 + 7);
            Global::new(store, ty.clone(), value).unwrap().into()
        }
        ExternType::Table(ty) => Table::new(store, ty.clone(), Ref::null(ty.element().heap_type())).unwrap().into(),
        other => panic!("{other:?}"),
    }
}

fn made_up_func(store: &mut Store<Host>, ty: FuncType, index: usize) -> Func {
    let results: Vec<ValType> = ty.results().collect();
    Func::new(store, ty, move |mut caller, params, out| {
        let host = caller.data_mut();
        host.calls += 1;
        let seed = host.calls % 16;
        index.hash(&mut host.told);
        for param in params {
            bits(param).hash(&mut host.told);
        }
        for (result, ty) in out.iter_mut().zip(&results) {
            *result = value(ty, seed);
        }
        Ok(())
    })
}

/// Processor time of this thread.
pub fn own_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the one struct it is given.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
