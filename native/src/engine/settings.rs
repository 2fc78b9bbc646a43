//! The numbers that cross from Java, in the order that both sides agree on.

use std::time::Duration;

use super::error::{Error, Result};

/// How traps are found: by the processor's signals, or by checks in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrapMode {
    /// Signals where a probe at start says that they work, else checks.
    Auto,
    Signals,
    Explicit,
}

/// The settings of an engine, checked. Equal settings share one engine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineSettings {
    pub max_memory_bytes: usize,
    pub max_table_elements: usize,
    pub max_instances: u32,
    pub max_wasm_stack_bytes: usize,
    pub max_module_bytes: usize,
    pub max_function_bytes: usize,
    pub compile_deadline: Duration,
    pub keep_resident_bytes: usize,
    pub metering: bool,
    pub traps: TrapMode,
    pub inlining: bool,
    pub optimisation: bool,
}

/// Names of the engine's settings, by position in the array from Java.
pub const ENGINE_SETTINGS: [&str; 12] = [
    "MAX_MEMORY_BYTES",
    "MAX_TABLE_ELEMENTS",
    "MAX_INSTANCES",
    "MAX_WASM_STACK_BYTES",
    "MAX_MODULE_BYTES",
    "MAX_FUNCTION_BYTES",
    "COMPILE_DEADLINE_NANOS",
    "KEEP_RESIDENT_BYTES",
    "METERING",
    "TRAPS",
    "INLINING",
    "OPTIMISATION",
];

/// Names of a store's limits, by position in the array from Java.
pub const STORE_LIMITS: [&str; 9] = [
    "FUEL_PER_CALL",
    "DEADLINE_NANOS",
    "MAX_MEMORY_BYTES",
    "MAX_TABLE_ELEMENTS",
    "MAX_INSTANCES",
    "MAX_MEMORIES",
    "MAX_TABLES",
    "MAX_LOG_BYTES",
    "CLOCK_RESOLUTION_NANOS",
];

/// What a WeScale instance has beyond a store's limits, after those.
pub const WESCALE_LIMITS: [&str; 3] = ["START_FUEL", "START_DEADLINE_NANOS", "MAX_OUTPUT_BYTES"];

/// One wasm page.
pub const PAGE_BYTES: usize = 65_536;
/// No 32-bit memory can be larger.
const MAX_MEMORY: i64 = 4 << 30;

impl EngineSettings {
    pub fn parse(values: &[i64]) -> Result<EngineSettings> {
        expect_length("engine settings", values.len(), ENGINE_SETTINGS.len())?;
        let at = |i: usize, low: i64, high: i64| bounded(ENGINE_SETTINGS[i], values[i], low, high);
        Ok(EngineSettings {
            max_memory_bytes: (at(0, 0, MAX_MEMORY)? as usize).next_multiple_of(PAGE_BYTES),
            max_table_elements: at(1, 0, 10_000_000)? as usize,
            max_instances: at(2, 1, 20_000)? as u32,
            max_wasm_stack_bytes: at(3, 16 << 10, 64 << 20)? as usize,
            max_module_bytes: at(4, 8, 1 << 30)? as usize,
            max_function_bytes: at(5, 16, 128 << 20)? as usize,
            compile_deadline: Duration::from_nanos(at(6, 1, i64::MAX)? as u64),
            keep_resident_bytes: (at(7, 0, MAX_MEMORY)? as usize).next_multiple_of(PAGE_BYTES),
            metering: at(8, 0, 1)? == 1,
            traps: match at(9, 0, 2)? {
                0 => TrapMode::Auto,
                1 => TrapMode::Signals,
                _ => TrapMode::Explicit,
            },
            inlining: at(10, 0, 1)? == 1,
            optimisation: at(11, 0, 1)? == 1,
        })
    }
}

/// The limits of one store.
#[derive(Clone, Debug)]
pub struct StoreLimits {
    pub call: CallLimits,
    pub max_memory_bytes: usize,
    pub max_table_elements: usize,
    pub max_instances: usize,
    pub max_memories: usize,
    pub max_tables: usize,
    pub max_log_bytes: usize,
    pub clock_resolution: Duration,
}

/// What one call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// `None`: not limited, asked for by name.
    pub fuel: Option<u64>,
    /// `None`: not limited, asked for by name.
    pub deadline: Option<Duration>,
}

impl StoreLimits {
    pub fn parse(values: &[i64]) -> Result<StoreLimits> {
        expect_length("store limits", values.len(), STORE_LIMITS.len())?;
        let at = |i: usize, low: i64, high: i64| bounded(STORE_LIMITS[i], values[i], low, high);
        Ok(StoreLimits {
            call: CallLimits::parse(values[0], values[1])?,
            max_memory_bytes: at(2, 0, MAX_MEMORY)? as usize,
            max_table_elements: at(3, 0, 10_000_000)? as usize,
            max_instances: at(4, 0, 10_000)? as usize,
            max_memories: at(5, 0, 10_000)? as usize,
            max_tables: at(6, 0, 10_000)? as usize,
            max_log_bytes: at(7, 0, 1 << 30)? as usize,
            clock_resolution: Duration::from_nanos(at(8, 1, i64::MAX)? as u64),
        })
    }
}

impl CallLimits {
    pub fn parse(fuel: i64, deadline_nanos: i64) -> Result<CallLimits> {
        Ok(CallLimits {
            fuel: match bounded(STORE_LIMITS[0], fuel, -1, i64::MAX)? {
                -1 => None,
                fuel => Some(fuel as u64),
            },
            deadline: match bounded(STORE_LIMITS[1], deadline_nanos, -1, i64::MAX)? {
                -1 => None,
                nanos => Some(Duration::from_nanos(nanos as u64)),
            },
        })
    }
}

impl std::fmt::Display for CallLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.fuel {
            Some(fuel) => write!(f, "limits of the call: {fuel} units of fuel")?,
            None => f.write_str("limits of the call: fuel not limited")?,
        }
        match self.deadline {
            Some(deadline) => write!(f, ", {deadline:?}"),
            None => f.write_str(", no deadline"),
        }
    }
}

/// The limits of a WeScale instance: a store's, and the start's own.
#[derive(Clone, Debug)]
pub struct WescaleLimits {
    pub store: StoreLimits,
    pub start: CallLimits,
    pub max_output_bytes: usize,
}

impl WescaleLimits {
    pub fn parse(values: &[i64]) -> Result<WescaleLimits> {
        let split = STORE_LIMITS.len();
        expect_length("wescale limits", values.len(), split + WESCALE_LIMITS.len())?;
        Ok(WescaleLimits {
            store: StoreLimits::parse(&values[..split])?,
            start: CallLimits::parse(values[split], values[split + 1])?,
            max_output_bytes: bounded(WESCALE_LIMITS[2], values[split + 2], 0, 1 << 30)? as usize,
        })
    }
}

pub(super) fn expect_length(what: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::IllegalArgument(format!("{what}: expected {expected} numbers, found {found}")))
}

pub(super) fn bounded(name: &str, value: i64, low: i64, high: i64) -> Result<i64> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(Error::IllegalArgument(format!("{name}: expected {low} to {high}, found {value}")))
}
