//! The clock behind deadlines: one thread for all engines, which ticks only while calls are in flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use wasmtime::EngineWeak;

/// How often a call looks at the time, once it has run this long.
pub const TICK: Duration = Duration::from_millis(1);
/// The thread sleeps when nothing ran for so many ticks: waking it costs a call a few microseconds.
const IDLE_TICKS: u32 = 20;

static RUNNING: AtomicBool = AtomicBool::new(false);
static ENGINES: Mutex<Vec<EngineWeak>> = Mutex::new(Vec::new());
/// Whether the thread has been started, and what wakes it.
static WAKE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
static ANY_IN_FLIGHT: OnceLock<fn() -> bool> = OnceLock::new();

/// Tells the ticker how to see whether any call is in flight. Called once, when the library is loaded.
pub fn set_probe(any_in_flight: fn() -> bool) {
    let _ = ANY_IN_FLIGHT.set(any_in_flight);
}

pub fn add(engine: &wasmtime::Engine) {
    lock(&ENGINES).push(engine.weak());
}

/// Makes sure that the ticker runs; to be called with the store already marked as in flight.
///
/// That mark is a sequentially consistent write and this a sequentially consistent read, and the ticker looks for marks
/// once more after it said that it stops: so either it sees the mark or we see that it stopped.
#[inline]
pub fn ensure_running() {
    if !RUNNING.load(Ordering::SeqCst) {
        wake();
    }
}

#[cold]
fn wake() {
    let mut started = lock(&WAKE.0);
    if !*started {
        // When no thread can be had, this call is bounded by its fuel alone, and the next one tries again.
        let thread = std::thread::Builder::new().name("sluice-ticker".into()).stack_size(256 << 10);
        *started = thread.spawn(run).is_ok();
    }
    RUNNING.store(*started, Ordering::SeqCst);
    WAKE.1.notify_one();
}

fn run() {
    let any_in_flight = || ANY_IN_FLIGHT.get().is_none_or(|probe| probe());
    let mut idle = 0;
    loop {
        if !RUNNING.load(Ordering::SeqCst) {
            let guard = lock(&WAKE.0);
            drop(WAKE.1.wait_while(guard, |_| !RUNNING.load(Ordering::SeqCst)));
            idle = 0;
        }
        std::thread::sleep(TICK);
        lock(&ENGINES).retain(|engine| match engine.upgrade() {
            Some(engine) => {
                engine.increment_epoch();
                true
            }
            None => false,
        });
        idle = if any_in_flight() { 0 } else { idle + 1 };
        if idle > IDLE_TICKS {
            RUNNING.store(false, Ordering::SeqCst);
            if any_in_flight() {
                RUNNING.store(true, Ordering::SeqCst);
                idle = 0;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
