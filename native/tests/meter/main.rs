//! The meter on plain wasmtime: what it counts, that nothing runs unbounded, and that nothing else changes.

mod bounds;
mod corpus;
mod generated;
mod guests;
mod harness;
mod property;
mod refusals;
mod structure;
