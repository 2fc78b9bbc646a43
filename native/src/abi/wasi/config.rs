//! What a guest may know of its host: arguments, environment and how coarse its clocks are.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Caller, Linker};

use super::output::Lines;
use super::{BASE_UNITS, MODULE, errno, with_memory};
use crate::abi::log::{GuestLog, LEVEL_ERROR, LEVEL_INFO};
use crate::abi::{AbiHost, charge, charge_copy, guest};

const DEFAULT_ARGUMENT: &str = "plugin";
const DEFAULT_RESOLUTION: Duration = Duration::from_millis(1);

/// The immutable part of [`WasiState`], shared by all stores of a plugin.
#[derive(Debug)]
pub struct WasiConfig {
    arguments: Strings,
    environment: Strings,
    resolution_nanos: u64,
}

impl WasiConfig {
    /// Without arguments the guest gets one, `plugin`: some toolchains' start functions trap when there is none.
    ///
    /// `environment` holds `KEY=VALUE`. A resolution of 0 means nanoseconds.
    pub fn new(arguments: &[String], environment: &[String], resolution: Duration) -> Result<WasiConfig, String> {
        let arguments = match arguments {
            [] => Strings::new("argument", &[DEFAULT_ARGUMENT.to_owned()])?,
            some => Strings::new("argument", some)?,
        };
        if let Some(bad) = environment.iter().find(|variable| !variable.contains('=')) {
            return Err(format!("environment variable {bad:?} has no '=': give KEY=VALUE"));
        }
        Ok(WasiConfig {
            arguments,
            environment: Strings::new("environment variable", environment)?,
            resolution_nanos: u64::try_from(resolution.as_nanos()).unwrap_or(u64::MAX).max(1),
        })
    }

    /// The resolution of both clocks, at least 1.
    pub fn resolution_nanos(&self) -> u64 {
        self.resolution_nanos
    }
}

impl Default for WasiConfig {
    fn default() -> WasiConfig {
        let mut arguments = Strings::default();
        arguments.push(DEFAULT_ARGUMENT);
        WasiConfig {
            arguments,
            environment: Strings::default(),
            resolution_nanos: DEFAULT_RESOLUTION.as_nanos() as u64,
        }
    }
}

/// Strings as the guest gets them: one after the other, each with a NUL at its end.
#[derive(Debug, Default)]
struct Strings {
    bytes: Vec<u8>,
    /// Where each begins.
    starts: Vec<u32>,
}

impl Strings {
    fn new(what: &str, strings: &[String]) -> Result<Strings, String> {
        let mut all = Strings::default();
        let mut total = 0u64;
        for (i, string) in strings.iter().enumerate() {
            if string.contains('\0') {
                return Err(format!("{what} {i} contains a NUL: leave it out, the guest reads up to it"));
            }
            total += string.len() as u64 + 1;
            if total > u64::from(u32::MAX) {
                return Err(format!("{what} {i} ends at byte {total}, a guest can address {}", u32::MAX));
            }
            all.push(string);
        }
        Ok(all)
    }

    fn push(&mut self, string: &str) {
        self.starts.push(self.bytes.len() as u32);
        self.bytes.extend_from_slice(string.as_bytes());
        self.bytes.push(0);
    }

    fn write_sizes(&self, memory: &mut [u8], count: u32, size: u32) -> Option<i32> {
        guest::write_u32(memory, count, self.starts.len() as u32)?;
        guest::write_u32(memory, size, self.bytes.len() as u32)?;
        Some(errno::SUCCESS)
    }

    fn write_strings(&self, memory: &mut [u8], pointers: u32, buffer: u32) -> Option<i32> {
        guest::write(memory, buffer, &self.bytes)?;
        for (i, start) in (0u32..).zip(&self.starts) {
            guest::write_u32(memory, guest::item(pointers, i, 4)?, buffer.checked_add(*start)?)?;
        }
        Some(errno::SUCCESS)
    }
}

/// What WASI keeps for one store.
#[derive(Debug, Default)]
pub struct WasiState {
    pub(super) config: Arc<WasiConfig>,
    pub(super) stdout: Lines,
    pub(super) stderr: Lines,
}

