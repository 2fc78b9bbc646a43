//! The meter's pass over any bytes: `cargo +nightly fuzz run instrument` in this folder.
#![no_main]

#[path = "../../tests/meter/property.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    property::instrumented_or_refused(bytes);
});
