use std::time::{Duration, Instant};

use wasmtime::{ExternType, Module, Store, Trap};

use super::*;
use crate::abi::test_host::{Guest, TestHost, engine, host, linker};

/// A guest whose exports are preview 1's functions themselves.
const GUEST: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_res_get" (func $clock_res_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown" (func $sock_shutdown (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_raise" (func $proc_raise (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (export "args_sizes_get" (func $args_sizes_get)) (export "args_get" (func $args_get))
  (export "environ_sizes_get" (func $environ_sizes_get)) (export "environ_get" (func $environ_get))
  (export "clock_res_get" (func $clock_res_get)) (export "clock_time_get" (func $clock_time_get))
  (export "random_get" (func $random_get)) (export "fd_write" (func $fd_write))
  (export "fd_fdstat_get" (func $fd_fdstat_get)) (export "fd_prestat_get" (func $fd_prestat_get))
  (export "fd_close" (func $fd_close)) (export "fd_seek" (func $fd_seek)) (export "fd_read" (func $fd_read))
  (export "path_open" (func $path_open)) (export "sock_shutdown" (func $sock_shutdown))
  (export "proc_raise" (func $proc_raise)) (export "sched_yield" (func $sched_yield))
  (export "poll_oneoff" (func $poll_oneoff))
  (func (export "exit") (param i32) (call $proc_exit (local.get 0)))
  ;; The functions above are the host's own when called as exports; through these a guest calls them.
  (func (export "write") (param i32 i32 i32 i32) (result i32)
    (call $fd_write (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "random") (param i32 i32) (result i32) (call $random_get (local.get 0) (local.get 1)))
  (func (export "poll") (param i32 i32 i32 i32) (result i32)
    (call $poll_oneoff (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "time") (param i32 i64 i32) (result i32)
    (call $clock_time_get (local.get 0) (local.get 1) (local.get 2)))
)"#;

const END: u32 = 4 * 65536;

/// Goes through the guest, so that the host function sees a caller with exports.
fn errno_of<P: wasmtime::WasmParams>(guest: &mut Guest, export: &str, params: P) -> i32 {
    guest.call::<P, i32>(export, params).unwrap()
}

fn guest_with(config: WasiConfig) -> Guest {
    Guest::with(GUEST, host(config, 0, 1 << 16), true)
}

fn strings(of: &[&str]) -> Vec<String> {
    of.iter().map(|s| (*s).to_owned()).collect()
}

#[test]
fn every_function_of_preview_1_exists() {
    let engine = engine(false);
    let mut store = Store::new(&engine, host(WasiConfig::default(), 0, 0));
    let linker = linker(&engine);
    let mut defined: Vec<String> = Vec::new();
    for (module, name, item) in
        linker.iter(&mut store).map(|(m, n, e)| (m.to_owned(), n.to_owned(), e)).collect::<Vec<_>>()
    {
        if module == MODULE {
            let ExternType::Func(ty) = item.ty(&store) else { panic!("{name} is no func") };
            let results = ty.results().len();
            assert_eq!(results, usize::from(name != "proc_exit"), "{name}");
            defined.push(name);
        }
    }
    assert_eq!(defined.len(), 46);
}

#[test]
fn arguments_and_environment_are_those_of_the_configuration() {
    let config = WasiConfig::new(&strings(&["a", "bc"]), &strings(&["K=v", "L="]), Duration::from_millis(1)).unwrap();
    let mut guest = guest_with(config);
    assert_eq!(errno_of(&mut guest, "args_sizes_get", (0, 4)), 0);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (2, 5));
    assert_eq!(errno_of(&mut guest, "args_get", (8, 100)), 0);
    assert_eq!((guest.u32_at(8), guest.u32_at(12)), (100, 102));
    assert_eq!(guest.bytes(100, 5), b"a\0bc\0");
    assert_eq!(errno_of(&mut guest, "environ_sizes_get", (0, 4)), 0);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (2, 7));
    assert_eq!(errno_of(&mut guest, "environ_get", (8, 100)), 0);
    assert_eq!(guest.bytes(100, 7), b"K=v\0L=\0");
    for bad in [(END, 0), (0, END), (-1i32 as u32, 0), (0, u32::MAX)] {
        for function in ["args_sizes_get", "args_get", "environ_sizes_get", "environ_get"] {
            assert_eq!(errno_of(&mut guest, function, bad), errno::FAULT, "{function} {bad:?}");
        }
    }
}

#[test]
fn a_guest_without_arguments_gets_one() {
    let mut guest = Guest::new(GUEST);
    assert_eq!(errno_of(&mut guest, "args_sizes_get", (0, 4)), 0);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (1, 7));
    assert_eq!(errno_of(&mut guest, "environ_sizes_get", (0, 4)), 0);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (0, 0));
}

