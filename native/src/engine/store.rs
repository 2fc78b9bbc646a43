//! A store: the unit of isolation and of confinement. It owns instances and the budget of each call.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::{AsContextMut, Extern, Func, Global, Memory, Ref, ResourceLimiter, Store, Table, V128, Val, ValType};

use super::budget::MemoryBudget;
use super::engine::Engine;
use super::error::{Error, Limit, Result};
use super::linker::InstancePre;
use super::meter::{self, Meter, pass::COUNTER_EXPORT};
use super::module;
use super::settings::{CallLimits, StoreLimits};
use super::stack;
use super::trace::Origin;
use super::types;
use crate::abi::AbiHost;
use crate::abi::log::GuestLog;
use crate::abi::wasi::WasiState;
use crate::abi::wescale::WescaleState;

/// What host functions and limits need of the store that they run in.
pub struct StoreData {
    pub meter: Meter,
    pub wasi: WasiState,
    pub wescale: WescaleState,
    pub log: GuestLog,
    /// The exported memory and allocator of the store's instance, while it has exactly one.
    pub memory: Option<Memory>,
    pub allocator: Option<Func>,
    /// The ways back of the modules that run in the store.
    pub origins: Vec<Origin>,
    usage: Usage,
}

/// Counts what the limits are about.
struct Usage {
    limits: Arc<StoreLimits>,
    budget: Option<Arc<MemoryBudget>>,
    /// Bytes taken from the budget.
    taken: u64,
    /// Why the last growth was refused.
    refused: Option<Error>,
}

impl StoreData {
    pub fn new(
        engine: &Engine,
        limits: Arc<StoreLimits>,
        budget: Option<Arc<MemoryBudget>>,
        wasi: WasiState,
        wescale: WescaleState,
        log: GuestLog,
    ) -> StoreData {
        StoreData {
            meter: Meter::new(engine.settings.metering, limits.call, engine.settings.keep_resident_bytes),
            wasi,
            wescale,
            log,
            memory: None,
            allocator: None,
            origins: Vec::new(),
            usage: Usage { limits, budget, taken: 0, refused: None },
        }
    }

    /// Whether half of the shared budget is still there when `bytes` more are taken.
    pub fn leaves_half_of_the_budget(&self, bytes: u64) -> bool {
        self.usage.budget.as_ref().is_none_or(|budget| budget.used().saturating_add(bytes) <= budget.limit() / 2)
    }

    /// What is left after its store is gone: no instance, no bytes taken.
    pub fn give_back(&mut self) {
        self.memory = None;
        self.allocator = None;
        self.wescale.forget_instance();
        self.meter.forget_instances();
        self.usage.give_back();
    }
}

impl Usage {
    fn give_back(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(std::mem::take(&mut self.taken));
        }
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl AbiHost for StoreData {
    fn wasi(&mut self) -> &mut WasiState {
        &mut self.wasi
    }

    fn wescale(&mut self) -> &mut WescaleState {
        &mut self.wescale
    }

    fn log(&mut self) -> &mut GuestLog {
        &mut self.log
    }

    fn memory(&self) -> Option<Memory> {
        self.memory
    }

    fn allocator(&self) -> Option<Func> {
        self.allocator
    }

    fn start_clock(&mut self) {
        self.meter.start_clock();
    }

    fn time_left(&mut self) -> Option<std::time::Duration> {
        self.meter.time_left()
    }

    #[inline]
    fn charge(caller: &mut wasmtime::Caller<'_, StoreData>, units: u64) -> wasmtime::Result<()> {
        meter::charge(caller, units)
    }
}

impl ResourceLimiter for StoreData {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.usage.memory_growing(current, desired, maximum)?;
        if allowed {
            self.meter.note_memory(desired);
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.usage.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.usage.limits.max_instances
    }

    fn tables(&self) -> usize {
        self.usage.limits.max_tables
    }

