//! A session: a place for one running copy of a SQL plugin, fresh for each query or kept for many.
//!
//! It outlives the stores that come and go in it, so that their buffers and their handle are made once.

use std::sync::Arc;

use wasmtime::{Func, Instance, Memory, ModuleExport, Store};

use super::budget::MemoryBudget;
use super::error::{Error, Result};
use super::linker::InstancePre;
use super::raw::CounterPlace;
use super::settings::{CallLimits, WescaleLimits};
use super::store::{self, StoreData};
use super::{meter, raw, snapshot, stack};
use crate::abi::foreign::ForeignBytes;
use crate::abi::log::GuestLog;
use crate::abi::wasi::{self, WasiState};
use crate::abi::wescale::{self, ErrorCode, Setup, Shape, WescaleState, dialect, outcome};

pub struct Session {
    pre: Arc<InstancePre>,
    limits: Arc<WescaleLimits>,
    exports: Exports,
    shape: Shape,
    /// What the guest gets as its module, in the dialects that have one.
    module: u64,
    state: State,
    /// Tells queries apart: what a guest gets as its context.
    query: u64,
    fuel_used: u64,
    memory_bytes: u64,
}

/// The data moves between the store of the live instance and a place of its own.
enum State {
    Live(Box<Live>),
    /// A call failed, and nothing runs on the instance any more. Freeing a large one takes milliseconds, and whoever waits
    /// for the error need not wait for that too.
    Spent(Box<Live>),
    Idle(Box<StoreData>),
    /// Only while the data is on its way from one to the other.
    Moving,
}

struct Live {
    store: Store<StoreData>,
    instance: Instance,
    memory: Memory,
    before: Func,
    after: Func,
}

/// Where the module's exports are, found and type-checked once.
struct Exports {
    memory: ModuleExport,
    allocator: ModuleExport,
    before: ModuleExport,
    after: ModuleExport,
    start: Option<ModuleExport>,
    /// Of metered code, and where it lies in an instance, once one was looked at.
    counter: Option<ModuleExport>,
    counter_place: Option<CounterPlace>,
}

/// What a call left behind.
pub struct Outputs<'a> {
    pub bits: u32,
    pub query: &'a [u8],
    pub error: &'a [u8],
    pub error_code: Option<ErrorCode>,
    pub result: &'a [u8],
    pub log: &'a GuestLog,
}

impl Exports {
    /// For a module that was checked.
    fn resolve(module: &wasmtime::Module, shape: &Shape) -> Result<Exports> {
        let find = |name: &str| {
            module.get_export_index(name).ok_or_else(|| Error::Link(format!("the module exports no {name}")))
        };
        Ok(Exports {
            memory: find(dialect::MEMORY)?,
            allocator: find(shape.dialect.allocator())?,
            before: find(dialect::BEFORE)?,
            after: find(dialect::AFTER)?,
            start: wescale::start_export(module).and_then(|name| module.get_export_index(name)),
            counter: module.get_export_index(meter::pass::COUNTER_EXPORT),
            counter_place: None,
        })
    }
}

impl Session {
    pub fn new(
        pre: Arc<InstancePre>,
        limits: Arc<WescaleLimits>,
        budget: Option<Arc<MemoryBudget>>,
        wasi: WasiState,
        mut setup: Setup,
    ) -> Result<Session> {
        let shape = wescale::check(&pre.module).map_err(Error::Link)?;
        let exports = Exports::resolve(&pre.module, &shape)?;
        if let Some(nanos) = snapshot::taken_at(&pre.module) {
            wasi::not_before(nanos);
        }
        setup.dialect = shape.dialect;
        setup.refused = pre.refused_properties.clone();
        let module = setup.module.token();
        let store = Arc::new(limits.store.clone());
        let log = GuestLog::new(store.max_log_bytes);
        let state = WescaleState::with_setup(limits.max_output_bytes, setup);
        let data = StoreData::new(&pre.engine, store, budget, wasi, state, log);
        let state = State::Idle(Box::new(data));
        Ok(Session { pre, limits, exports, shape, module, state, query: 0, fuel_used: 0, memory_bytes: 0 })
    }

