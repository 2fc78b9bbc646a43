//! The one place where a call's budget of fuel and time is set, looked at and read.
//!
//! Behind it are wasmtime's fuel and epochs. The clock of a deadline starts when a call is first seen to run at a tick,
//! or before a host function that can wait: a short call never reads it.

pub mod bulk;
pub mod cost;
pub mod emit;
pub mod fold;
pub mod names;
pub mod pass;
pub mod refill;
pub mod source;

use std::time::{Duration, Instant};

use wasmtime::{AsContext, AsContextMut, Store, StoreContextMut, Trap, UpdateDeadline};

use crate::engine::settings::CallLimits;
use crate::engine::store::StoreData;
use crate::engine::ticker;

/// Ticks after which a call without a deadline looks up: never, in practice.
const NEVER: u64 = 1 << 60;

/// The budget of the call in flight.
#[derive(Debug)]
pub struct Meter {
    /// Whether the engine's code is metered at all.
    metered: bool,
    limits: CallLimits,
    /// When the call must end, once its clock runs.
    ends: Option<Instant>,
}

impl Meter {
    pub fn new(metered: bool, limits: CallLimits) -> Meter {
        Meter { metered, limits, ends: None }
    }

    /// The limits of the call in flight, or of the last one.
    pub fn limits(&self) -> CallLimits {
        self.limits
    }

    pub fn is_metered(&self) -> bool {
        self.metered
    }

    /// Starts the deadline's clock unless it runs.
    pub fn start_clock(&mut self) {
        if self.ends.is_none() {
            self.ends = self.limits.deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        }
    }

    /// What is left of the deadline; `None` without one.
    pub fn time_left(&mut self) -> Option<Duration> {
        self.start_clock();
        self.ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }
}

/// Installs what a deadline needs in a new store.
pub fn install(store: &mut Store<StoreData>) {
    if store.data().meter.metered {
        store.epoch_deadline_callback(at_tick);
    }
}

/// Gives the next call its budget.
#[inline]
pub fn arm(store: &mut Store<StoreData>, limits: CallLimits) {
    let meter = &mut store.data_mut().meter;
    meter.limits = limits;
    meter.ends = None;
    if !meter.metered {
        return;
    }
    // Cannot fail: the engine's code is metered.
    let _ = store.set_fuel(limits.fuel.unwrap_or(u64::MAX));
    match limits.deadline {
        Some(_) => {
            store.set_epoch_deadline(1);
            ticker::ensure_running();
        }
        None => store.set_epoch_deadline(NEVER),
    }
}

/// The fuel that the call has used so far.
#[inline]
pub fn used(store: impl AsContext<Data = StoreData>) -> u64 {
    let store = store.as_context();
    match store.get_fuel() {
        Ok(left) => store.data().meter.limits.fuel.unwrap_or(u64::MAX).saturating_sub(left),
        Err(_) => 0,
    }
}

/// Ends the call when a host function came back after its deadline.
pub fn check_deadline(mut store: impl AsContextMut<Data = StoreData>) -> wasmtime::Result<()> {
    match store.as_context_mut().data_mut().meter.time_left() {
        Some(Duration::ZERO) => Err(Trap::Interrupt.into()),
        _ => Ok(()),
    }
}

fn at_tick(mut store: StoreContextMut<'_, StoreData>) -> wasmtime::Result<UpdateDeadline> {
    Ok(match store.data_mut().meter.time_left() {
        Some(Duration::ZERO) => UpdateDeadline::Interrupt,
        // At the tick after the end, and never later than the ticker's own lateness.
        Some(left) => UpdateDeadline::Continue((left.as_millis() as u64).clamp(1, NEVER)),
        None => UpdateDeadline::Continue(NEVER),
    })
}