    fn memories(&self) -> usize {
        self.usage.limits.max_memories
    }
}

impl Usage {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let allowed = self.limits.max_memory_bytes;
        if desired > allowed {
            let message = format!(
                "a memory of {desired} bytes was asked for, {allowed} are allowed: raise maxMemoryBytes or use a smaller guest"
            );
            self.refused = Some(Error::limit(Limit::MemoryBytes, desired as u64, allowed as u64, message));
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        if let Some(budget) = &self.budget {
            if !budget.take(more) {
                let (used, limit) = (budget.used(), budget.limit());
                let message = format!(
                    "{more} more bytes of memory were asked for, {used} of the {limit} of the shared memory budget are in use"
                );
                self.refused = Some(Error::limit(Limit::TotalMemory, more, limit.saturating_sub(used), message));
                return Ok(false);
            }
            self.taken += more;
        }
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.limits.max_table_elements;
        if desired <= allowed {
            return Ok(true);
        }
        let message =
            format!("a table of {desired} elements was asked for, {allowed} are allowed: raise maxTableElements");
        self.refused = Some(Error::limit(Limit::TableElements, desired as u64, allowed as u64, message));
        Ok(false)
    }
}

/// A new, empty store with its limits in force.
pub fn create(engine: &Engine, mut data: StoreData) -> Result<Store<StoreData>> {
    data.meter.forget_instances();
    let mut store = Store::try_new(&engine.inner, data)
        .map_err(|error| Error::Internal(format!("no memory for a store: {error}")))?;
    store.limiter(|data| data);
    Ok(store)
}

/// Instantiates within the budget that is armed, and says which limit it was when one was in the way.
///
/// `identity` is the store's, if anything can be defined from it: what a module imports from a store lives in that one only.
pub fn instantiate(
    store: &mut Store<StoreData>,
    pre: &InstancePre,
    identity: Option<u64>,
) -> Result<wasmtime::Instance> {
    if pre.owner.is_some() && pre.owner != identity {
        return Err(Error::IllegalArgument(
            "the instance-pre imports from an instance of another store: instantiate it in that store".into(),
        ));
    }
    let data = store.data_mut();
    data.usage.refused = None;
    Origin::note(&mut data.origins, &pre.module, &pre.origins);
    pre.inner.instantiate(&mut *store).map_err(|error| {
        if let Some(refused) = store.data_mut().usage.refused.take() {
            return refused;
        }
        if error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>().is_some() {
            let slots = u64::from(pre.engine.settings.max_instances);
            let message = format!("all {slots} instances of this engine are in use: close some, or raise maxInstances");
            return Error::limit(Limit::PoolSlots, slots + 1, slots, message);
        }
        let trapped = error.downcast_ref::<wasmtime::Trap>().is_some();
        if let Some(error) = count_limit(&error.to_string(), &store.data().usage.limits).filter(|_| !trapped) {
            return error;
        }
        let data = store.data();
        Error::from_guest(error, &data.meter.limits(), &data.origins)
    })
}

/// Wasmtime reports a store's counts as text only.
fn count_limit(text: &str, limits: &StoreLimits) -> Option<Error> {
    let (limit, name, allowed) = if text.contains("instance count too high") {
        (Limit::Instances, "maxInstances", limits.max_instances)
    } else if text.contains("memory count too high") {
        (Limit::Memories, "maxMemories", limits.max_memories)
    } else if text.contains("table count too high") {
        (Limit::Tables, "maxTables", limits.max_tables)
    } else {
        return None;
    };
    let requested = text.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(allowed as u64 + 1);
    let message = format!("{requested} asked for in this store, {allowed} allowed: raise {name}");
    Some(Error::limit(limit, requested, allowed as u64, message))
}

/// A func with what a call by raw values needs to know of it.
#[derive(Clone)]
pub struct FuncEntry {
    pub func: Func,
    pub params: Box<[ValType]>,
    pub results: Box<[ValType]>,
    /// At most four parameters and one result, numbers of up to 64 bits.
    pub plain: bool,
}

/// A store as the Java side holds it: with the tables that its borrowed objects index.
pub struct ConfinedStore {
    pub engine: Arc<Engine>,
    /// No other store of the process ever has it.
    pub identity: u64,
    pub store: Store<StoreData>,
    pub limits: CallLimits,
    pub instances: Vec<wasmtime::Instance>,
    pub funcs: Vec<FuncEntry>,
    pub memories: Vec<Memory>,
    pub globals: Vec<Global>,
    pub tables: Vec<Table>,
    /// Export look-ups done, so that asking again does not grow the tables.
    exports: HashMap<(usize, String), i64>,
    func_indices: HashMap<usize, usize>,
}

/// What an export look-up answers: `kind << 32 | index`.
pub const KIND_FUNC: i64 = 0;
pub const KIND_MEMORY: i64 = 1;
pub const KIND_GLOBAL: i64 = 2;
pub const KIND_TABLE: i64 = 3;

/// By the first that is its own an instance is known; a module may export the host's in front.
const MAX_FUNCS_TRIED: usize = 8;

impl ConfinedStore {
    pub fn new(engine: Arc<Engine>, data: StoreData, limits: CallLimits) -> Result<ConfinedStore> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let store = create(&engine, data)?;
        Ok(ConfinedStore {
            engine,
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
            store,
            limits,
            instances: Vec::new(),
            funcs: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tables: Vec::new(),
            exports: HashMap::new(),
            func_indices: HashMap::new(),
        })
    }

