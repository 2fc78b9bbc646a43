//! Plugins that real toolchains made, on nothing but these host functions.

use std::path::Path;
use std::time::Duration;

use wasmtime::{Module, Store, Trap};

use super::test_host::{Guest, TestHost, engine, foreign, host, linker};
use super::wasi::{DeadlinePassed, GuestExit, WasiConfig};
use super::wescale;

const CTX: u64 = 42;

fn load(guest: &str, config: WasiConfig) -> wasmtime::Result<Guest> {
    let name = Path::new(guest).file_name().unwrap().to_str().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../plugins-test/guests/{guest}/{name}.wasm"));
    let engine = engine(true);
    let module = Module::from_binary(&engine, &std::fs::read(path).unwrap()).unwrap();
    wescale::check(&module).unwrap();
    let mut store: Store<TestHost> = Store::new(&engine, host(config, 16 << 20, 1 << 16));
    store.set_fuel(10_000_000_000).unwrap();
    let instance = linker(&engine).instantiate(&mut store, &module)?;
    let memory = instance.get_memory(&mut store, "memory");
    let allocator = instance.get_func(&mut store, "malloc");
    store.data_mut().memory = memory;
    store.data_mut().allocator = allocator;
    let mut guest = Guest { store, instance };
    if let Some(start) = wescale::start_export(&module) {
        match guest.call::<(), ()>(start, ()) {
            Err(error) if error.downcast_ref::<GuestExit>() == Some(&GuestExit(0)) => {}
            other => other?,
        }
    }
    Ok(guest)
}

/// The error message that the plugin has for the query.
fn before(guest: &mut Guest, query: &str) -> wasmtime::Result<String> {
    guest.store.data_mut().wescale.begin_before(CTX, foreign(query.as_bytes()));
    let called = guest.call::<u64, ()>("RunBeforeExecutionOnGuest", CTX);
    let state = &mut guest.store.data_mut().wescale;
    state.end_call();
    called.map(|()| String::from_utf8_lossy(state.error()).into_owned())
}

fn report_of(guest: &str, query: &str) -> String {
    before(&mut load(guest, WasiConfig::default()).unwrap(), query).unwrap()
}

#[test]
fn every_language_gives_the_right_verdicts() {
    for language in ["c", "rust", "go", "java"] {
        let mut guest = load(&format!("{language}/reject_without_where"), WasiConfig::default()).unwrap();
        for _ in 0..100 {
            for (query, rejected) in [
                ("UPDATE t SET a = 1", true),
                ("/* where */ UPDATE t SET a = 'where'", true),
                ("UPDATE t SET a = 1 WHERE id = 2", false),
                ("SELECT 1", false),
                ("", false),
            ] {
                let expected = if rejected { "no where clause" } else { "" };
                assert_eq!(before(&mut guest, query).unwrap(), expected, "{language}: {query}");
            }
        }
    }
}

#[test]
fn wasi_libc_finds_what_it_needs() {
    let arguments = ["mask".to_owned(), "é".to_owned()];
    let config = WasiConfig::new(&arguments, &["GREETING=hello".to_owned()], Duration::from_millis(1)).unwrap();
    let mut guest = load("c_wasi/wasi_report", config).unwrap();
    assert_eq!(before(&mut guest, "args").unwrap(), "2: mask é");
    assert_eq!(before(&mut guest, "env").unwrap(), "hello");
    assert_eq!(before(&mut guest, "yield").unwrap(), "0");
    assert_eq!(before(&mut guest, "stdio").unwrap(), "written");
    assert_eq!(guest.log(), [(0, "to stdout".to_owned()), (1, "to stderr".to_owned())]);
    assert!(before(&mut guest, "file").unwrap().starts_with("-1 -1 "));
    let clock = before(&mut guest, "clock").unwrap();
    let clock: Vec<u64> = clock.split(' ').map(|number| number.parse().unwrap()).collect();
    assert_eq!((clock[0], clock[1] % 1_000_000), (1_000_000, 0));
    let numbers = [before(&mut guest, "random").unwrap(), before(&mut guest, "random").unwrap()];
    assert_ne!(numbers[0], numbers[1]);
    let slept = before(&mut guest, "sleep").unwrap();
    let (status, nanos) = slept.split_once(' ').unwrap();
    assert_eq!(status, "0");
    assert!(nanos.parse::<u64>().unwrap() >= 4_000_000);
    let error = before(&mut guest, "exit").unwrap_err();
    assert_eq!(error.downcast_ref::<GuestExit>(), Some(&GuestExit(5)));
}

#[test]
fn hostile_guests_get_statuses() {
    let query = "select 1";
    assert_eq!(report_of("c/names_host", query), "v1alpha1 wasmtime ");
    assert_eq!(report_of("c/empty_values", ""), "query 2; error 2; result 2; set 0; set empty 0; query 2; ");
    assert_eq!(report_of("hostile/out_pointers", query), "past 10; past length 10; across 10; last 10; version 10; ");
    assert_eq!(
        report_of("hostile/lengths", query),
        "query 10; query 10; query 10; error 10; error 10; result 10; result 10; info 10; info 10; last 10; nothing 10; "
    );
    assert_eq!(report_of("hostile/forged_ctx", query), "get 2; set 2; ".repeat(6));
    for guest in ["malloc_returns_0", "malloc_returns_address_past_memory", "malloc_returns_last_address"] {
        assert_eq!(report_of(&format!("hostile/{guest}"), query), "get 10; ", "{guest}");
    }
    assert_eq!(report_of("hostile/malloc_returns_odd_address", query), "get 0; select 1");
}

#[test]
fn hostile_guests_end_alone() {
    let query = "select 1";
    for (guest, trap) in [
        ("malloc_traps", Trap::UnreachableCodeReached),
        ("recurses_through_host", Trap::StackOverflow),
        ("loops_in_malloc", Trap::OutOfFuel),
    ] {
        let mut guest = load(&format!("hostile/{guest}"), WasiConfig::default()).unwrap();
        guest.store.set_fuel(10_000_000).unwrap();
        let error = before(&mut guest, query).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&trap));
    }
    let mut sleeper = load("hostile/sleeps", WasiConfig::default()).unwrap();
    sleeper.store.data_mut().deadline = Some(Duration::from_millis(20));
    let error = before(&mut sleeper, query).unwrap_err();
    assert!(error.downcast_ref::<DeadlinePassed>().is_some(), "{error:#}");
    let exit = load("hostile/start_exits_7", WasiConfig::default()).err().unwrap();
    assert_eq!(exit.downcast_ref::<GuestExit>(), Some(&GuestExit(7)));
}
