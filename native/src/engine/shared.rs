//! A shared scope: the values, the lock and the counters that many instances have in common.
//!
//! One for each plugin (module scope, across its versions) and one for each host (global scope). Guests reach it through
//! `abi::wescale::shared` and `abi::sluice`; nothing here is touched by a call that uses none of it.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::error::Result;
use super::settings::{bounded, expect_length};

/// Names of a scope's limits, by position in the array from Java.
pub const SHARED_LIMITS: [&str; 4] = ["MAX_KEY_BYTES", "MAX_VALUE_BYTES", "MAX_ENTRIES", "MAX_TOTAL_BYTES"];

/// Counters that a plugin can have.
pub const MAX_COUNTERS: usize = 64;

/// How long a call without a deadline waits for a lock: nothing waits for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What the values of one scope may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedLimits {
    pub max_key_bytes: usize,
    pub max_value_bytes: usize,
    pub max_entries: usize,
    /// Keys and values together.
    pub max_total_bytes: usize,
}

impl SharedLimits {
    pub const DEFAULT: SharedLimits = SharedLimits {
        max_key_bytes: 1 << 10,
        max_value_bytes: 64 << 10,
        max_entries: 10_000,
        max_total_bytes: 16 << 20,
    };

    pub fn parse(values: &[i64]) -> Result<SharedLimits> {
        expect_length("shared limits", values.len(), SHARED_LIMITS.len())?;
        let at = |i: usize, low: i64, high: i64| bounded(SHARED_LIMITS[i], values[i], low, high).map(|n| n as usize);
        Ok(SharedLimits {
            max_key_bytes: at(0, 1, 64 << 10)?,
            max_value_bytes: at(1, 0, 16 << 20)?,
            max_entries: at(2, 0, 10_000_000)?,
            max_total_bytes: at(3, 0, 1 << 40)?,
        })
    }
}

/// Why a value or a counter was not taken. The text names the limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub asked: usize,
    pub allowed: usize,
    pub what: &'static str,
    pub raise: &'static str,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} asked for, {} allowed: {}", self.asked, self.what, self.allowed, self.raise)
    }
}

#[derive(Default)]
struct Values {
    map: HashMap<Box<[u8]>, Arc<[u8]>>,
    bytes: usize,
}

struct Counter {
    name: Box<str>,
    count: AtomicI64,
}

/// Values, lock and counters. Shared.
pub struct SharedScope {
    token: u64,
    limits: Mutex<SharedLimits>,
    values: Mutex<Values>,
    lock: FairLock,
    counters: RwLock<Vec<Counter>>,
}

impl SharedScope {
    pub fn new(limits: SharedLimits) -> SharedScope {
        SharedScope {
            token: new_token(),
            limits: Mutex::new(limits),
            values: Mutex::default(),
            lock: FairLock::default(),
            counters: RwLock::default(),
        }
    }

    /// What guests show as their module: never 0, and as good as never another scope's.
    pub fn token(&self) -> u64 {
        self.token
    }

    /// Replaces the limits; what is stored already stays.
    pub fn set_limits(&self, limits: SharedLimits) {
        *hold(&self.limits) = limits;
    }

    pub fn limits(&self) -> SharedLimits {
        *hold(&self.limits)
    }

    /// The value as it is now, if there is one.
    pub fn value(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        hold(&self.values).map.get(key).cloned()
    }

    /// Stores a value, or says which limit is in the way and leaves the old one.
    pub fn set_value(&self, key: &[u8], value: &[u8]) -> std::result::Result<(), Refused> {
        let limits = self.limits();
        check_key(&limits, key.len())?;
        check_value(&limits, value.len())?;
        // Before the values are locked: nobody waits for an allocation.
        let stored: Arc<[u8]> = value.into();
        let mut values = hold(&self.values);
        let values = &mut *values;
        let bytes = values.bytes;
        let total = |more: usize, less: usize| {
            let total = bytes.saturating_sub(less).saturating_add(more);
            // A value that takes no more than the one it replaces fits, whatever the limit is now.
            if more > less && total > limits.max_total_bytes {
                return Err(Refused {
                    asked: total,
                    allowed: limits.max_total_bytes,
                    what: "bytes of keys and values",
                    raise: "raise SharedLimits.maxTotalBytes",
                });
            }
            Ok(total)
        };
        if let Some(old) = values.map.get_mut(key) {
            values.bytes = total(value.len(), old.len())?;
            *old = stored;
            return Ok(());
        }
        if values.map.len() >= limits.max_entries {
            return Err(Refused {
                asked: values.map.len().saturating_add(1),
                allowed: limits.max_entries,
                what: "entries",
                raise: "raise SharedLimits.maxEntries",
            });
        }
        values.bytes = total(key.len().saturating_add(value.len()), 0)?;
        values.map.insert(key.into(), stored);
        Ok(())
    }

    /// Entries, and bytes of their keys and values.
    pub fn usage(&self) -> (usize, usize) {
        let values = hold(&self.values);
        (values.map.len(), values.bytes)
    }

    pub fn lock(&self) -> &FairLock {
        &self.lock
    }

