use wasmtime::{Store, Trap};

use super::outcome::{ERROR_CHANGED, ERROR_SET, QUERY_CHANGED, RESULT_CHANGED, RESULT_SET};
use super::*;
use crate::abi::test_host::{Guest, engine, foreign, host, linker};
use crate::abi::wasi::WasiConfig;
use crate::engine::types;

const IMPORTS: &str = r#"
  (import "env" "GetAbiVersionOnHost" (func $abi (param i32 i32) (result i32)))
  (import "env" "GetRuntimeTypeOnHost" (func $runtime (param i32 i32) (result i32)))
  (import "env" "InfoLogOnHost" (func $info (param i32 i32) (result i32)))
  (import "env" "ErrorLogOnHost" (func $error (param i32 i32) (result i32)))
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryOnHost" (func $set_query (param i64 i32 i32) (result i32)))
  (import "env" "GetErrorMessageOnHost" (func $get_error (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (import "env" "GetQueryResultOnHost" (func $get_result (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryResultOnHost" (func $set_result (param i64 i32 i32) (result i32)))
"#;

const CALLS: &str = r#"
  (func (export "abi") (param i32 i32) (result i32) (call $abi (local.get 0) (local.get 1)))
  (func (export "runtime") (param i32 i32) (result i32) (call $runtime (local.get 0) (local.get 1)))
  (func (export "info") (param i32 i32) (result i32) (call $info (local.get 0) (local.get 1)))
  (func (export "error") (param i32 i32) (result i32) (call $error (local.get 0) (local.get 1)))
  (func (export "get_query") (param i64 i32 i32) (result i32)
    (call $get_query (local.get 0) (local.get 1) (local.get 2)))
  (func (export "set_query") (param i64 i32 i32) (result i32)
    (call $set_query (local.get 0) (local.get 1) (local.get 2)))
  (func (export "get_error") (param i64 i32 i32) (result i32)
    (call $get_error (local.get 0) (local.get 1) (local.get 2)))
  (func (export "set_error") (param i64 i32 i32) (result i32)
    (call $set_error (local.get 0) (local.get 1) (local.get 2)))
  (func (export "get_result") (param i64 i32 i32) (result i32)
    (call $get_result (local.get 0) (local.get 1) (local.get 2)))
  (func (export "set_result") (param i64 i32 i32) (result i32)
    (call $set_result (local.get 0) (local.get 1) (local.get 2)))
"#;

const MEMORY: &str = r#"(memory (export "memory") 2)"#;
const END: u32 = 2 * 65536;
/// Where the allocator below begins to give out memory.
const HEAP: u32 = 4096;

/// Counts its calls at address 64.
const BUMP: &str = r#"
  (global $next (mut i32) (i32.const 4096))
  (func (export "malloc") (param i32) (result i32)
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 0))))
"#;

const CTX: u64 = 0x1234_5678_9ABC_DEF0;
const GETTERS: [&str; 3] = ["get_query", "get_error", "get_result"];
const SETTERS: [&str; 3] = ["set_query", "set_error", "set_result"];
/// A query result of one row: the shortest is the one without anything, but that is empty.
const RESULT: &[u8] = b"\x0A\x03\x0A\x01a\x10\x05\x22\x06\x0A\x01\x02\x12\x01x";

fn wat(parts: &[&str]) -> String {
    format!("(module {IMPORTS} {} {CALLS})", parts.concat())
}

fn plugin(parts: &[&str]) -> Guest {
    Guest::new(&wat(parts))
}

/// A plugin in the before stage of `query`.
fn before(query: &[u8]) -> Guest {
    before_with(&[MEMORY, BUMP], query)
}

fn before_with(parts: &[&str], query: &[u8]) -> Guest {
    let mut guest = plugin(parts);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(query));
    guest
}

fn status(guest: &mut Guest, export: &str, ctx: u64, a: u32, b: u32) -> i32 {
    guest.call::<_, i32>(export, (ctx, a, b)).unwrap()
}

/// Gets a value with out-pointers at 0 and 4.
fn get(guest: &mut Guest, export: &str) -> Result<Vec<u8>, i32> {
    match status(guest, export, CTX, 0, 4) {
        0 => Ok(guest.bytes(guest.u32_at(0), guest.u32_at(4)).to_vec()),
        other => Err(other),
    }
}

fn set(guest: &mut Guest, export: &str, value: &[u8]) -> i32 {
    guest.write(1000, value);
    status(guest, export, CTX, 1000, value.len() as u32)
}

fn allocations(guest: &Guest) -> u32 {
    guest.u32_at(64)
}

fn outcome_of(guest: &Guest) -> u32 {
    guest.store.data().wescale.outcome()
}

#[test]
fn version_and_runtime_are_told() {
    let mut guest = plugin(&[MEMORY, BUMP]);
    for (export, expected) in [("abi", "v1alpha1"), ("runtime", "wasmtime")] {
        assert_eq!(guest.call::<_, i32>(export, (0u32, 4u32)).unwrap(), 0);
        assert_eq!(guest.bytes(guest.u32_at(0), guest.u32_at(4)), expected.as_bytes());
    }
    assert_eq!(guest.call::<_, i32>("abi", (END, 4u32)).unwrap(), 10);
}

#[test]
fn query_comes_as_it_is() {
    for query in [&b"select 1"[..], b"\xFF\xFE\x80", b"a\0b", b"x", &[b'q'; 60_000]] {
        let mut guest = before(query);
        assert_eq!(get(&mut guest, "get_query").unwrap(), query);
        assert_eq!((guest.u32_at(0), guest.u32_at(4)), (HEAP, query.len() as u32));
        assert_eq!(outcome_of(&guest), 0);
    }
}

#[test]
fn a_query_of_16_mib_comes_whole() {
    let query: Vec<u8> = (0..16 << 20).map(|i: u32| i as u8).collect();
    let memory = r#"(memory (export "memory") 300)"#;
    let mut guest = before_with(&[memory, BUMP], &query);
    assert!(get(&mut guest, "get_query").unwrap() == query);
}

#[test]
fn empty_values_are_status_2_and_allocate_nothing() {
    let mut guest = before(b"");
    for getter in GETTERS {
        assert_eq!(get(&mut guest, getter), Err(2), "{getter}");
    }
    // An empty result that is there.
    assert_eq!(set(&mut guest, "set_result", b""), 0);
    assert_eq!(get(&mut guest, "get_result"), Err(2));
    assert_eq!(allocations(&guest), 0);
    // Even with addresses out of memory: the value is looked at first.
    assert_eq!(status(&mut guest, "get_query", CTX, u32::MAX, u32::MAX), 2);
}

#[test]
fn a_forged_ctx_is_status_2() {
    let mut guest = before(b"select 1");
    for forged in [0, CTX + 1, CTX ^ 1 << 63, u64::MAX] {
        for function in GETTERS.iter().chain(&SETTERS) {
            assert_eq!(status(&mut guest, function, forged, 0, 4), 2, "{function}");
        }
    }
    assert_eq!(allocations(&guest), 0);
    guest.store.data_mut().wescale.end_call();
    assert_eq!(status(&mut guest, "get_query", CTX, 0, 4), 2);
    assert_eq!(outcome_of(&guest), 0);
}

#[test]
fn before_any_query_there_is_no_ctx() {
    let mut guest = plugin(&[MEMORY, BUMP]);
    for function in GETTERS.iter().chain(&SETTERS) {
        assert_eq!(status(&mut guest, function, 0, 0, 4), 2, "{function}");
    }
}

#[test]
fn out_pointers_out_of_memory_are_status_10_and_allocate_nothing() {
    let mut guest = before(b"select 1");
    for bad in [END - 3, END, 1 << 31, u32::MAX - 3, u32::MAX] {
        assert_eq!(status(&mut guest, "get_query", CTX, bad, 0), 10, "{bad}");
        assert_eq!(status(&mut guest, "get_query", CTX, 0, bad), 10, "{bad}");
    }
    assert_eq!(allocations(&guest), 0);
    assert_eq!(guest.bytes(0, 8), [0; 8]);
    assert_eq!(status(&mut guest, "get_query", CTX, END - 4, END - 8), 0);
    assert_eq!((guest.u32_at(END - 4), guest.u32_at(END - 8)), (HEAP, 8));
}

#[test]
fn out_pointers_may_overlap() {
    let mut guest = before(b"select 1");
    assert_eq!(status(&mut guest, "get_query", CTX, 0, 0), 0);
    assert_eq!(guest.u32_at(0), 8);
    assert_eq!(status(&mut guest, "get_query", CTX, 0, 2), 0);
    assert_eq!(guest.u32_at(2), 8);
    // The value itself over the out-pointers: they are written last.
    let malloc = r#"(func (export "malloc") (param i32) (result i32) (i32.const 1))"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    assert_eq!(status(&mut guest, "get_query", CTX, 1, 5), 0);
    assert_eq!((guest.u32_at(1), guest.u32_at(5)), (1, 8));
}

#[test]
fn an_allocator_that_gives_nothing_usable_is_status_10() {
    for address in [0u32, END - 7, END, 1 << 31, u32::MAX - 7, u32::MAX] {
        let malloc = format!(r#"(func (export "malloc") (param i32) (result i32) (i32.const {}))"#, address as i32);
        let mut guest = before_with(&[MEMORY, &malloc], b"select 1");
        assert_eq!(get(&mut guest, "get_query"), Err(10), "{address}");
        assert_eq!(guest.bytes(0, 8), [0; 8], "out-pointers are left alone");
    }
    // The last address that fits, and an odd one.
    for address in [END - 8, 4097] {
        let malloc = format!(r#"(func (export "malloc") (param i32) (result i32) (i32.const {address}))"#);
        let mut guest = before_with(&[MEMORY, &malloc], b"select 1");
        assert_eq!(get(&mut guest, "get_query").unwrap(), b"select 1");
        assert_eq!(guest.u32_at(0), address);
    }
}

#[test]
fn an_allocator_of_the_wrong_type_or_none_is_status_10() {
    let wrong = r#"(func (export "malloc") (param i64) (result i32) (i32.const 8))"#;
    for malloc in ["", wrong] {
        let mut guest = before_with(&[MEMORY, malloc], b"select 1");
        assert_eq!(get(&mut guest, "get_query"), Err(10));
    }
    let memory = r#"(global (export "malloc") i32 (i32.const 1))"#;
    let mut guest = before_with(&[MEMORY, memory], b"select 1");
    assert_eq!(get(&mut guest, "get_query"), Err(10));
}

#[test]
fn a_trap_in_the_allocator_comes_out() {
    let malloc = r#"(func (export "malloc") (param i32) (result i32) unreachable)"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    for _ in 0..2 {
        let error = guest.call::<_, i32>("get_query", (CTX, 0u32, 4u32)).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::UnreachableCodeReached));
    }
}

#[test]
fn an_allocator_that_never_ends_runs_out_of_fuel() {
    let malloc = r#"(func (export "malloc") (param i32) (result i32) (loop (br 0)) unreachable)"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    guest.store.set_fuel(100_000).unwrap();
    let error = guest.call::<_, i32>("get_query", (CTX, 0u32, 4u32)).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}

#[test]
fn an_allocator_that_asks_for_the_query_exhausts_the_stack_only() {
    let malloc = r#"(func $malloc (export "malloc") (param i32) (result i32)
        (drop (call $get_query (i64.const 0x123456789ABCDEF0) (i32.const 0) (i32.const 4))) (i32.const 4096))"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    let error = guest.call::<_, i32>("get_query", (CTX, 0u32, 4u32)).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
    // The instance is as usable as after any trap.
    assert_eq!(set(&mut guest, "set_query", b"x"), 0);
}

