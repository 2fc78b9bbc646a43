//! The one place where a call's budget of fuel and time is set, looked at and read.
//!
//! Metered code counts for itself: [`pass`] puts a counter into each module, and code that has used it up asks [`refill`]
//! for the next slice of the store's budget. That is when the clock is looked at, so a short call never reads it.

pub mod bulk;
pub mod cost;
pub mod emit;
pub mod fold;
pub mod names;
pub mod pass;
pub mod refill;
pub mod source;

use std::time::Duration;

use wasmtime::{AsContextMut, Caller, Extern, Func, Global, Linker, Store, StoreContextMut, Trap, Val};

use self::refill::{Budget, Plan, Spent};
use super::raw::{CounterCell, CounterPlace};
use super::settings::CallLimits;
use super::store::StoreData;

/// The budget of the call in flight, and the counters that hold parts of it.
#[derive(Debug)]
pub struct Meter {
    /// Whether the engine's code is metered at all.
    metered: bool,
    plan: Plan,
    budget: Budget,
    /// The counter of the instance that asked first: in most stores the only one.
    first: Option<Global>,
    /// Where that counter lies, once somebody has looked: wasmtime's own way to it costs more than the rest of a call.
    cell: Option<CounterCell>,
    others: Vec<Global>,
    /// What the counters hold, as of the end of the last call.
    held: i64,
    /// Units of the last call that ended.
    used: u64,
    running: bool,
    /// A memory of more bytes than this is not all there before it is touched.
    resident_bytes: usize,
    /// Code may touch memory that is not there yet, which takes long for its units.
    touches_new_memory: bool,
}

impl Meter {
    pub fn new(metered: bool, limits: CallLimits, resident_bytes: usize) -> Meter {
        Meter {
            metered,
            plan: Plan::of(limits),
            budget: Budget::empty(),
            first: None,
            cell: None,
            others: Vec::new(),
            held: 0,
            used: 0,
            running: false,
            resident_bytes,
            touches_new_memory: false,
        }
    }

    /// The limits of the call in flight, or of the last one.
    pub fn limits(&self) -> CallLimits {
        self.plan.limits
    }

    /// Starts the deadline's clock unless it runs.
    pub fn start_clock(&mut self) {
        self.budget.start_clock();
    }

    /// A memory is made or grows: if that is the call's doing, it is one for the clock.
    pub fn note_memory(&mut self, bytes: usize) {
        if bytes > self.resident_bytes {
            self.touches_new_memory = true;
            self.budget.start_clock();
        }
    }

    /// What is left of the deadline; `None` without one.
    pub fn time_left(&mut self) -> Option<Duration> {
        self.budget.time_left()
    }

    /// Forgets the counters: their store is going.
    pub fn forget_instances(&mut self) {
        self.first = None;
        self.cell = None;
        self.others.clear();
        self.held = 0;
        self.running = false;
        self.touches_new_memory = false;
    }