    /// To be called before the guest can run: the stack suffices, the log is empty, the budget is full.
    #[inline]
    pub fn enter(&mut self) -> Result<()> {
        stack::check(self.engine.settings.max_wasm_stack_bytes)?;
        self.store.data_mut().log.clear();
        meter::arm(&mut self.store, self.limits);
        Ok(())
    }

    /// To be called when the guest has run: what it used is counted, and what it began to print is ended.
    #[inline]
    pub fn leave<T>(&mut self, outcome: wasmtime::Result<T>) -> Result<T> {
        meter::end(&mut self.store, meter::is_clean(&outcome));
        let data = self.store.data_mut();
        data.wasi.flush_lines(&mut data.log);
        outcome.map_err(|error| Error::from_guest(error, &self.limits, &self.store.data().origins))
    }

    pub fn instantiate(&mut self, pre: &InstancePre) -> Result<usize> {
        if !Arc::ptr_eq(&self.engine, &pre.engine) {
            return Err(Error::IllegalArgument(
                "the instance-pre belongs to another engine than the store: use one engine for both".into(),
            ));
        }
        meter::unstock(&mut self.store);
        self.enter()?;
        self.store.data_mut().memory = None;
        let instance = instantiate(&mut self.store, pre, Some(self.identity));
        meter::end(&mut self.store, instance.is_ok());
        let data = self.store.data_mut();
        data.wasi.flush_lines(&mut data.log);
        let instance = instance?;
        self.instances.push(instance);
        if self.instances.len() == 1 {
            let memory = instance.get_memory(&mut self.store, "memory");
            self.store.data_mut().memory = memory;
            if pre.owner.is_none() {
                self.stock(&instance);
            }
        }
        Ok(self.instances.len() - 1)
    }

    /// Spares the calls of a store's only instance what can be done before them.
    fn stock(&mut self, instance: &wasmtime::Instance) {
        let Some(counter) = instance.get_global(&mut self.store, COUNTER_EXPORT) else { return };
        let funcs = instance.exports(&mut self.store).filter_map(wasmtime::Export::into_func);
        let funcs: Vec<Func> = funcs.take(MAX_FUNCS_TRIED).collect();
        // SAFETY: all are exports of the instance, whose imports are the host's: its pre belongs to no store.
        unsafe { meter::stock(&mut self.store, counter, &funcs, None) };
    }

    pub fn instance(&self, index: usize) -> Result<wasmtime::Instance> {
        self.instances.get(index).copied().ok_or_else(|| no_such("instance", index))
    }

    /// The export's kind and index, or -1.
    pub fn export(&mut self, instance: usize, name: &str) -> Result<i64> {
        let found = self.instance(instance)?;
        if module::is_hosts(name) {
            return Ok(-1);
        }
        let key = (instance, name.to_owned());
        if let Some(known) = self.exports.get(&key) {
            return Ok(*known);
        }
        let packed = match found.get_export(&mut self.store, name) {
            None => return Ok(-1),
            Some(Extern::Func(func)) => KIND_FUNC << 32 | self.add_func(func) as i64,
            Some(Extern::Memory(memory)) => KIND_MEMORY << 32 | push(&mut self.memories, memory),
            Some(Extern::Global(global)) => KIND_GLOBAL << 32 | push(&mut self.globals, global),
            Some(Extern::Table(table)) => KIND_TABLE << 32 | push(&mut self.tables, table),
            Some(_) => return Ok(-1),
        };
        self.exports.insert(key, packed);
        Ok(packed)
    }

    /// The index of the func, the same one each time.
    pub fn add_func(&mut self, func: Func) -> usize {
        let identity = func.to_raw(&mut self.store).addr();
        if let Some(index) = self.func_indices.get(&identity) {
            return *index;
        }
        let ty = func.ty(&self.store);
        let params: Box<[ValType]> = ty.params().collect();
        let results: Box<[ValType]> = ty.results().collect();
        let plain =
            params.len() <= 4 && results.len() <= 1 && params.iter().chain(&results).all(types::is_plain_number);
        self.funcs.push(FuncEntry { func, params, results, plain });
        let index = self.funcs.len() - 1;
        self.func_indices.insert(identity, index);
        index
    }