#[test]
fn memory_may_grow_in_the_allocator() {
    let malloc = r#"(func (export "malloc") (param i32) (result i32)
        (i32.mul (memory.grow (i32.const 16)) (i32.const 65536)))"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    assert_eq!(get(&mut guest, "get_query").unwrap(), b"select 1");
    assert_eq!(guest.u32_at(0), END);
}

#[test]
fn a_value_that_changes_in_the_allocator_is_status_10() {
    let malloc = r#"(func (export "malloc") (param i32) (result i32)
        (drop (call $set_query (i64.const 0x123456789ABCDEF0) (i32.const 4096) (i32.const 3)))
        (i32.const 8192))"#;
    let mut guest = before_with(&[MEMORY, malloc], b"select 1");
    assert_eq!(get(&mut guest, "get_query"), Err(10));
    // It has its new length from the first time on.
    assert_eq!(get(&mut guest, "get_query").unwrap(), [0, 0, 0]);
}

#[test]
fn query_can_be_replaced() {
    let mut guest = before(b"select 1");
    assert_eq!(set(&mut guest, "set_query", b"select 2 from t"), 0);
    assert_eq!(outcome_of(&guest), QUERY_CHANGED);
    assert_eq!(guest.store.data().wescale.query(), b"select 2 from t");
    assert_eq!(get(&mut guest, "get_query").unwrap(), b"select 2 from t");
    guest.store.data_mut().wescale.begin_after(None, None);
    assert_eq!(outcome_of(&guest), 0);
    assert_eq!(get(&mut guest, "get_query").unwrap(), b"select 2 from t");
}