#[test]
fn clocks_are_as_coarse_as_configured() {
    let mut guest = guest_with(WasiConfig::new(&[], &[], Duration::from_millis(100)).unwrap());
    for clock in [0u32, 1] {
        assert_eq!(errno_of(&mut guest, "clock_res_get", (clock, 0u32)), 0);
        assert_eq!(guest.u64_at(0), 100_000_000);
        assert_eq!(errno_of(&mut guest, "time", (clock, 0u64, 8u32)), 0);
        let time = guest.u64_at(8);
        assert!(time > 0);
        assert_eq!(time % 100_000_000, 0);
    }
    for clock in [2u32, 3, u32::MAX] {
        assert_eq!(errno_of(&mut guest, "clock_res_get", (clock, 0u32)), errno::INVAL);
        assert_eq!(errno_of(&mut guest, "clock_time_get", (clock, 0u64, 0u32)), errno::INVAL);
    }
    for out in [END - 7, END, u32::MAX] {
        assert_eq!(errno_of(&mut guest, "clock_res_get", (0u32, out)), errno::FAULT);
        assert_eq!(errno_of(&mut guest, "clock_time_get", (1u32, 0u64, out)), errno::FAULT);
    }
}

#[test]
fn random_bytes_are_made_in_bounds_and_cost_fuel() {
    let mut guest = Guest::new(GUEST);
    assert_eq!(errno_of(&mut guest, "random", (0u32, 32u32)), 0);
    assert_ne!(guest.bytes(0, 32), [0; 32]);
    assert_eq!(guest.bytes(32, 32), [0; 32]);
    assert_eq!(errno_of(&mut guest, "random", (END, 0u32)), 0);
    for (ptr, len) in [(END, 1), (END + 1, 0), (0, END + 1), (1, u32::MAX), (u32::MAX, u32::MAX), (0, 1 << 31)] {
        assert_eq!(errno_of(&mut guest, "random", (ptr, len)), errno::FAULT, "{ptr} {len}");
    }
    let before = guest.store.get_fuel().unwrap();
    assert_eq!(errno_of(&mut guest, "random", (0u32, END)), 0);
    assert!(before - guest.store.get_fuel().unwrap() >= u64::from(END));
    guest.store.set_fuel(1000).unwrap();
    let error = guest.call::<_, i32>("random", (0u32, END)).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    assert_eq!(guest.store.get_fuel().unwrap(), 0);
}

#[test]
fn without_fuel_nothing_is_charged() {
    for metered in [true, false] {
        let mut state = host(WasiConfig::default(), 0, 100);
        state.metered = metered;
        let mut guest = Guest::with(GUEST, state, false);
        assert_eq!(errno_of(&mut guest, "random", (0u32, 32u32)), 0);
        assert_ne!(guest.bytes(0, 32), [0; 32]);
    }
}

/// Puts buffers at 1000, texts from 2000 on.
fn put_buffers(guest: &mut Guest, texts: &[&[u8]]) {
    let mut at = 2000u32;
    for (i, text) in texts.iter().enumerate() {
        guest.write(at, text);
        guest.write(1000 + 8 * i as u32, &at.to_le_bytes());
        guest.write(1004 + 8 * i as u32, &(text.len() as u32).to_le_bytes());
        at += text.len() as u32;
    }
}

