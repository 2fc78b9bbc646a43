//! Host functions do not allocate once their buffers are warm: counted, not argued.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use sluice::abi::AbiHost;
use sluice::abi::foreign::ForeignBytes;
use sluice::abi::log::GuestLog;
use sluice::abi::wasi::{self, WasiState};
use sluice::abi::wescale::{self, WescaleState, outcome};
use wasmtime::{Config, Engine, Func, Linker, Memory, Module, Store};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every method hands its arguments to the system's allocator as they came; counting touches neither.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract, and `ptr` came from the system's allocator.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Host {
    wasi: WasiState,
    wescale: WescaleState,
    log: GuestLog,
    memory: Option<Memory>,
    allocator: Option<Func>,
}

impl AbiHost for Host {
    fn wasi(&mut self) -> &mut WasiState {
        &mut self.wasi
    }

    fn wescale(&mut self) -> &mut WescaleState {
        &mut self.wescale
    }

    fn log(&mut self) -> &mut GuestLog {
        &mut self.log
    }

    fn memory(&self) -> Option<Memory> {
        self.memory
    }

    fn allocator(&self) -> Option<Func> {
        self.allocator
    }

    fn start_clock(&mut self) {}

    fn time_left(&mut self) -> Option<Duration> {
        None
    }

    fn charge(caller: &mut wasmtime::Caller<'_, Host>, units: u64) -> wasmtime::Result<()> {
        let left = caller.get_fuel()?;
        caller.set_fuel(left.saturating_sub(units))
    }
}

/// Gets, sets and logs everything there is; traps when a status is not 0.
const PLUGIN: &str = r#"(module
  (import "env" "InfoLogOnHost" (func $info (param i32 i32) (result i32)))
  (import "env" "GetQueryOnHost" (func $get_query (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryOnHost" (func $set_query (param i64 i32 i32) (result i32)))
  (import "env" "SetErrorMessageOnHost" (func $set_error (param i64 i32 i32) (result i32)))
  (import "env" "SetQueryResultOnHost" (func $set_result (param i64 i32 i32) (result i32)))
  (import "env" "GetQueryResultOnHost" (func $get_result (param i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 512) "\10\01text\n")
  (data (i32.const 600) "\02\02\00\00\05\00\00\00")
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $ok (param i32) (if (local.get 0) (then unreachable)))
  (func (export "run") (param i64)
    (call $ok (call $get_query (local.get 0) (i32.const 0) (i32.const 4)))
    (call $ok (call $set_query (local.get 0) (i32.const 512) (i32.const 6)))
    (call $ok (call $set_error (local.get 0) (i32.const 512) (i32.const 6)))
    (call $ok (call $set_result (local.get 0) (i32.const 512) (i32.const 2)))
    (call $ok (call $get_result (local.get 0) (i32.const 0) (i32.const 4)))
    (call $ok (call $info (i32.const 512) (i32.const 6)))
    (call $ok (call $time (i32.const 1) (i64.const 0) (i32.const 0)))
    (call $ok (call $random (i32.const 0) (i32.const 32)))
    (call $ok (call $write (i32.const 1) (i32.const 600) (i32.const 1) (i32.const 0))))
)"#;

#[test]
fn warm_host_functions_do_not_allocate() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::new(&engine);
    wasi::add_to_linker(&mut linker).unwrap();
    wescale::add_to_linker(&mut linker).unwrap();
    let host = Host {
        wasi: WasiState::default(),
        wescale: WescaleState::default(),
        log: GuestLog::new(1 << 16),
        memory: None,
        allocator: None,
    };
    let mut store = Store::new(&engine, host);
    store.set_fuel(u64::MAX).unwrap();
    let module = Module::new(&engine, wat::parse_str(PLUGIN).unwrap()).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let memory = instance.get_memory(&mut store, "memory");
    let allocator = instance.get_func(&mut store, "malloc");
    store.data_mut().memory = memory;
    store.data_mut().allocator = allocator;
    let run = instance.get_typed_func::<u64, ()>(&mut store, "run").unwrap();

    let query = b"update t set a = 1 where b = 2";
    let mut request = |ctx: u64| {
        let host = store.data_mut();
        host.log.clear();
        // SAFETY: `query` outlives the call, and `end_call` below forgets it.
        let bytes = unsafe { ForeignBytes::new(query.as_ptr(), query.len()) };
        host.wescale.begin_before(ctx, bytes);
        run.call(&mut store, ctx).unwrap();
        let host = store.data_mut();
        host.wescale.end_call();
        host.wasi.flush_lines(&mut host.log);
        assert_eq!(
            host.wescale.outcome(),
            outcome::QUERY_CHANGED
                | outcome::ERROR_SET
                | outcome::ERROR_CHANGED
                | outcome::RESULT_SET
                | outcome::RESULT_CHANGED
        );
        assert!(!host.log.is_empty());
    };
    (0..3).for_each(&mut request);
    let before = ALLOCATIONS.with(Cell::get);
    (3..1003).for_each(&mut request);
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
}