    pub fn func(&self, index: i32) -> Result<&FuncEntry> {
        usize::try_from(index).ok().and_then(|i| self.funcs.get(i)).ok_or_else(|| no_such("func", index))
    }

    pub fn memory(&self, index: i32) -> Result<Memory> {
        lookup(&self.memories, "memory", index)
    }

    pub fn global(&self, index: i32) -> Result<Global> {
        lookup(&self.globals, "global", index)
    }

    pub fn table(&self, index: i32) -> Result<Table> {
        lookup(&self.tables, "table", index)
    }

    /// Calls with values in pairs of 64 bits, parameters in, results out.
    pub fn call_slots(&mut self, index: i32, slots: &mut [i64]) -> Result<()> {
        let entry = self.func(index)?.clone();
        let params = self.decode(&entry.params, slots)?;
        if slots.len() < 2 * entry.results.len() {
            return Err(Error::IllegalArgument(format!(
                "slots: {} results need {} longs, found {}",
                entry.results.len(),
                2 * entry.results.len(),
                slots.len()
            )));
        }
        let mut results = vec![Val::I32(0); entry.results.len()];
        self.enter()?;
        let outcome = entry.func.call(&mut self.store, &params, &mut results);
        self.leave(outcome)?;
        for (i, value) in results.into_iter().enumerate() {
            let (low, high) = self.encode(value)?;
            slots[2 * i] = low;
            slots[2 * i + 1] = high;
        }
        Ok(())
    }

    fn decode(&self, types: &[ValType], slots: &[i64]) -> Result<Vec<Val>> {
        if slots.len() < 2 * types.len() {
            return Err(Error::IllegalArgument(format!(
                "slots: {} parameters need {} longs, found {}",
                types.len(),
                2 * types.len(),
                slots.len()
            )));
        }
        types.iter().enumerate().map(|(i, ty)| self.to_val(ty, slots[2 * i], slots[2 * i + 1])).collect()
    }

    /// A value from its two halves; a func is its index, -1 is null.
    pub fn to_val(&self, ty: &ValType, low: i64, high: i64) -> Result<Val> {
        Ok(match ty {
            ValType::I32 => Val::I32(low as i32),
            ValType::I64 => Val::I64(low),
            ValType::F32 => Val::F32(low as u32),
            ValType::F64 => Val::F64(low as u64),
            ValType::V128 => Val::V128(V128::from(u128::from(low as u64) | u128::from(high as u64) << 64)),
            ValType::Ref(ty) if ty.heap_type().is_func() => Val::FuncRef(self.func_or_null(low as i32)?),
            other => return Err(Error::IllegalArgument(format!("values of type {other} are not supported"))),
        })
    }

    pub fn encode(&mut self, value: Val) -> Result<(i64, i64)> {
        Ok(match value {
            Val::I32(v) => (i64::from(v), 0),
            Val::I64(v) => (v, 0),
            Val::F32(bits) => (i64::from(bits), 0),
            Val::F64(bits) => (bits as i64, 0),
            Val::V128(v) => (v.as_u128() as i64, (v.as_u128() >> 64) as i64),
            Val::FuncRef(None) => (-1, 0),
            Val::FuncRef(Some(func)) => (self.add_func(func) as i64, 0),
            _ => return Err(Error::IllegalArgument("values of this reference type are not supported".into())),
        })
    }

    pub fn func_or_null(&self, index: i32) -> Result<Option<Func>> {
        if index == -1 {
            return Ok(None);
        }
        Ok(Some(self.func(index)?.func))
    }

    pub fn to_ref(&self, index: i32) -> Result<Ref> {
        Ok(Ref::Func(self.func_or_null(index)?))
    }

    /// Grows a memory from the host: by its limits, as the guest's own `memory.grow`; -1 when it may not.
    pub fn grow_memory(&mut self, index: i32, pages: u64) -> Result<i64> {
        let memory = self.memory(index)?;
        Ok(memory.grow(self.store.as_context_mut(), pages).map_or(-1, |before| before as i64))
    }
}

fn push<T>(items: &mut Vec<T>, item: T) -> i64 {
    items.push(item);
    items.len() as i64 - 1
}

fn lookup<T: Copy>(items: &[T], what: &str, index: i32) -> Result<T> {
    usize::try_from(index).ok().and_then(|i| items.get(i)).copied().ok_or_else(|| no_such(what, index))
}

fn no_such(what: &str, index: impl std::fmt::Display) -> Error {
    Error::IllegalArgument(format!("{what} {index} is not one of this store: use it with the store that it came from"))
}