#[test]
fn output_becomes_log_lines() {
    let mut guest = Guest::new(GUEST);
    put_buffers(&mut guest, &[b"hello ", b"", b"world\nsecond\nthi"]);
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 3u32, 0u32)), 0);
    assert_eq!(guest.u32_at(0), 22);
    put_buffers(&mut guest, &[b"rd"]);
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 1u32, 0u32)), 0);
    assert_eq!(errno_of(&mut guest, "write", (2u32, 1000u32, 1u32, 0u32)), 0);
    let expected = [(0, "hello world"), (0, "second"), (0, "third"), (1, "rd")];
    assert_eq!(guest.log(), expected.map(|(level, text)| (level, text.to_owned())));
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 0u32, 0u32)), 0);
    assert_eq!(guest.u32_at(0), 0);
    assert!(guest.log().is_empty());
}

#[test]
fn output_elsewhere_or_from_bad_addresses_is_refused() {
    let mut guest = Guest::new(GUEST);
    put_buffers(&mut guest, &[b"text\n"]);
    for fd in [0u32, 3, u32::MAX] {
        assert_eq!(errno_of(&mut guest, "write", (fd, 1000u32, 1u32, 0u32)), errno::BADF);
    }
    for (buffers, count, written) in
        [(END, 1, 0), (END - 4, 1, 0), (u32::MAX, 1, 0), (1000, 1, END), (1000, 1, u32::MAX)]
    {
        assert_eq!(errno_of(&mut guest, "write", (1u32, buffers, count as u32, written)), errno::FAULT);
    }
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 1025u32, 0u32)), errno::INVAL);
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, u32::MAX, 0u32)), errno::INVAL);
    for (ptr, len) in [(END, 1u32), (0, 1 << 31), (0, u32::MAX), (u32::MAX, u32::MAX)] {
        guest.write(1000, &ptr.to_le_bytes());
        guest.write(1004, &len.to_le_bytes());
        assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 1u32, 0u32)), errno::FAULT);
    }
    assert!(guest.log().is_empty());
}

#[test]
fn a_flood_of_output_is_bounded_and_costs_fuel() {
    let mut guest = Guest::with(GUEST, host(WasiConfig::default(), 0, 1000), true);
    put_buffers(&mut guest, &vec![b"".as_slice(); 1024]);
    for i in 0..1024 {
        guest.write(1000 + 8 * i, &0u32.to_le_bytes());
        guest.write(1004 + 8 * i, &END.to_le_bytes());
    }
    // 1024 times the whole memory: 256 MiB.
    let before = guest.store.get_fuel().unwrap();
    assert_eq!(errno_of(&mut guest, "write", (1u32, 1000u32, 1024u32, 0u32)), 0);
    assert!(before - guest.store.get_fuel().unwrap() >= 1024 * u64::from(END));
    let host = guest.store.data_mut();
    host.wasi.flush_lines(&mut host.log);
    assert!(host.log.as_bytes().len() <= 1000);
    assert!(host.log.dropped() > 0);
    guest.store.set_fuel(1000).unwrap();
    let error = guest.call::<_, i32>("write", (1u32, 1000u32, 1024u32, 0u32)).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}

