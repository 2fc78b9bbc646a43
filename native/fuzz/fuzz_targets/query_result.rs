//! The validator of query results over any bytes: `cargo +nightly fuzz run query_result` in this folder.
#![no_main]

#[path = "../../tests/fuzz/property.rs"]
#[allow(dead_code)] // The other target uses the rest of it.
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    property::result_or_none(bytes);
});
