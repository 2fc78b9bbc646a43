//! Programs of calls of host functions: `cargo +nightly fuzz run host_calls` in this folder.
#![no_main]

#[path = "../../tests/fuzz/property.rs"]
#[allow(dead_code)] // The other target uses the rest of it.
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    property::calls_end_within_their_limits(bytes);
});
