//! `poll_oneoff`: waiting, for at most what is left of the call's deadline.

use std::time::Duration;

use wasmtime::{Caller, Linker};

use super::clock::Clock;
use super::{BASE_UNITS, DeadlinePassed, MODULE, answer, errno, with_memory};
use crate::abi::{AbiHost, charge, guest};

const SUBSCRIPTION_BYTES: u32 = 48;
const EVENT_BYTES: u32 = 32;
/// More in one call are refused.
const MAX_SUBSCRIPTIONS: u32 = 1024;
/// Fuel for each subscription.
const SUBSCRIPTION_UNITS: u64 = 50;

const KIND_CLOCK: u8 = 0;
const KIND_READ: u8 = 1;
const KIND_WRITE: u8 = 2;
/// The subscription's time is one of the clock, not one from now.
const ABSOLUTE: u16 = 1;

/// What one subscription waits for.
#[derive(Clone, Copy)]
struct Subscription {
    user_data: [u8; 8],
    kind: u8,
    when: When,
}

#[derive(Clone, Copy)]
enum When {
    /// At once, with this error.
    Now(i32),
    /// When the clock shows that time.
    At(Clock, u64),
    /// So many nanoseconds after the call.
    After(u64),
}

impl Subscription {
    /// `None`: it does not lie in the memory. An error: it is none.
    fn read(memory: &[u8], list: u32, index: u32) -> Option<Result<Subscription, i32>> {
        let bytes: [u8; SUBSCRIPTION_BYTES as usize] =
            guest::array(memory, guest::item(list, index, SUBSCRIPTION_BYTES)?)?;
        let kind = *bytes.get(8)?;
        let u32_at = |at| guest::read_u32(&bytes, at);
        let when = match kind {
            KIND_CLOCK => {
                let timeout = u64::from_le_bytes(guest::array(&bytes, 24)?);
                let flags = u16::from_le_bytes(guest::array(&bytes, 40)?);
                match (Clock::from_id(u32_at(16)?), flags & ABSOLUTE != 0) {
                    (None, _) => When::Now(errno::INVAL),
                    (Some(clock), true) => When::At(clock, timeout),
                    (Some(_), false) => When::After(timeout),
                }
            }
            // The standard streams never block and nothing else is open.
            KIND_WRITE if matches!(u32_at(16)?, 1 | 2) => When::Now(errno::SUCCESS),
            KIND_READ | KIND_WRITE => When::Now(errno::BADF),
            _ => return Some(Err(errno::INVAL)),
        };
        Some(Ok(Subscription { user_data: guest::array(&bytes, 0)?, kind, when }))
    }

    /// Nanoseconds until it is due; `waited` have passed since the call.
    ///
    /// A time of the clock is due when the clock that the guest can read shows it: whether one is due already would else
    /// tell the time to the nanosecond, however coarse that clock is.
    fn due_in(&self, waited: u64, steps: Steps) -> u64 {
        match self.when {
            When::Now(_) => 0,
            When::At(clock, time) => rounded_up(time, steps.clock).saturating_sub(clock.now()),
            When::After(nanos) => rounded_up(nanos, steps.relative).saturating_sub(waited),
        }
    }

    fn event(&self) -> [u8; EVENT_BYTES as usize] {
        let mut event = [0u8; EVENT_BYTES as usize];
        event[..8].copy_from_slice(&self.user_data);
        if let When::Now(errno) = self.when {
            event[8..10].copy_from_slice(&(errno as u16).to_le_bytes());
        }
        event[10] = self.kind;
        event
    }
}

/// What the times of one call are rounded up to, in nanoseconds.
#[derive(Clone, Copy)]
struct Steps {
    clock: u64,
    /// The clock's as well in a list that has a time of the clock: which of many times from now passed during a wait for
    /// the clock's next step would else tell how long that was, and so the time. Others wait as long as they say.
    relative: u64,
}

/// `nanos` rounded up to a whole number of steps.
fn rounded_up(nanos: u64, step: u64) -> u64 {
    nanos.div_ceil(step.max(1)).saturating_mul(step)
}

/// The steps of this list and the nanoseconds until the first of it is due, all of it checked; `None` for a bad address.
fn first_due(memory: &[u8], list: u32, count: u32, resolution: u64) -> Option<Result<(Steps, u64), i32>> {
    let mut steps = Steps { clock: resolution, relative: 1 };
    let (mut first, mut first_relative) = (u64::MAX, u64::MAX);
    for i in 0..count {
        let subscription = match Subscription::read(memory, list, i)? {
            Ok(subscription) => subscription,
            Err(errno) => return Some(Err(errno)),
        };
        match subscription.when {
            When::After(nanos) => first_relative = first_relative.min(nanos),
            When::At(..) => {
                steps.relative = resolution;
                first = first.min(subscription.due_in(0, steps));
            }
            When::Now(_) => first = 0,
        }
    }
    Some(Ok((steps, first.min(rounded_up(first_relative, steps.relative)))))
}

/// Writes an event for each subscription that is due; `None` for a bad address.
///
/// There may be none, when a clock was set back during the wait: guests take that as waking up early.
fn write_events(memory: &mut [u8], list: u32, events: u32, count: u32, waited: u64, steps: Steps) -> Option<u32> {
    let mut written = 0u32;
    for i in 0..count {
        let Ok(subscription) = Subscription::read(memory, list, i)? else {
            continue;
        };
        if subscription.due_in(waited, steps) == 0 {
            guest::write(memory, guest::item(events, written, EVENT_BYTES)?, &subscription.event())?;
            written = written.saturating_add(1);
        }
    }
    Some(written)
}

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "poll_oneoff", poll_oneoff::<T>)?;
    Ok(())
}

fn poll_oneoff<T: AbiHost>(
    mut caller: Caller<'_, T>,
    list: u32,
    events: u32,
    count: u32,
    written: u32,
) -> wasmtime::Result<i32> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return answer(&mut caller, errno::INVAL);
    }
    charge(&mut caller, BASE_UNITS + SUBSCRIPTION_UNITS * u64::from(count))?;
    let Some(memory) = guest::memory(&mut caller) else {
        return Ok(errno::FAULT);
    };
    let resolution = caller.data_mut().wasi().config.resolution_nanos();
    let bytes = memory.data(&caller);
    let all_events = count.checked_mul(EVENT_BYTES).and_then(|len| guest::bytes(bytes, events, len));
    if all_events.is_none() || guest::bytes(bytes, written, 4).is_none() {
        return Ok(errno::FAULT);
    }
    let (steps, wait) = match first_due(bytes, list, count, resolution) {
        None => return Ok(errno::FAULT),
        Some(Err(errno)) => return Ok(errno),
        Some(Ok(first)) => first,
    };
    if wait > 0 {
        sleep(caller.data_mut(), wait)?;
    }
    Ok(with_memory(&mut caller, |memory, _| {
        let ready = write_events(memory, list, events, count, wait, steps)?;
        guest::write_u32(memory, written, ready)?;
        Some(errno::SUCCESS)
    }))
}

/// Sleeps for `nanos`, or for what is left of the deadline: then the call is over.
fn sleep<T: AbiHost>(host: &mut T, nanos: u64) -> wasmtime::Result<()> {
    host.start_clock();
    let wanted = Duration::from_nanos(nanos);
    match host.time_left() {
        Some(left) if left <= wanted => {
            std::thread::sleep(left);
            Err(DeadlinePassed.into())
        }
        _ => {
            std::thread::sleep(wanted);
            Ok(())
        }
    }
}