    /// Adds to a counter and makes it if there is room for one more.
    pub fn count(&self, name: &str, delta: i64) -> std::result::Result<(), Refused> {
        let add = |counters: &[Counter]| {
            let counter = counters.iter().find(|counter| &*counter.name == name);
            counter.map(|counter| {
                let _ = counter
                    .count
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| Some(count.saturating_add(delta)));
            })
        };
        if add(&self.counters.read().unwrap_or_else(PoisonError::into_inner)).is_some() {
            return Ok(());
        }
        let mut counters = self.counters.write().unwrap_or_else(PoisonError::into_inner);
        if add(&counters).is_some() {
            return Ok(());
        }
        if counters.len() >= MAX_COUNTERS {
            return Err(Refused {
                asked: counters.len() + 1,
                allowed: MAX_COUNTERS,
                what: "counters",
                raise: "use fewer names",
            });
        }
        counters.push(Counter { name: name.into(), count: AtomicI64::new(delta) });
        Ok(())
    }

    /// The counters' names and counts, in the order in which they were made.
    pub fn counters(&self) -> Vec<(String, i64)> {
        let counters = self.counters.read().unwrap_or_else(PoisonError::into_inner);
        counters.iter().map(|counter| (counter.name.to_string(), counter.count.load(Ordering::Relaxed))).collect()
    }
}

/// Whether a key of that length may be stored; one that may not need not be read.
pub fn check_key(limits: &SharedLimits, len: usize) -> std::result::Result<(), Refused> {
    if len <= limits.max_key_bytes {
        return Ok(());
    }
    Err(Refused {
        asked: len,
        allowed: limits.max_key_bytes,
        what: "bytes of key",
        raise: "use shorter keys or raise SharedLimits.maxKeyBytes",
    })
}

/// Whether a value of that length may be stored.
pub fn check_value(limits: &SharedLimits, len: usize) -> std::result::Result<(), Refused> {
    if len <= limits.max_value_bytes {
        return Ok(());
    }
    Err(Refused {
        asked: len,
        allowed: limits.max_value_bytes,
        what: "bytes of value",
        raise: "store less or raise SharedLimits.maxValueBytes",
    })
}

/// Numbers that look like nothing and do not repeat: SplitMix64 over a count. Opaque, not secret: a guest that guesses one
/// gains nothing, since each is compared with its own plugin's only.
fn new_token() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut z = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ z >> 31).max(1)
}

/// A lock that is handed on in the order in which it was asked for.
///
/// It belongs to whoever took it, on whatever thread: a query may hold it from its before stage to its after stage. Its
/// holder remembers that it has it, so nothing here tells one owner from another.
#[derive(Default)]
pub struct FairLock {
    state: Mutex<LockState>,
}

#[derive(Default)]
struct LockState {
    taken: bool,
    /// Empty unless the lock is taken.
    queue: VecDeque<Arc<Waiter>>,
}

struct Waiter {
    thread: Thread,
    /// The lock is this waiter's now.
    granted: AtomicBool,
}

/// The time to wait is over and the lock is still somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

impl FairLock {
    /// Takes the lock if it is free: then nobody waits for it.
    pub fn try_lock(&self) -> bool {
        let mut state = hold(&self.state);
        !std::mem::replace(&mut state.taken, true)
    }

    /// Takes the lock, after all who asked before, or gives up when the time is over.
    pub fn lock(&self, time: Option<Duration>) -> std::result::Result<(), TimedOut> {
        if self.try_lock() {
            return Ok(());
        }
        let ends = Instant::now().checked_add(time.unwrap_or(LONGEST_WAIT));
        let waiter = {
            let mut state = hold(&self.state);
            if !state.taken {
                state.taken = true;
                return Ok(());
            }
            let waiter = Arc::new(Waiter { thread: std::thread::current(), granted: AtomicBool::new(false) });
            state.queue.push_back(waiter.clone());
            waiter
        };
        loop {
            // `None` only for a deadline beyond what the clock can tell.
            let left = ends.map_or(LONGEST_WAIT, |ends| ends.saturating_duration_since(Instant::now()));
            if !left.is_zero() {
                std::thread::park_timeout(left);
            }
            if waiter.granted.load(Ordering::Acquire) {
                return Ok(());
            }
            if left.is_zero() {
                let mut state = hold(&self.state);
                // Whoever unlocked in the meantime has left it to us.
                if waiter.granted.load(Ordering::Acquire) {
                    return Ok(());
                }
                state.queue.retain(|other| !Arc::ptr_eq(other, &waiter));
                return Err(TimedOut);
            }
        }
    }

    /// Hands the lock to whoever has waited longest; for its holder only.
    pub fn unlock(&self) {
        let mut state = hold(&self.state);
        match state.queue.pop_front() {
            Some(next) => {
                next.granted.store(true, Ordering::Release);
                drop(state);
                next.thread.unpark();
            }
            None => state.taken = false,
        }
    }

    /// Callers that wait now.
    pub fn waiting(&self) -> usize {
        hold(&self.state).queue.len()
    }

    pub fn is_locked(&self) -> bool {
        hold(&self.state).taken
    }
}

/// Nothing that runs under these mutexes can panic half-way.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