impl WasiState {
    pub fn new(config: Arc<WasiConfig>) -> WasiState {
        WasiState { config, stdout: Lines::default(), stderr: Lines::default() }
    }

    /// Logs the lines that the guest began and did not end; to be called when its call is over.
    #[inline]
    pub fn flush_lines(&mut self, log: &mut GuestLog) {
        self.stdout.flush(LEVEL_INFO, log);
        self.stderr.flush(LEVEL_ERROR, log);
    }
}

type Choice = fn(&WasiConfig) -> &Strings;

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let lists: [(&str, &str, Choice); 2] = [
        ("args_sizes_get", "args_get", |config| &config.arguments),
        ("environ_sizes_get", "environ_get", |config| &config.environment),
    ];
    for (sizes_name, strings_name, strings) in lists {
        linker.func_wrap(
            MODULE,
            sizes_name,
            move |mut caller: Caller<'_, T>, count: u32, size: u32| -> wasmtime::Result<i32> {
                charge(&mut caller, BASE_UNITS)?;
                let config = caller.data_mut().wasi().config.clone();
                Ok(with_memory(&mut caller, |memory, _| strings(&config).write_sizes(memory, count, size)))
            },
        )?;
        linker.func_wrap(
            MODULE,
            strings_name,
            move |mut caller: Caller<'_, T>, pointers: u32, buffer: u32| -> wasmtime::Result<i32> {
                let config = caller.data_mut().wasi().config.clone();
                let strings = strings(&config);
                charge_copy(&mut caller, BASE_UNITS + strings.starts.len() as u64, strings.bytes.len())?;
                Ok(with_memory(&mut caller, |memory, _| strings.write_strings(memory, pointers, buffer)))
            },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(of: &[&str]) -> Vec<String> {
        of.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn there_is_always_an_argument() {
        let config = WasiConfig::new(&[], &[], Duration::ZERO).unwrap();
        assert_eq!(config.arguments.bytes, b"plugin\0");
        assert_eq!(WasiConfig::default().arguments.bytes, b"plugin\0");
    }

    #[test]
    fn resolution_is_at_least_a_nanosecond() {
        let resolution = |d| WasiConfig::new(&[], &[], d).unwrap().resolution_nanos();
        assert_eq!(resolution(Duration::ZERO), 1);
        assert_eq!(resolution(Duration::from_secs(1)), 1_000_000_000);
        assert_eq!(resolution(Duration::MAX), u64::MAX);
        assert_eq!(WasiConfig::default().resolution_nanos(), 1_000_000);
    }

    #[test]
    fn what_a_guest_could_not_read_is_refused() {
        let error = WasiConfig::new(&strings(&["a", "b\0c"]), &[], Duration::ZERO).unwrap_err();
        assert_eq!(error, "argument 1 contains a NUL: leave it out, the guest reads up to it");
        let error = WasiConfig::new(&[], &strings(&["A=1", "B"]), Duration::ZERO).unwrap_err();
        assert_eq!(error, "environment variable \"B\" has no '=': give KEY=VALUE");
    }

    #[test]
    fn strings_lie_one_after_the_other() {
        let all = Strings::new("argument", &strings(&["ab", "", "c"])).unwrap();
        let mut memory = [0xFFu8; 64];
        assert_eq!(all.write_sizes(&mut memory, 0, 4), Some(0));
        assert_eq!(memory[..8], [3, 0, 0, 0, 6, 0, 0, 0]);
        assert_eq!(all.write_strings(&mut memory, 8, 32), Some(0));
        assert_eq!(memory[8..20], [32, 0, 0, 0, 35, 0, 0, 0, 36, 0, 0, 0]);
        assert_eq!(&memory[32..39], b"ab\0\0c\0\xFF");
        for (pointers, buffer) in [(56, 0), (0, 59), (u32::MAX, 0), (0, u32::MAX)] {
            assert_eq!(all.write_strings(&mut memory, pointers, buffer), None);
        }
        assert_eq!(all.write_sizes(&mut memory, 61, 0), None);
        assert_eq!(all.write_sizes(&mut memory, 0, u32::MAX), None);
    }
}
