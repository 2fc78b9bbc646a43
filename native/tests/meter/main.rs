//! The meter on plain wasmtime: what it counts, that nothing runs unbounded, and that nothing else changes.

mod generated;
mod harness;
mod structure;
