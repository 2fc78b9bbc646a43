use std::sync::Arc;

use wasmtime::Trap;

use super::*;
use crate::abi::test_host::{Guest, foreign, host};
use crate::abi::wasi::WasiConfig;
use crate::abi::wescale::{Setup, WescaleState, outcome};

const CTX: u64 = 7;
const END: u32 = 2 * 65536;

const GUEST: &str = r#"(module
  (import "sluice" "version" (func $version (result i32)))
  (import "sluice" "get_configuration" (func $configuration (param i32 i32) (result i32)))
  (import "sluice" "get_property" (func $property (param i32 i32 i32 i32) (result i32)))
  (import "sluice" "set_error" (func $set_error (param i32 i32 i32 i32 i32) (result i32)))
  (import "sluice" "clear_error" (func $clear_error (result i32)))
  (import "sluice" "add_counter" (func $count (param i32 i32 i64) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $message (param i64 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (func (export "malloc") (param i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func (export "version") (result i32) (call $version))
  (func (export "configuration") (param i32 i32) (result i32) (call $configuration (local.get 0) (local.get 1)))
  (func (export "property") (param i32 i32 i32 i32) (result i32)
    (call $property (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "set_error") (param i32 i32 i32 i32 i32) (result i32)
    (call $set_error (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "clear_error") (result i32) (call $clear_error))
  (func (export "count") (param i32 i32 i64) (result i32) (call $count (local.get 0) (local.get 1) (local.get 2)))
  (func (export "message") (param i64 i32 i32) (result i32)
    (call $message (local.get 0) (local.get 1) (local.get 2))))"#;

fn guest_of(setup: Setup) -> Guest {
    let mut state = host(WasiConfig::default(), 1 << 20, 1 << 16);
    state.wescale = WescaleState::with_setup(100, setup);
    let mut guest = Guest::with(GUEST, state, true);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(b"select 1"));
    guest
}

fn guest() -> Guest {
    guest_of(Setup::default())
}

fn outcome_of(guest: &Guest) -> u32 {
    guest.store.data().wescale.outcome()
}

fn answered(guest: &Guest, status: i32) -> Result<Vec<u8>, i32> {
    match status {
        0 => Ok(guest.bytes(guest.u32_at(0), guest.u32_at(4)).to_vec()),
        other => Err(other),
    }
}

fn property(guest: &mut Guest, name: &str) -> Result<Vec<u8>, i32> {
    guest.write(1000, name.as_bytes());
    let status = guest.call("property", (1000u32, name.len() as u32, 0u32, 4u32)).unwrap();
    answered(guest, status)
}

fn set_error(guest: &mut Guest, code: u32, state: &[u8], message: &[u8]) -> i32 {
    guest.write(1000, state);
    guest.write(2000, message);
    guest.call("set_error", (code, 1000u32, state.len() as u32, 2000u32, message.len() as u32)).unwrap()
}

fn count(guest: &mut Guest, name: &[u8], delta: i64) -> i32 {
    guest.write(1000, name);
    guest.call("count", (1000u32, name.len() as u32, delta)).unwrap()
}

fn give(guest: &mut Guest, records: &[(i32, &str)]) {
    let bytes: Vec<u8> = records
        .iter()
        .flat_map(|(number, text)| {
            [&number.to_ne_bytes()[..], &(text.len() as i32).to_ne_bytes(), text.as_bytes()].concat()
        })
        .collect();
    guest.store.data_mut().wescale.give_properties(foreign(&bytes));
}

#[test]
fn version_is_1() {
    assert_eq!(guest().call::<_, i32>("version", ()).unwrap(), 1);
}

#[test]
fn configuration_is_given_at_start_too() {
    let json = br#"{"limit": 10, "name": "gr\u00fc\u00dfe"}"#;
    let mut guest = guest_of(Setup { configuration: Arc::new(*json), ..Setup::default() });
    let mut ask = |out: u32, out_len: u32| {
        let status = guest.call("configuration", (out, out_len)).unwrap();
        if status == 0 { answered(&guest, 0) } else { Err(status) }
    };
    assert_eq!(ask(0, 4).unwrap(), json);
    assert_eq!(ask(END - 3, 4), Err(10));
    assert_eq!(ask(0, u32::MAX), Err(10));
    guest.store.data_mut().wescale.end_call();
    assert_eq!(guest.call::<_, i32>("configuration", (0u32, 4u32)).unwrap(), 0);
}

#[test]
fn no_configuration_is_status_2() {
    assert_eq!(guest().call::<_, i32>("configuration", (0u32, 4u32)).unwrap(), 2);
}

#[test]
fn granted_properties_are_given_until_the_query_ends() {
    let mut guest = guest_of(Setup { grants: 0b11_1111, ..Setup::default() });
    for name in PROPERTIES {
        assert_eq!(property(&mut guest, name), Err(2), "{name}: not given");
    }
    let texts = ["bob", "::1", "shop", "Update", "shop.t\nshop.u", "[1,\"a\"]"];
    let records: Vec<(i32, &str)> = (0..6).map(|i| (i as i32, texts[i])).collect();
    give(&mut guest, &records);
    for (name, text) in PROPERTIES.iter().zip(texts) {
        assert_eq!(property(&mut guest, name).unwrap(), text.as_bytes(), "{name}");
    }
    guest.store.data_mut().wescale.end_call();
    guest.store.data_mut().wescale.begin_after(None, None);
    assert_eq!(property(&mut guest, "user").unwrap(), b"bob", "in the after stage too");
    guest.store.data_mut().wescale.end_query();
    assert_eq!(property(&mut guest, "user"), Err(2));
    assert!(guest.log().is_empty());
}

#[test]
fn an_empty_property_is_status_2() {
    let mut guest = guest_of(Setup { grants: 1, ..Setup::default() });
    give(&mut guest, &[(0, "")]);
    assert_eq!(property(&mut guest, "user"), Err(2));
}

#[test]
fn a_property_that_is_not_granted_is_status_1_and_logged_once() {
    let mut guest = guest_of(Setup { grants: 0b10, ..Setup::default() });
    give(&mut guest, &[(0, "bob")]);
    for _ in 0..3 {
        assert_eq!(property(&mut guest, "user"), Err(1));
    }
    assert_eq!(
        guest.log(),
        [(1, "get_property: property 'user' is not granted to this plugin: see PluginConfig.withGrants".to_owned())]
    );
    assert_eq!(property(&mut guest, "bind_values"), Err(1));
    assert_eq!(guest.log().len(), 1, "once for each property");
}

#[test]
fn an_unknown_property_is_status_1() {
    let mut guest = guest_of(Setup { grants: u32::MAX, ..Setup::default() });
    for name in ["", "User", "user ", "password", &"x".repeat(64), &"x".repeat(65), &"x".repeat(1 << 15)] {
        assert_eq!(property(&mut guest, name), Err(1), "{name}");
    }
    assert!(guest.log().is_empty());
}

#[test]
fn addresses_out_of_memory_are_status_10() {
    let mut guest = guest_of(Setup { grants: 1, ..Setup::default() });
    give(&mut guest, &[(0, "bob")]);
    guest.write(1000, b"user");
    for (ptr, len) in [(END, 1), (END - 3, 4), (u32::MAX, 4), (1000, u32::MAX), (0, 1 << 31)] {
        assert_eq!(guest.call::<_, i32>("property", (ptr, len, 0u32, 4u32)).unwrap(), 10, "{ptr} {len}");
        assert_eq!(guest.call::<_, i32>("count", (ptr, len, 1i64)).unwrap(), 10, "{ptr} {len}");
        assert_eq!(guest.call::<_, i32>("set_error", (1u32, 2000u32, 5u32, ptr, len)).unwrap(), 10, "{ptr} {len}");
    }
    for out in [(END - 3, 0), (0, END), (u32::MAX, 0)] {
        assert_eq!(guest.call::<_, i32>("property", (1000u32, 4u32, out.0, out.1)).unwrap(), 10, "{out:?}");
    }
    for state in [END - 4, END, u32::MAX - 4, u32::MAX] {
        assert_eq!(guest.call::<_, i32>("set_error", (1u32, state, 5u32, 0u32, 1u32)).unwrap(), 10, "{state}");
    }
    assert_eq!(outcome_of(&guest), 0);
    assert!(guest.log().is_empty());
}

#[test]
fn an_error_has_its_code_and_state() {
    let mut guest = guest();
    assert_eq!(set_error(&mut guest, 1142, b"42000", b"denied"), 0);
    assert_eq!(outcome_of(&guest), outcome::ERROR_SET | outcome::ERROR_CHANGED | outcome::ERROR_CODE);
    let state = &guest.store.data().wescale;
    assert_eq!(state.error(), b"denied");
    assert_eq!(state.error_code(), Some(ErrorCode { code: 1142, sql_state: *b"42000" }));
    assert_eq!(set_error(&mut guest, 65_535, b"HY0Z9", b"x"), 0);
    assert_eq!(guest.store.data().wescale.error_code(), Some(ErrorCode { code: 65_535, sql_state: *b"HY0Z9" }));
}

#[test]
fn a_malformed_error_is_status_2_and_changes_nothing() {
    let mut guest = guest();
    for (code, state, message) in [
        (0, &b"42000"[..], &b"x"[..]),
        (65_536, b"42000", b"x"),
        (u32::MAX, b"42000", b"x"),
        (1, b"4200", b"x"),
        (1, b"420000", b"x"),
        (1, b"", b"x"),
        (1, b"4200a", b"x"),
        (1, b"4200 ", b"x"),
        (1, b"\xFF2000", b"x"),
        (1, b"42000", b""),
    ] {
        assert_eq!(set_error(&mut guest, code, state, message), 2, "{code} {state:?} {message:?}");
    }
    assert_eq!(outcome_of(&guest), 0);
    guest.store.data_mut().wescale.end_call();
    assert_eq!(set_error(&mut guest, 1, b"42000", b"x"), 2, "without a query");
    assert_eq!(guest.call::<_, i32>("clear_error", ()).unwrap(), 2);
    assert_eq!(outcome_of(&guest), 0);
}

#[test]
fn a_message_that_is_too_long_is_status_10_and_logged() {
    let mut guest = guest();
    assert_eq!(set_error(&mut guest, 1, b"42000", &[b'x'; 100]), 0);
    assert_eq!(set_error(&mut guest, 2, b"42000", &[b'x'; 101]), 10);
    assert_eq!(guest.log(), [(1, "set_error: 101 bytes given, 100 allowed: raise maxOutputBytes".to_owned())]);
    assert_eq!(guest.store.data().wescale.error_code().map(|code| code.code), Some(1), "the first one stays");
}

#[test]
fn an_error_is_cleared_with_its_code() {
    let mut guest = guest();
    set_error(&mut guest, 1, b"42000", b"x");
    assert_eq!(guest.call::<_, i32>("clear_error", ()).unwrap(), 0);
    assert_eq!(outcome_of(&guest), outcome::ERROR_CHANGED);
    // A message of the ABI's own replaces it, code and all.
    set_error(&mut guest, 1, b"42000", b"x");
    assert_eq!(guest.call::<_, i32>("message", (CTX, 2000u32, 1u32)).unwrap(), 0);
    assert_eq!(outcome_of(&guest), outcome::ERROR_SET | outcome::ERROR_CHANGED);
    // An error that came from below is cleared too, and left alone if nothing is done.
    guest.store.data_mut().wescale.begin_after(Some(foreign(b"lost")), None);
    assert_eq!(outcome_of(&guest), outcome::ERROR_SET);
    assert_eq!(guest.call::<_, i32>("clear_error", ()).unwrap(), 0);
    assert_eq!(outcome_of(&guest), outcome::ERROR_CHANGED);
}

#[test]
fn counters_add_up() {
    let mut guest = guest();
    assert_eq!(count(&mut guest, b"seen", 2), 0);
    assert_eq!(count(&mut guest, b"seen", 40), 0);
    assert_eq!(count(&mut guest, b"a", 0), 0);
    let longest = "z".repeat(64);
    assert_eq!(count(&mut guest, longest.as_bytes(), i64::MAX), 0);
    assert_eq!(count(&mut guest, longest.as_bytes(), i64::MAX), 0, "never wraps");
    let counters = guest.store.data_mut().wescale.setup().module.counters();
    assert_eq!(counters, [("seen".to_owned(), 42), ("a".to_owned(), 0), (longest, i64::MAX)]);
}

#[test]
fn a_malformed_counter_is_status_2() {
    let mut guest = guest();
    for name in [&b""[..], b"A", b"1a", b"_a", b"a-b", b"a b", b"\xC3\xA9", b"a\0", &[b'a'; 65]] {
        assert_eq!(count(&mut guest, name, 1), 2, "{name:?}");
    }
    for delta in [-1, i64::MIN] {
        assert_eq!(count(&mut guest, b"a", delta), 2);
    }
    assert!(guest.store.data_mut().wescale.setup().module.counters().is_empty());
    assert!(guest.log().is_empty());
}

#[test]
fn too_many_counters_are_status_10_and_logged() {
    let mut guest = guest();
    for i in 0..64 {
        assert_eq!(count(&mut guest, format!("c{i}").as_bytes(), 1), 0);
    }
    assert_eq!(count(&mut guest, b"more", 1), 10);
    assert_eq!(guest.log(), [(1, "add_counter: 65 counters asked for, 64 allowed: use fewer names".to_owned())]);
    assert_eq!(count(&mut guest, b"c63", 1), 0);
}

#[test]
fn every_call_costs_fuel() {
    let mut guest = guest();
    let mut costs = |name: &str, body: &mut dyn FnMut(&mut Guest)| {
        let start = guest.store.get_fuel().unwrap();
        body(&mut guest);
        let used = start - guest.store.get_fuel().unwrap();
        assert!(used >= BASE_UNITS, "{name}: {used}");
    };
    costs("version", &mut |guest| assert_eq!(guest.call::<_, i32>("version", ()).unwrap(), 1));
    costs("configuration", &mut |guest| assert_eq!(guest.call::<_, i32>("configuration", (0u32, 4u32)).unwrap(), 2));
    costs("property", &mut |guest| assert_eq!(property(guest, "nothing"), Err(1)));
    costs("set_error", &mut |guest| assert_eq!(set_error(guest, 0, b"", b""), 2));
    costs("clear_error", &mut |guest| assert_eq!(guest.call::<_, i32>("clear_error", ()).unwrap(), 0));
    costs("count", &mut |guest| assert_eq!(count(guest, b"", 1), 2));
    guest.store.set_fuel(BASE_UNITS / 2).unwrap();
    let error = guest.call::<_, i32>("version", ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}

#[test]
fn a_module_without_a_memory_gets_status_10() {
    let wat = r#"(module
        (import "sluice" "add_counter" (func $count (param i32 i32 i64) (result i32)))
        (import "sluice" "get_property" (func $property (param i32 i32 i32 i32) (result i32)))
        (func (export "count") (result i32) (call $count (i32.const 0) (i32.const 1) (i64.const 1)))
        (func (export "property") (result i32)
          (call $property (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 4))))"#;
    let mut guest = Guest::new(wat);
    assert_eq!(guest.call::<_, i32>("count", ()).unwrap(), 10);
    assert_eq!(guest.call::<_, i32>("property", ()).unwrap(), 10);
}