    fn counters(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    /// The place of the only counter, if it is known.
    #[inline]
    fn only_cell(&self) -> Option<&CounterCell> {
        self.cell.as_ref().filter(|_| self.others.is_empty())
    }

    fn counter(&self, index: usize) -> Option<Global> {
        match index.checked_sub(1) {
            None => self.first,
            Some(index) => self.others.get(index).copied(),
        }
    }
}

/// Gives the next call its budget.
#[inline]
pub fn arm(store: &mut Store<StoreData>, limits: CallLimits) {
    if store.data().meter.running {
        end(store, false);
    }
    let meter = &mut store.data_mut().meter;
    if meter.plan.limits != limits {
        meter.plan = Plan::of(limits);
    }
    meter.running = true;
    let held = meter.held;
    let long = meter.touches_new_memory || meter.used > refill::FIRST_SLICE.unsigned_abs();
    let kept = meter.budget.arm(&meter.plan, meter.first.map(|_| held), long);
    if kept != held {
        match meter.only_cell() {
            // SAFETY: `store` is the cell's: a store begins without one. It is ours, and between calls.
            Some(cell) => unsafe { cell.set(kept) },
            None => set_counters(store, kept),
        }
    }
}

/// Lets the code of a store's only instance hold a first slice while no call is running, so that its next call begins
/// without asking, and finds where its counter lies. To be called where nobody waits: what is done here is not done by that call.
///
/// `place` is what this answered for another instance of the module, if it did.
///
/// # Safety
/// `counter` is the instance's own, and so are `exports`, or the host's: nothing that it imports is another instance's.
pub unsafe fn stock(
    store: &mut Store<StoreData>,
    counter: Global,
    exports: &[Func],
    place: Option<CounterPlace>,
) -> Option<CounterPlace> {
    let meter = &mut store.data_mut().meter;
    if !meter.metered || meter.running || !meter.others.is_empty() {
        return None;
    }
    meter.first = Some(counter);
    meter.cell = None;
    meter.held = refill::FIRST_SLICE;
    set_counters(&mut *store, refill::FIRST_SLICE);
    // SAFETY: the caller's word, and no call is running.
    let found = exports.iter().find_map(|func| unsafe { CounterCell::find(&mut *store, func, &counter, place) });
    let (cell, place) = found?;
    store.data_mut().meter.cell = Some(cell);
    Some(place)
}

/// Takes back what `stock` gave, before the store has a second instance: from then on counters are those of instances that ask.
pub fn unstock(store: &mut Store<StoreData>) {
    let meter = &mut store.data_mut().meter;
    if meter.running || !meter.others.is_empty() {
        return;
    }
    let Some(counter) = meter.first else { return };
    meter.first = None;
    meter.cell = None;
    meter.held = 0;
    write(&counter, store, pass::NEVER_ASKED);
}

/// Ends the call, and says how many units it used. `clean`: its code has written its counter back, as it does when it
/// returns or calls the host. After a trap of its own it may not have: then all that it was given counts as used.
#[inline]
pub fn end(store: &mut Store<StoreData>, clean: bool) -> u64 {
    let meter = &store.data().meter;
    if !meter.running {
        return meter.used;
    }
    let held = match meter.only_cell() {
        // SAFETY: `store` is the cell's: a store begins without one. It lives, and its code has ended.
        Some(cell) if clean => unsafe { cell.get() }.max(0),
        _ => end_slowly(store, clean),
    };
    let meter = &mut store.data_mut().meter;
    meter.running = false;
    meter.held = held;
    meter.used = if meter.metered { meter.budget.used(held) } else { 0 };
    meter.used
}

/// What all counters hold.
#[cold]
fn end_slowly(store: &mut Store<StoreData>, clean: bool) -> i64 {
    if !clean {
        set_counters(&mut *store, 0);
        return 0;
    }
    (0..store.data().meter.counters()).map(|index| read_counter(&mut *store, index)).sum()
}

/// Whether code that ended so has written its counter back.
pub fn is_clean<T>(outcome: &wasmtime::Result<T>) -> bool {
    outcome.as_ref().err().is_none_or(|error| error.downcast_ref::<crate::abi::wasi::GuestExit>().is_some())
}

/// The units that the last call used.
#[inline]
pub fn used(store: &Store<StoreData>) -> u64 {
    store.data().meter.used
}

/// A call of a guest that a host function made has trapped: its code's counter may be stale.
pub fn after_nested_trap(mut store: impl AsContextMut<Data = StoreData>) {
    set_counters(&mut store, 0);
}

/// Ends the call when a host function came back after its deadline.
pub fn check_deadline(mut store: impl AsContextMut<Data = StoreData>) -> wasmtime::Result<()> {
    match store.as_context_mut().data_mut().meter.time_left() {
        Some(Duration::ZERO) => Err(Trap::Interrupt.into()),
        _ => Ok(()),
    }
}

/// Takes units for work that the host does for the guest.
#[inline]
pub fn charge(caller: &mut Caller<'_, StoreData>, units: u64) -> wasmtime::Result<()> {
    let meter = &mut caller.data_mut().meter;
    if !meter.metered || meter.budget.charge(units).map_err(trap)? {
        return Ok(());
    }
    take_back(caller);
    match caller.data_mut().meter.budget.charge(units).map_err(trap)? {
        true => Ok(()),
        false => {
            caller.data_mut().meter.budget.exhaust();
            Err(trap(Spent::Fuel))
        }
    }
}

/// Offers what metered code asks for.
pub fn add_to_linker(linker: &mut Linker<StoreData>) -> wasmtime::Result<()> {
    linker.func_wrap(pass::REFILL_MODULE, pass::REFILL_NAME, give_more)?;
    linker.func_wrap(pass::REFILL_MODULE, pass::TRAP_NAME, unreachable).map(|_| ())
}

/// A counter that says that its code is asking right now: never a number that code counts to.
const ASKING: i64 = i64::MIN + 1;

/// Code has `counter` units left and is about to use `needed`.
fn give_more(mut caller: Caller<'_, StoreData>, counter: i64, needed: i64) -> wasmtime::Result<i64> {
    if counter == pass::NEVER_ASKED {
        register(&mut caller);
    }
    let meter = &mut caller.data_mut().meter;
    if meter.counters() > 1 && meter.budget.is_short(counter, needed) {
        take_back_from_others(&mut caller);
    }
    let meter = &mut caller.data_mut().meter;
    let counters = meter.counters();
    meter.budget.refill_one_of(counters, counter, needed).map_err(trap)
}

/// Raised by the host, this trap costs a fraction of the signal that the operator is.
#[cold]
fn unreachable() -> wasmtime::Result<()> {
    Err(Trap::UnreachableCodeReached.into())
}

fn trap(spent: Spent) -> wasmtime::Error {
    match spent {
        Spent::Fuel => Trap::OutOfFuel.into(),
        Spent::Deadline => Trap::Interrupt.into(),
    }
}

/// Notes the counter of an instance that asks for the first time.
#[cold]
fn register(caller: &mut Caller<'_, StoreData>) {
    let Some(counter) = caller.get_export(pass::COUNTER_EXPORT).and_then(Extern::into_global) else { return };
    // So that it is noted once, whatever becomes of this call.
    write(&counter, &mut *caller, 0);
    let meter = &mut caller.data_mut().meter;
    match meter.first {
        None => meter.first = Some(counter),
        Some(_) => meter.others.push(counter),
    }
}

/// Takes back what every counter holds, at a moment when all code has written its own back.
#[cold]
fn take_back(caller: &mut Caller<'_, StoreData>) {
    let mut sum = 0;
    for index in 0..caller.data().meter.counters() {
        sum += read_counter(&mut *caller, index);
    }
    set_counters(&mut *caller, 0);
    caller.data_mut().meter.budget.take_back(sum);
}

/// The same for all but the caller's own, which is on its way with the call.
#[cold]
fn take_back_from_others(caller: &mut Caller<'_, StoreData>) {
    if let Some(own) = caller.get_export(pass::COUNTER_EXPORT).and_then(Extern::into_global) {
        write(&own, &mut *caller, ASKING);
    }
    take_back(caller);
}

/// What the counter holds: nothing while it is marked.
#[inline]
fn read_counter(mut store: impl AsContextMut<Data = StoreData>, index: usize) -> i64 {
    let counter = store.as_context().data().meter.counter(index);
    counter.and_then(|counter| counter.get(&mut store).i64()).unwrap_or(0).max(0)
}

/// Gives the first counter so many units and the others none.
fn set_counters(mut store: impl AsContextMut<Data = StoreData>, first: i64) {
    for index in 0..store.as_context().data().meter.counters() {
        if let Some(counter) = store.as_context().data().meter.counter(index) {
            write(&counter, &mut store, if index == 0 { first } else { 0 });
        }
    }
}

fn write(counter: &Global, mut store: impl AsContextMut<Data = StoreData>, units: i64) {
    let mut context: StoreContextMut<'_, StoreData> = store.as_context_mut();
    // Cannot fail: counters are mutable numbers of 64 bits.
    let _ = counter.set(&mut context, Val::I64(units));
}
