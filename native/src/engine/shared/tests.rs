use std::sync::atomic::AtomicUsize;

use super::*;

const LIMITS: SharedLimits = SharedLimits { max_key_bytes: 4, max_value_bytes: 8, max_entries: 2, max_total_bytes: 16 };

#[test]
fn values_are_kept_and_replaced() {
    let scope = SharedScope::new(SharedLimits::DEFAULT);
    assert_eq!(scope.value(b"k"), None);
    assert_eq!(scope.set_value(b"k", b"one"), Ok(()));
    assert_eq!(scope.value(b"k").as_deref(), Some(&b"one"[..]));
    assert_eq!(scope.set_value(b"k", b""), Ok(()));
    assert_eq!(scope.value(b"k").as_deref(), Some(&b""[..]));
    assert_eq!(scope.usage(), (1, 1));
}

#[test]
fn every_limit_is_named() {
    let scope = SharedScope::new(LIMITS);
    let refused = |key: &[u8], value: &[u8]| scope.set_value(key, value).unwrap_err().to_string();
    assert_eq!(
        refused(b"12345", b""),
        "5 bytes of key asked for, 4 allowed: use shorter keys or raise SharedLimits.maxKeyBytes"
    );
    assert_eq!(
        refused(b"k", b"123456789"),
        "9 bytes of value asked for, 8 allowed: store less or raise SharedLimits.maxValueBytes"
    );
    scope.set_value(b"a", b"12345678").unwrap();
    assert_eq!(
        refused(b"b", b"1234567"),
        "17 bytes of keys and values asked for, 16 allowed: raise SharedLimits.maxTotalBytes"
    );
    scope.set_value(b"b", b"123456").unwrap();
    assert_eq!(refused(b"c", b""), "3 entries asked for, 2 allowed: raise SharedLimits.maxEntries");
    assert_eq!(scope.usage(), (2, 16));
    // What replaces is counted without what it replaces.
    scope.set_value(b"a", b"1234567").unwrap();
    scope.set_value(b"b", b"1234567").unwrap();
    assert_eq!(
        refused(b"b", b"12345678"),
        "17 bytes of keys and values asked for, 16 allowed: raise SharedLimits.maxTotalBytes"
    );
    assert_eq!(scope.usage(), (2, 16));
}

#[test]
fn lower_limits_leave_what_is_there() {
    let scope = SharedScope::new(LIMITS);
    scope.set_value(b"a", b"12345678").unwrap();
    scope.set_limits(SharedLimits { max_total_bytes: 4, ..LIMITS });
    assert_eq!(scope.value(b"a").as_deref(), Some(&b"12345678"[..]));
    assert_eq!(scope.set_value(b"a", b"1234"), Ok(()), "less than before");
    assert!(scope.set_value(b"b", b"").is_err());
}

#[test]
fn limits_are_checked() {
    assert_eq!(SharedLimits::parse(&[4, 8, 2, 16]).unwrap(), LIMITS);
    for (values, message) in [
        (&[1, 2, 3][..], "shared limits: expected 4 numbers, found 3"),
        (&[0, 0, 0, 0], "MAX_KEY_BYTES: expected 1 to 65536, found 0"),
        (&[1, -1, 0, 0], "MAX_VALUE_BYTES: expected 0 to 16777216, found -1"),
    ] {
        let error = SharedLimits::parse(values).unwrap_err();
        assert!(matches!(&error, crate::engine::error::Error::IllegalArgument(text) if text == message), "{error:?}");
    }
}

#[test]
fn counters_add_up_and_are_bounded() {
    let scope = SharedScope::new(SharedLimits::DEFAULT);
    for i in 0..MAX_COUNTERS {
        scope.count(&format!("c{i}"), 1).unwrap();
    }
    assert_eq!(scope.count("more", 1).unwrap_err().to_string(), "65 counters asked for, 64 allowed: use fewer names");
    scope.count("c0", 41).unwrap();
    scope.count("c1", i64::MAX).unwrap();
    let counters = scope.counters();
    assert_eq!(counters.len(), MAX_COUNTERS);
    assert_eq!(counters[0], ("c0".to_owned(), 42));
    assert_eq!(counters[1], ("c1".to_owned(), i64::MAX), "never wraps");
}

#[test]
fn tokens_differ_and_are_never_zero() {
    let tokens: std::collections::HashSet<u64> = (0..1000).map(|_| new_token()).collect();
    assert_eq!(tokens.len(), 1000);
    assert!(!tokens.contains(&0));
}

#[test]
fn lock_is_handed_on_in_the_order_of_asking() {
    let lock = Arc::new(FairLock::default());
    lock.lock(None).unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..8)
        .map(|i| {
            let thread = std::thread::spawn({
                let (lock, order) = (lock.clone(), order.clone());
                move || {
                    lock.lock(None).unwrap();
                    hold(&order).push(i);
                    lock.unlock();
                }
            });
            while lock.waiting() <= i {
                std::thread::yield_now();
            }
            thread
        })
        .collect();
    lock.unlock();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*hold(&order), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(!lock.is_locked());
}

#[test]
fn waiting_ends_with_its_time() {
    let lock = FairLock::default();
    lock.lock(None).unwrap();
    let start = Instant::now();
    assert_eq!(lock.lock(Some(Duration::from_millis(20))), Err(TimedOut));
    assert_eq!(lock.lock(Some(Duration::ZERO)), Err(TimedOut));
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(lock.waiting(), 0);
    lock.unlock();
    assert_eq!(lock.lock(Some(Duration::ZERO)), Ok(()));
}

#[test]
fn hammer_lock_with_waiters_that_give_up() {
    let lock = FairLock::default();
    let inside = AtomicUsize::new(0);
    let (taken, given_up) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8u64 {
            let (lock, inside, taken, given_up) = (&lock, &inside, &taken, &given_up);
            scope.spawn(move || {
                for i in 0..2_000 {
                    match lock.lock(Some(Duration::from_micros((thread * 31 + i) % 40))) {
                        Ok(()) => {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            inside.fetch_sub(1, Ordering::SeqCst);
                            lock.unlock();
                            taken.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(TimedOut) => {
                            given_up.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    assert_eq!(taken.into_inner() + given_up.into_inner(), 16_000);
    assert!(!lock.is_locked() && lock.waiting() == 0);
}
