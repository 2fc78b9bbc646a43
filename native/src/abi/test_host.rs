//! A store with nothing but the ABIs' host functions, for their tests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::{Config, Engine, Func, Instance, Linker, Memory, Module, Store, WasmParams, WasmResults};

use super::AbiHost;
use super::foreign::ForeignBytes;
use super::log::GuestLog;
use super::wasi::{WasiConfig, WasiState};
use super::wescale::WescaleState;

pub struct TestHost {
    pub wasi: WasiState,
    pub wescale: WescaleState,
    pub log: GuestLog,
    pub memory: Option<Memory>,
    pub allocator: Option<Func>,
    pub deadline: Option<Duration>,
    pub ends: Option<Instant>,
    pub metered: bool,
}

impl AbiHost for TestHost {
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

    fn start_clock(&mut self) {
        if self.ends.is_none() {
            self.ends = self.deadline.map(|deadline| Instant::now() + deadline);
        }
    }

    fn time_left(&mut self) -> Option<Duration> {
        self.ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    /// By wasmtime's own fuel: these tests are about what is charged, not about the meter.
    fn charge(caller: &mut wasmtime::Caller<'_, TestHost>, units: u64) -> wasmtime::Result<()> {
        if !caller.data().metered {
            return Ok(());
        }
        let Ok(left) = caller.get_fuel() else { return Ok(()) };
        caller.set_fuel(left.saturating_sub(units))?;
        if left < units { Err(wasmtime::Trap::OutOfFuel.into()) } else { Ok(()) }
    }
}

/// One instance with both ABIs linked.
pub struct Guest {
    pub store: Store<TestHost>,
    pub instance: Instance,
}

/// Fuel that a guest starts with.
pub const FUEL: u64 = 1_000_000_000;

pub fn engine(fuel: bool) -> Engine {
    let mut config = Config::new();
    config.consume_fuel(fuel);
    Engine::new(&config).unwrap()
}

pub fn linker(engine: &Engine) -> Linker<TestHost> {
    let mut linker = Linker::new(engine);
    super::wasi::add_to_linker(&mut linker).unwrap();
    super::wescale::add_to_linker(&mut linker).unwrap();
    linker
}

pub fn host(config: WasiConfig, max_output_bytes: usize, max_log_bytes: usize) -> TestHost {
    TestHost {
        wasi: WasiState::new(Arc::new(config)),
        wescale: WescaleState::new(max_output_bytes),
        log: GuestLog::new(max_log_bytes),
        memory: None,
        allocator: None,
        deadline: None,
        ends: None,
        metered: true,
    }
}

impl Guest {
    pub fn new(wat: &str) -> Guest {
        Guest::with(wat, host(WasiConfig::default(), 1 << 20, 1 << 16), true)
    }

    pub fn with(wat: &str, host: TestHost, fuel: bool) -> Guest {
        let engine = engine(fuel);
        let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        let mut store = Store::new(&engine, host);
        if fuel {
            store.set_fuel(FUEL).unwrap();
        }
        let instance = linker(&engine).instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&mut store, "memory");
        let allocator = instance.get_func(&mut store, "malloc");
        store.data_mut().memory = memory;
        store.data_mut().allocator = allocator;
        Guest { store, instance }
    }

    pub fn call<P: WasmParams, R: WasmResults>(&mut self, export: &str, params: P) -> wasmtime::Result<R> {
        let func = self.instance.get_typed_func::<P, R>(&mut self.store, export).unwrap();
        func.call(&mut self.store, params)
    }

    pub fn memory(&self) -> &[u8] {
        self.store.data().memory.unwrap().data(&self.store)
    }

    pub fn bytes(&self, ptr: u32, len: u32) -> &[u8] {
        &self.memory()[ptr as usize..][..len as usize]
    }

    pub fn u32_at(&self, ptr: u32) -> u32 {
        u32::from_le_bytes(self.bytes(ptr, 4).try_into().unwrap())
    }

    pub fn u64_at(&self, ptr: u32) -> u64 {
        u64::from_le_bytes(self.bytes(ptr, 8).try_into().unwrap())
    }

    pub fn write(&mut self, ptr: u32, bytes: &[u8]) {
        let memory = self.store.data().memory.unwrap();
        memory.write(&mut self.store, ptr as usize, bytes).unwrap();
    }

    /// The call's log, flushed and cleared.
    pub fn log(&mut self) -> Vec<(u8, String)> {
        let host = self.store.data_mut();
        host.wasi.flush_lines(&mut host.log);
        records(&host.log.take())
    }
}

/// Log records as level and text.
pub fn records(mut bytes: &[u8]) -> Vec<(u8, String)> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (header, rest) = bytes.split_at(8);
        assert_eq!(header[1..4], [0, 0, 0]);
        let len = i32::from_ne_bytes(header[4..].try_into().unwrap()) as usize;
        records.push((header[0], String::from_utf8_lossy(&rest[..len]).into_owned()));
        bytes = &rest[len..];
    }
    records
}

/// Bytes as Java would pass them; they live as long as the process.
pub fn foreign(bytes: &[u8]) -> ForeignBytes {
    let leaked: &'static [u8] = bytes.to_vec().leak();
    // SAFETY: leaked bytes stay readable for ever.
    unsafe { ForeignBytes::new(leaked.as_ptr(), leaked.len()) }
}