#[test]
fn the_standard_streams_are_character_devices() {
    let mut guest = Guest::new(GUEST);
    for (fd, rights) in [(0u32, 2u64), (1, 64), (2, 64)] {
        guest.write(0, &[0xFF; 24]);
        assert_eq!(errno_of(&mut guest, "fd_fdstat_get", (fd, 0u32)), 0);
        assert_eq!(guest.bytes(0, 8), [2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((guest.u64_at(8), guest.u64_at(16)), (rights, 0));
    }
    assert_eq!(errno_of(&mut guest, "fd_fdstat_get", (3u32, 0u32)), errno::BADF);
    assert_eq!(errno_of(&mut guest, "fd_fdstat_get", (1u32, END - 23)), errno::FAULT);
}

#[test]
fn files_and_sockets_are_refused() {
    let mut guest = Guest::new(GUEST);
    assert_eq!(errno_of(&mut guest, "fd_prestat_get", (3u32, 0u32)), 8);
    assert_eq!(errno_of(&mut guest, "fd_close", 1u32), 8);
    assert_eq!(errno_of(&mut guest, "fd_seek", (1u32, 0u64, 0u32, 0u32)), 8);
    assert_eq!(errno_of(&mut guest, "fd_read", (0u32, 0u32, 0u32, 0u32)), 8);
    assert_eq!(errno_of(&mut guest, "path_open", (3u32, 0u32, 0u32, 0u32, 0u32, 0u64, 0u64, 0u32, 0u32)), 52);
    assert_eq!(errno_of(&mut guest, "sock_shutdown", (3u32, 0u32)), 52);
    assert_eq!(errno_of(&mut guest, "proc_raise", 9u32), 52);
    assert_eq!(errno_of(&mut guest, "sched_yield", ()), 0);
}

#[test]
fn exit_is_a_typed_error() {
    let mut guest = Guest::new(GUEST);
    for code in [0, 71, -1] {
        let error = guest.call::<_, ()>("exit", code).unwrap_err();
        assert_eq!(error.downcast_ref::<GuestExit>(), Some(&GuestExit(code)));
    }
    assert_eq!(GuestExit(3).to_string(), "the guest exited with code 3");
}

#[test]
fn a_module_without_a_memory_gets_faults() {
    let wat = r#"(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 0)))
      (func (export "args") (result i32) (call $args (i32.const 0) (i32.const 0))))"#;
    let mut guest = Guest::new(wat);
    assert_eq!(errno_of(&mut guest, "random", ()), errno::FAULT);
    assert_eq!(errno_of(&mut guest, "args", ()), errno::FAULT);
}

#[test]
fn a_start_function_finds_its_memory_by_name() {
    let wat = r#"(module
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func $start (if (call $sizes (i32.const 0) (i32.const 4)) (then unreachable)))
      (start $start))"#;
    assert_eq!(Guest::new(wat).u32_at(0), 1);
}

/// Puts a clock subscription at 1000.
fn put_clock(guest: &mut Guest, index: u32, user_data: u64, clock: u32, timeout: u64, absolute: bool) {
    let mut bytes = [0u8; 48];
    bytes[..8].copy_from_slice(&user_data.to_le_bytes());
    bytes[16..20].copy_from_slice(&clock.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40] = u8::from(absolute);
    guest.write(1000 + 48 * index, &bytes);
}

fn put_stream(guest: &mut Guest, index: u32, user_data: u64, kind: u8, fd: u32) {
    let mut bytes = [0u8; 48];
    bytes[..8].copy_from_slice(&user_data.to_le_bytes());
    bytes[8] = kind;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    guest.write(1000 + 48 * index, &bytes);
}

fn poll(guest: &mut Guest, count: u32) -> i32 {
    errno_of(guest, "poll", (1000u32, 3000u32, count, 0u32))
}

/// User data, error and kind of event `index`.
fn event(guest: &Guest, index: u32) -> (u64, u16, u8) {
    let at = 3000 + 32 * index;
    let error = u16::from_le_bytes(guest.bytes(at + 8, 2).try_into().unwrap());
    (guest.u64_at(at), error, guest.bytes(at + 10, 1)[0])
}

const MS: u64 = 1_000_000;

#[test]
fn poll_waits_for_the_first_clock() {
    let mut guest = Guest::new(GUEST);
    put_clock(&mut guest, 0, 7, 1, 3600 * 1000 * MS, false);
    put_clock(&mut guest, 1, 8, 1, 20 * MS, false);
    let begun = Instant::now();
    assert_eq!(poll(&mut guest, 2), 0);
    assert!(begun.elapsed() >= Duration::from_millis(20));
    assert_eq!(guest.u32_at(0), 1);
    assert_eq!(event(&guest, 0), (8, 0, 0));
}

