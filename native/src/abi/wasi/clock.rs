//! Clocks: the real time and a steady one, both as coarse as the plugin's configuration says.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime::{Caller, Linker};

use super::{MODULE, errno, with_memory};
use crate::abi::{AbiHost, charge, guest};

/// Fuel for reading a clock.
const CLOCK_UNITS: u64 = 50;

/// The clocks that a guest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Realtime,
    Monotonic,
}

impl Clock {
    pub(super) fn from_id(id: u32) -> Option<Clock> {
        match id {
            0 => Some(Clock::Realtime),
            1 => Some(Clock::Monotonic),
            _ => None,
        }
    }

    /// Nanoseconds, as fine as the host knows them.
    pub(super) fn now(self) -> u64 {
        let time = match self {
            Clock::Realtime => real(),
            Clock::Monotonic => steady(),
        };
        u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
    }
}

fn real() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

/// By how much the steady clock was put forward, in nanoseconds.
static AHEAD: AtomicU64 = AtomicU64::new(0);

/// The process's clock, the same in all stores: it begins with the real time, so that it is ahead of that of a process
/// that ended before, whose snapshots this one may use, and goes on whatever becomes of the real time. Never 0: Go
/// refuses to start on a clock that stands there.
fn running() -> Duration {
    static START: OnceLock<(Instant, Duration)> = OnceLock::new();
    let (start, real_then) = START.get_or_init(|| (Instant::now(), real().max(Duration::from_secs(1))));
    start.elapsed().saturating_add(*real_then)
}

fn steady() -> Duration {
    running().saturating_add(Duration::from_nanos(AHEAD.load(Ordering::Relaxed)))
}

/// The steady clock, in nanoseconds.
pub fn steady_nanos() -> u64 {
    Clock::Monotonic.now()
}

/// From now on the steady clock shows at least this: an instance that begins from a snapshot has seen it.
pub fn not_before(nanos: u64) {
    // More than nothing only if the real time was put back since the snapshot was taken.
    let behind = u128::from(nanos).saturating_sub(running().as_nanos());
    AHEAD.fetch_max(u64::try_from(behind).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// `nanos` rounded down to a whole number of resolutions.
fn coarse(nanos: u64, resolution: u64) -> u64 {
    nanos - nanos.checked_rem(resolution).unwrap_or(0)
}

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "clock_res_get",
        |mut caller: Caller<'_, T>, id: u32, out: u32| -> wasmtime::Result<i32> {
            charge(&mut caller, CLOCK_UNITS)?;
            if Clock::from_id(id).is_none() {
                return Ok(errno::INVAL);
            }
            Ok(with_memory(&mut caller, |memory, host| {
                guest::write_u64(memory, out, host.wasi().config.resolution_nanos())?;
                Some(errno::SUCCESS)
            }))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "clock_time_get",
        |mut caller: Caller<'_, T>, id: u32, _precision: u64, out: u32| -> wasmtime::Result<i32> {
            charge(&mut caller, CLOCK_UNITS)?;
            let Some(clock) = Clock::from_id(id) else {
                return Ok(errno::INVAL);
            };
            Ok(with_memory(&mut caller, |memory, host| {
                let time = coarse(clock.now(), host.wasi().config.resolution_nanos());
                guest::write_u64(memory, out, time)?;
                Some(errno::SUCCESS)
            }))
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_never_stands_at_zero() {
        let first = Clock::Monotonic.now();
        assert!(first >= 1_000_000_000);
        assert!(Clock::Monotonic.now() >= first);
    }

    #[test]
    fn the_steady_clock_is_never_before_what_a_snapshot_has_seen() {
        let seen = steady_nanos() + 3_600_000_000_000;
        not_before(seen);
        let then = steady_nanos();
        assert!(then >= seen);
        not_before(seen);
        assert!(steady_nanos() - then < 1_000_000_000);
    }

    #[test]
    fn times_are_rounded_down() {
        assert_eq!(coarse(1_999_999, 1_000_000), 1_000_000);
        assert_eq!(coarse(1_999_999, 1), 1_999_999);
        assert_eq!(coarse(5, u64::MAX), 0);
        assert_eq!(coarse(5, 0), 5);
    }
}