#[test]
fn query_can_be_emptied() {
    let mut guest = before(b"select 1");
    assert_eq!(set(&mut guest, "set_query", b""), 0);
    assert_eq!(outcome_of(&guest), QUERY_CHANGED);
    assert_eq!(get(&mut guest, "get_query"), Err(2));
}

#[test]
fn error_message_can_be_set_and_cleared() {
    let mut guest = before(b"update t");
    assert_eq!(get(&mut guest, "get_error"), Err(2));
    assert_eq!(set(&mut guest, "set_error", b"no where clause\xFF"), 0);
    assert_eq!(outcome_of(&guest), ERROR_SET | ERROR_CHANGED);
    assert_eq!(guest.store.data().wescale.error(), b"no where clause\xFF");
    assert_eq!(get(&mut guest, "get_error").unwrap(), b"no where clause\xFF");
    assert_eq!(set(&mut guest, "set_error", b""), 0);
    assert_eq!(outcome_of(&guest), ERROR_CHANGED);
    assert_eq!(get(&mut guest, "get_error"), Err(2));
}

#[test]
fn after_sees_what_came_from_below() {
    let mut guest = before(b"select 1");
    guest.store.data_mut().wescale.begin_after(Some(foreign(b"lost")), Some(foreign(RESULT)));
    assert_eq!(get(&mut guest, "get_error").unwrap(), b"lost");
    assert_eq!(get(&mut guest, "get_result").unwrap(), RESULT);
    assert_eq!(outcome_of(&guest), ERROR_SET | RESULT_SET);
    assert_eq!(set(&mut guest, "set_error", b""), 0);
    assert_eq!(outcome_of(&guest), RESULT_SET | ERROR_CHANGED);
    // Over: Java has its bytes back.
    guest.store.data_mut().wescale.end_call();
    guest.store.data_mut().wescale.ctx = Some(CTX);
    assert_eq!(get(&mut guest, "get_result"), Err(2));
    assert_eq!(outcome_of(&guest), RESULT_SET | ERROR_CHANGED);
}