#[test]
fn poll_knows_absolute_times() {
    let mut guest = Guest::new(GUEST);
    // Long past on both clocks: no wait.
    put_clock(&mut guest, 0, 1, 0, 1, true);
    put_clock(&mut guest, 1, 2, 1, 1, true);
    assert_eq!(poll(&mut guest, 2), 0);
    assert_eq!(guest.u32_at(0), 2);
    assert_eq!((event(&guest, 0).0, event(&guest, 1).0), (1, 2));
    errno_of(&mut guest, "time", (1u32, 0u64, 8u32));
    let soon = guest.u64_at(8) + 20 * MS;
    put_clock(&mut guest, 0, 3, 1, soon, true);
    assert_eq!(poll(&mut guest, 1), 0);
    assert_eq!(guest.u32_at(0), 1);
    assert_eq!(event(&guest, 0).0, 3);
}

#[test]
fn poll_does_not_tell_finer_times_than_the_clock() {
    let mut guest = guest_with(WasiConfig::new(&[], &[], Duration::from_secs(1 << 33)).unwrap());
    errno_of(&mut guest, "time", (1u32, 0u64, 8u32));
    let shown = guest.u64_at(8);
    // One that is due at once, so that nothing waits; the clock has passed a moment after what it shows, and hides it.
    put_stream(&mut guest, 0, 1, 2, 1);
    put_clock(&mut guest, 1, 2, 1, shown, true);
    put_clock(&mut guest, 2, 3, 1, shown + 1, true);
    put_clock(&mut guest, 3, 4, 0, 1, true);
    assert_eq!(poll(&mut guest, 4), 0);
    let told: Vec<u64> = (0..guest.u32_at(0)).map(|i| event(&guest, i).0).collect();
    assert_eq!(told, [1, 2]);
}

#[test]
fn poll_does_not_show_where_between_two_steps_the_clock_is() {
    let mut guest = guest_with(WasiConfig::new(&[], &[], Duration::from_millis(100)).unwrap());
    // The next step of the clock, and times from now all the way to it: those shorter than the wait would measure it.
    for i in 1..1024u32 {
        put_clock(&mut guest, i, u64::from(i), 1, u64::from(i) * MS / 10, false);
    }
    for _ in 0..3 {
        errno_of(&mut guest, "time", (1u32, 0u64, 8u32));
        let shown = guest.u64_at(8);
        put_clock(&mut guest, 0, 0, 1, shown + 1, true);
        assert_eq!(errno_of(&mut guest, "poll", (1000u32, 60_000u32, 1024u32, 0u32)), 0);
        assert_eq!((guest.u32_at(0), guest.u64_at(60_000)), (1, 0));
        // Not at the step itself, where there is nothing to see.
        std::thread::sleep(Duration::from_millis(30));
    }
}

#[test]
fn poll_waits_as_long_as_it_is_told_however_coarse_the_clock() {
    let mut guest = guest_with(WasiConfig::new(&[], &[], Duration::from_secs(1 << 33)).unwrap());
    put_clock(&mut guest, 0, 7, 1, 5 * MS, false);
    put_clock(&mut guest, 1, 8, 1, 5 * MS + 1, false);
    let begun = Instant::now();
    assert_eq!(poll(&mut guest, 2), 0);
    assert!(begun.elapsed() >= Duration::from_millis(5));
    assert_eq!((guest.u32_at(0), event(&guest, 0).0), (1, 7));
}