    /// What the module turned out to be.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Runs the before stage, on a new instance if it is to be fresh or there is none.
    pub fn before(&mut self, query: ForeignBytes, properties: Option<ForeignBytes>, fresh: bool) -> Result<()> {
        self.fuel_used = 0;
        stack::check(self.pre.engine.settings.max_wasm_stack_bytes)?;
        if fresh {
            self.drop_instance();
        }
        // Before anything can fail: a new query has begun, and the last one's locks are not its.
        let data = self.data_mut()?;
        data.wescale.end_query();
        data.log.clear();
        if !self.is_live() {
            self.start()?;
        }
        self.query += 1;
        let (context, module) = (self.query as i64, self.module as i64);
        let legacy = self.shape.dialect.is_legacy();
        self.run(
            |state| {
                state.begin_before(context as u64, query);
                if let Some(properties) = properties {
                    state.give_properties(properties);
                }
            },
            |live| match legacy {
                false => raw::call_with_i64(&mut live.store, &live.before, context),
                true => raw::call_with_two_i64(&mut live.store, &live.before, context, module),
            },
        )
    }

    /// Runs the after stage on the instance that the before stage left; with it the query ends.
    pub fn after(&mut self, error: Option<ForeignBytes>, result: Option<ForeignBytes>) -> Result<()> {
        self.fuel_used = 0;
        stack::check(self.pre.engine.settings.max_wasm_stack_bytes)?;
        if !self.is_live() {
            return Err(Error::IllegalState(
                "there is no instance to run the after stage on: run the before stage first, and without release"
                    .into(),
            ));
        }
        self.data_mut()?.log.clear();
        let context = self.query as i64;
        let legacy = self.shape.dialect.is_legacy();
        let outcome = self.run(
            |state| state.begin_after(error, result),
            |live| match legacy {
                false => raw::call_with_i64(&mut live.store, &live.after, context),
                true => raw::call_without_values(&mut live.store, &live.after),
            },
        );
        self.data_mut()?.wescale.end_query();
        outcome
    }