#[test]
fn result_can_be_set_and_is_checked() {
    let mut guest = before(b"select 1");
    assert_eq!(set(&mut guest, "set_result", RESULT), 0);
    assert_eq!(outcome_of(&guest), RESULT_SET | RESULT_CHANGED);
    assert_eq!(guest.store.data().wescale.changed_result(), Some(RESULT));
    assert_eq!(get(&mut guest, "get_result").unwrap(), RESULT);
    assert!(guest.log().is_empty());
    // Refused ones leave the last good one.
    let mut wrong_length = RESULT.to_vec();
    wrong_length[11] = 0x04;
    assert_eq!(set(&mut guest, "set_result", &wrong_length), 10);
    assert_eq!(set(&mut guest, "set_result", b"select 1"), 10);
    assert_eq!(guest.store.data().wescale.changed_result(), Some(RESULT));
    assert_eq!(set(&mut guest, "set_result", b""), 0);
    assert_eq!(guest.store.data().wescale.changed_result(), Some(&b""[..]));
    guest.store.data_mut().wescale.begin_after(None, None);
    assert_eq!(outcome_of(&guest), 0);
}

#[test]
fn values_out_of_memory_are_status_10() {
    let mut guest = before(b"select 1");
    let bad = [(END, 1), (END + 1, 0), (0, END + 1), (1, u32::MAX), (u32::MAX, 1), (u32::MAX, u32::MAX), (0, 1 << 31)];
    for (ptr, len) in bad {
        for setter in SETTERS {
            assert_eq!(status(&mut guest, setter, CTX, ptr, len), 10, "{setter} {ptr} {len}");
        }
        for logger in ["info", "error"] {
            assert_eq!(guest.call::<_, i32>(logger, (ptr, len)).unwrap(), 10, "{logger} {ptr} {len}");
        }
    }
    assert_eq!(outcome_of(&guest), 0);
    assert!(guest.log().is_empty());
    // At the very end of the memory.
    assert_eq!(status(&mut guest, "set_query", CTX, END - 1, 1), 0);
    assert_eq!(status(&mut guest, "set_query", CTX, END, 0), 0);
}