#[test]
fn poll_waits_in_whole_steps_where_it_looks_at_the_clock() {
    let mut guest = guest_with(WasiConfig::new(&[], &[], Duration::from_millis(20)).unwrap());
    put_clock(&mut guest, 0, 7, 1, 1, false);
    put_clock(&mut guest, 1, 8, 1, 20 * MS, false);
    put_clock(&mut guest, 2, 9, 1, 20 * MS + 1, false);
    put_clock(&mut guest, 3, 10, 1, u64::MAX, true);
    let begun = Instant::now();
    assert_eq!(poll(&mut guest, 4), 0);
    assert!(begun.elapsed() >= Duration::from_millis(20));
    assert_eq!(guest.u32_at(0), 2);
    assert_eq!((event(&guest, 0).0, event(&guest, 1).0), (7, 8));
    // None is none.
    put_clock(&mut guest, 0, 7, 1, 0, false);
    assert_eq!(poll(&mut guest, 4), 0);
    assert_eq!((guest.u32_at(0), event(&guest, 0).0), (1, 7));
}

#[test]
fn poll_answers_for_streams_at_once() {
    let mut guest = Guest::new(GUEST);
    put_clock(&mut guest, 0, 1, 1, 3600 * 1000 * MS, false);
    put_stream(&mut guest, 1, 2, 1, 0);
    put_stream(&mut guest, 2, 3, 2, 1);
    put_stream(&mut guest, 3, 4, 2, 9);
    put_clock(&mut guest, 4, 5, 99, 1, false);
    let begun = Instant::now();
    assert_eq!(poll(&mut guest, 5), 0);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(guest.u32_at(0), 4);
    let events: Vec<_> = (0..4).map(|i| event(&guest, i)).collect();
    assert_eq!(events, [(2, 8, 1), (3, 0, 2), (4, 8, 2), (5, 28, 0)]);
}

#[test]
fn poll_ends_with_the_deadline() {
    let mut state = host(WasiConfig::default(), 0, 0);
    state.deadline = Some(Duration::from_millis(30));
    let mut guest = Guest::with(GUEST, state, true);
    for timeout in [3600 * 1000 * MS, u64::MAX] {
        guest.store.data_mut().ends = None;
        put_clock(&mut guest, 0, 7, 1, timeout, false);
        let begun = Instant::now();
        let error = guest.call::<_, i32>("poll", (1000u32, 3000u32, 1u32, 0u32)).unwrap_err();
        assert!(error.downcast_ref::<DeadlinePassed>().is_some());
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(30) && took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn poll_refuses_bad_lists() {
    let mut guest = Guest::new(GUEST);
    put_stream(&mut guest, 0, 1, 3, 0);
    assert_eq!(poll(&mut guest, 1), errno::INVAL);
    assert_eq!(poll(&mut guest, 0), errno::INVAL);
    assert_eq!(poll(&mut guest, 1025), errno::INVAL);
    assert_eq!(poll(&mut guest, u32::MAX), errno::INVAL);
    put_clock(&mut guest, 0, 1, 1, 0, false);
    for (list, events, written) in [
        (END - 47, 0, 0),
        (u32::MAX, 0, 0),
        (1000, END - 31, 0),
        (1000, u32::MAX, 0),
        (1000, 0, END - 3),
        (1000, 0, u32::MAX),
    ] {
        assert_eq!(errno_of(&mut guest, "poll", (list, events, 1u32, written)), errno::FAULT);
    }
    // Events over the subscriptions that they answer.
    put_clock(&mut guest, 1, 2, 1, 0, false);
    assert_eq!(errno_of(&mut guest, "poll", (1000u32, 1000u32, 2u32, 0u32)), 0);
    assert_eq!(guest.u32_at(0), 2);
    assert_eq!((guest.u64_at(1000), guest.u64_at(1032)), (1, 2));
}

#[test]
fn host_data_is_linked_for_any_store() {
    // What the engine's linker relies on: definitions do not depend on a store or on data being there.
    let engine = engine(false);
    let module = Module::new(&engine, wat::parse_str(GUEST).unwrap()).unwrap();
    let pre = linker(&engine).instantiate_pre(&module).unwrap();
    for _ in 0..2 {
        let mut store: Store<TestHost> = Store::new(&engine, host(WasiConfig::default(), 0, 0));
        pre.instantiate(&mut store).unwrap();
    }
}