    #[inline]
    fn run(
        &mut self,
        begin: impl FnOnce(&mut WescaleState),
        call: impl FnOnce(&mut Live) -> wasmtime::Result<()>,
    ) -> Result<()> {
        let limits = self.limits.store.call;
        let State::Live(live) = &mut self.state else { return Err(moving()) };
        begin(&mut live.store.data_mut().wescale);
        meter::arm(&mut live.store, limits);
        let outcome = call(live);
        self.fuel_used = meter::end(&mut live.store, meter::is_clean(&outcome));
        self.memory_bytes = live.memory.data_size(&live.store) as u64;
        let data = live.store.data_mut();
        data.wescale.end_call();
        data.wasi.flush_lines(&mut data.log);
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => {
                let error = Error::from_guest(error, &limits, &data.origins);
                data.wescale.end_query();
                self.state = match std::mem::replace(&mut self.state, State::Moving) {
                    State::Live(live) => State::Spent(live),
                    other => other,
                };
                Err(error)
            }
        }
    }

    /// Ends the query whose after stage does not come: its locks go to whoever waits for them.
    pub fn end_query(&mut self) -> Result<()> {
        self.data_mut()?.wescale.end_query();
        Ok(())
    }

    /// Makes an instance and runs its start, unless there is one.
    pub fn prepare(&mut self) -> Result<()> {
        self.fuel_used = 0;
        stack::check(self.pre.engine.settings.max_wasm_stack_bytes)?;
        self.data_mut()?.log.clear();
        if self.is_live() { Ok(()) } else { self.start() }
    }

    /// Ends the query, drops its instance, and makes and starts the one for the next query.
    ///
    /// That one is not made when instances that only wait would leave the others less than half of the memory that all
    /// may have: the next query then makes its own.
    pub fn renew(&mut self) -> Result<()> {
        self.fuel_used = 0;
        stack::check(self.pre.engine.settings.max_wasm_stack_bytes)?;
        self.drop_instance();
        let memory_bytes = self.memory_bytes;
        let data = self.data_mut()?;
        data.wescale.end_query();
        data.log.clear();
        if data.leaves_half_of_the_budget(memory_bytes) { self.start() } else { Ok(()) }
    }

    /// Makes an instance and runs what its module runs once, on the start's own budget.
    fn start(&mut self) -> Result<()> {
        self.drop_instance();
        let State::Idle(data) = std::mem::replace(&mut self.state, State::Moving) else { return Err(moving()) };
        let mut store = store::create(&self.pre.engine, *data)?;
        let limits = self.limits.start;
        meter::arm(&mut store, limits);
        let outcome = self.begin(&mut store, &limits);
        let used = meter::end(&mut store, outcome.is_ok());
        let data = store.data_mut();
        data.wasi.flush_lines(&mut data.log);
        match outcome {
            Ok((instance, memory, before, after)) => {
                let counter = self.exports.counter.as_ref().and_then(|it| instance.get_module_export(&mut store, it));
                if let Some(counter) = counter.and_then(wasmtime::Extern::into_global) {
                    // SAFETY: the exports of an instance that imports from the host alone: `instantiate` refuses any other here.
                    let place = unsafe { meter::stock(&mut store, counter, &[before], self.exports.counter_place) };
                    self.exports.counter_place = self.exports.counter_place.or(place);
                }
                self.state = State::Live(Box::new(Live { store, instance, memory, before, after }));
                Ok(())
            }
            Err(error) => {
                self.fuel_used = used;
                self.keep_data_of(store);
                Err(error.during("start"))
            }
        }
    }

    fn begin(&self, store: &mut Store<StoreData>, limits: &CallLimits) -> Result<(Instance, Memory, Func, Func)> {
        let instance = store::instantiate(store, &self.pre, None)?;
        let memory = instance
            .get_module_export(&mut *store, &self.exports.memory)
            .and_then(wasmtime::Extern::into_memory)
            .ok_or_else(moving)?;
        let allocator = func(store, &instance, &self.exports.allocator)?;
        let typed = allocator.typed(&*store).map_err(|_| moving())?;
        let data = store.data_mut();
        data.memory = Some(memory);
        data.allocator = Some(allocator);
        data.wescale.know_allocator(typed);
        if let Some(start) = &self.exports.start {
            let start = func(store, &instance, start)?;
            let outcome = raw::call_without_values(&mut *store, &start);
            match outcome.map_err(|error| Error::from_guest(error, limits, &store.data().origins)) {
                Ok(()) | Err(Error::Exit(0)) => {}
                Err(error) => return Err(error),
            }
        }
        let before = func(store, &instance, &self.exports.before)?;
        let after = func(store, &instance, &self.exports.after)?;
        Ok((instance, memory, before, after))
    }

    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    /// Drops the instance, if there is one, spent or not; what the last call left stays readable.
    pub fn drop_instance(&mut self) {
        match std::mem::replace(&mut self.state, State::Moving) {
            State::Live(live) | State::Spent(live) => self.keep_data_of(live.store),
            other => self.state = other,
        }
    }

    fn keep_data_of(&mut self, store: Store<StoreData>) {
        let mut data = store.into_data();
        data.give_back();
        self.state = State::Idle(Box::new(data));
    }

    /// The live instance and its store, for a look at what start left.
    pub(super) fn parts(&mut self) -> Result<(&mut Store<StoreData>, Instance)> {
        match &mut self.state {
            State::Live(live) => Ok((&mut live.store, live.instance)),
            _ => Err(Error::IllegalState("there is no instance: make one first".into())),
        }
    }

    fn data_mut(&mut self) -> Result<&mut StoreData> {
        match &mut self.state {
            State::Live(live) | State::Spent(live) => Ok(live.store.data_mut()),
            State::Idle(data) => Ok(data),
            State::Moving => Err(moving()),
        }
    }

    /// Units that the last call used, its start not included.
    pub fn fuel_used(&self) -> u64 {
        self.fuel_used
    }

    /// The size of the guest's memory after the last call.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    pub fn outputs(&self) -> Option<Outputs<'_>> {
        let data = match &self.state {
            State::Live(live) | State::Spent(live) => live.store.data(),
            State::Idle(data) => data,
            State::Moving => return None,
        };
        let state = &data.wescale;
        let bits = state.outcome();
        Some(Outputs {
            bits,
            query: if bits & outcome::QUERY_CHANGED != 0 { state.query() } else { &[] },
            error: state.error(),
            error_code: state.error_code(),
            result: state.changed_result().unwrap_or_default(),
            log: &data.log,
        })
    }
}

fn func(store: &mut Store<StoreData>, instance: &Instance, export: &ModuleExport) -> Result<Func> {
    instance.get_module_export(store, export).and_then(wasmtime::Extern::into_func).ok_or_else(moving)
}

/// Only after a panic in the middle of a call.
#[cold]
fn moving() -> Error {
    Error::Internal("the session was left in the middle of a call".into())
}

#[cfg(test)]
mod leak_tests;