#[test]
fn outputs_are_bounded() {
    let state = host(WasiConfig::default(), 100, 1000);
    let mut guest = Guest::with(&wat(&[MEMORY, BUMP]), state, true);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(&[b'q'; 200]));
    assert_eq!(get(&mut guest, "get_query").unwrap().len(), 200);
    assert_eq!(set(&mut guest, "set_query", &[b'x'; 100]), 0);
    assert_eq!(set(&mut guest, "set_error", &[b'x'; 100]), 0);
    for setter in SETTERS {
        assert_eq!(set(&mut guest, setter, &[b'y'; 101]), 10);
    }
    assert_eq!(outcome_of(&guest), QUERY_CHANGED | ERROR_SET | ERROR_CHANGED);
    let expected = ["SetQueryOnHost", "SetErrorMessageOnHost", "SetQueryResultOnHost"]
        .map(|name| (1, format!("{name}: 101 bytes given, 100 allowed: raise maxOutputBytes")));
    assert_eq!(guest.log(), expected);
}

#[test]
fn logs_have_their_levels() {
    let mut guest = plugin(&[MEMORY, BUMP]);
    guest.write(100, b"hello\xFF\0\n");
    assert_eq!(guest.call::<_, i32>("info", (100u32, 5u32)).unwrap(), 0);
    assert_eq!(guest.call::<_, i32>("error", (100u32, 8u32)).unwrap(), 0);
    assert_eq!(guest.call::<_, i32>("info", (END, 0u32)).unwrap(), 0);
    let expected = [(0, "hello".to_owned()), (1, "hello\u{FFFD}\0\n".to_owned()), (0, String::new())];
    assert_eq!(guest.log(), expected);
}

#[test]
fn a_log_flood_is_cut_and_counted() {
    let flood = r#"(func (export "flood") (param $n i32)
        (loop (drop (call $info (i32.const 0) (i32.const 100)))
          (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))"#;
    let mut guest = Guest::with(&wat(&[MEMORY, BUMP, flood]), host(WasiConfig::default(), 0, 1000), true);
    guest.call::<_, ()>("flood", 1_000_000).unwrap();
    let log = &guest.store.data().log;
    assert!(log.as_bytes().len() <= 1000);
    assert_eq!(log.dropped(), 1_000_000 - 9);
    // One record larger than all of the log: its beginning is kept.
    guest.store.data_mut().log.clear();
    assert_eq!(guest.call::<_, i32>("info", (0u32, END)).unwrap(), 0);
    assert_eq!(guest.store.data().log.as_bytes().len(), 1000);
    assert_eq!(guest.store.data().log.dropped(), 1);
}

#[test]
fn copies_cost_fuel_by_their_size() {
    let mut guest = before(&[b'q'; 80_000]);
    let fuel = |guest: &Guest| guest.store.get_fuel().unwrap();
    let start = fuel(&guest);
    get(&mut guest, "get_query").unwrap();
    assert!((10_000..10_200).contains(&(start - fuel(&guest))));
    guest.store.set_fuel(5_000).unwrap();
    for (function, ptr, len) in [("get_query", 0, 4), ("set_query", 0, 80_000), ("set_result", 0, 80_000)] {
        guest.store.set_fuel(5_000).unwrap();
        let error = guest.call::<_, i32>(function, (CTX, ptr as u32, len as u32)).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel), "{function}");
    }
    assert_eq!(outcome_of(&guest), 0);
}

#[test]
fn works_without_fuel() {
    let mut state = host(WasiConfig::default(), 100, 1000);
    state.metered = false;
    let mut guest = Guest::with(&wat(&[MEMORY, BUMP]), state, false);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(b"select 1"));
    assert_eq!(get(&mut guest, "get_query").unwrap(), b"select 1");
    assert_eq!(set(&mut guest, "set_result", RESULT), 0);
}

#[test]
fn a_module_without_a_memory_gets_status_10() {
    let mut guest = before_with(&[BUMP_WITHOUT_MEMORY], b"select 1");
    assert_eq!(status(&mut guest, "get_query", CTX, 0, 4), 10);
    assert_eq!(status(&mut guest, "set_query", CTX, 0, 0), 10);
    assert_eq!(guest.call::<_, i32>("info", (0u32, 0u32)).unwrap(), 10);
    assert_eq!(guest.call::<_, i32>("abi", (0u32, 0u32)).unwrap(), 10);
}

const BUMP_WITHOUT_MEMORY: &str = r#"(func (export "malloc") (param i32) (result i32) (i32.const 8))"#;

#[test]
fn memory_and_allocator_are_found_by_name_too() {
    let mut guest = before(b"select 1");
    guest.store.data_mut().memory = None;
    guest.store.data_mut().allocator = None;
    for _ in 0..3 {
        assert_eq!(status(&mut guest, "get_query", CTX, 0, 4), 0);
    }
    assert!(guest.store.data().wescale.allocator.is_none(), "not kept: it may be another instance's next time");
    let memory = guest.instance.get_memory(&mut guest.store, "memory");
    guest.store.data_mut().memory = memory;
    assert_eq!(allocations(&guest), 3);
}

#[test]
fn a_state_goes_on_with_another_instance() {
    let mut old = before(b"select 1");
    get(&mut old, "get_query").unwrap();
    assert!(old.store.data().wescale.allocator.is_some());
    let mut state = std::mem::take(&mut old.store.data_mut().wescale);
    drop(old);
    state.forget_instance();
    let mut new = plugin(&[MEMORY, BUMP]);
    new.store.data_mut().wescale = state;
    assert_eq!(get(&mut new, "get_query").unwrap(), b"select 1");
}

#[test]
fn no_host_call_allocates_once_warm() {
    // Buffers keep their place: the same values again do not move them.
    let mut guest = before(b"select 1");
    let state = |guest: &Guest| {
        let state = &guest.store.data().wescale;
        (state.query.as_ptr().addr(), state.error.as_ptr().addr(), state.result_bytes.as_ptr().addr())
    };
    let mut places = None;
    for _ in 0..3 {
        set(&mut guest, "set_query", b"select 2");
        set(&mut guest, "set_error", b"message");
        set(&mut guest, "set_result", RESULT);
        let now = state(&guest);
        assert_eq!(*places.get_or_insert(now), now);
        guest.store.data_mut().wescale.begin_before(CTX, foreign(b"select 1"));
    }
}

#[test]
fn signatures_are_those_of_the_linker() {
    let engine = engine(false);
    let mut store = Store::new(&engine, host(WasiConfig::default(), 0, 0));
    let defined: Vec<_> = linker(&engine)
        .iter(&mut store)
        .filter(|(module, name, _)| *module == MODULE && signature(name).is_some())
        .map(|(_, name, item)| (name.to_owned(), item))
        .collect();
    assert_eq!(defined.len(), 10);
    for (name, item) in defined {
        let found = types::external(&item.ty(&store));
        assert_eq!(Some(found.as_str()), signature(&name).map(|s| format!("func {s}")).as_deref(), "{name}");
    }
    assert_eq!(signature("GetQuery"), None);
}

#[test]
fn a_call_that_is_refused_costs_fuel_too() {
    let mut guest = before(b"");
    for (function, ctx, a, b, expected) in [
        ("get_query", CTX + 1, 0, 4, 2),
        ("get_query", CTX, 0, 4, 2),
        ("set_query", CTX + 1, 0, 4, 2),
        ("set_query", CTX, u32::MAX, 4, 10),
    ] {
        let start = guest.store.get_fuel().unwrap();
        assert_eq!(status(&mut guest, function, ctx, a, b), expected);
        assert!(start - guest.store.get_fuel().unwrap() >= common::BASE_UNITS, "{function} {expected}");
    }
    guest.store.data_mut().wescale.begin_before(CTX, foreign(b"select 1"));
    for (function, a) in [("info", u32::MAX), ("abi", END)] {
        let start = guest.store.get_fuel().unwrap();
        assert_eq!(guest.call::<_, i32>(function, (a, 4u32)).unwrap(), 10);
        assert!(start - guest.store.get_fuel().unwrap() >= common::BASE_UNITS, "{function}");
    }
    guest.store.set_fuel(common::BASE_UNITS).unwrap();
    let error = guest.call::<_, i32>("get_query", (0u64, 0u32, 4u32)).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}
