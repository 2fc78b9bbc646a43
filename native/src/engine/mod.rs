//! Safe Rust over wasmtime: what an engine, a module, a store and a call are, and where each limit is kept.
//!
//! Nothing here knows of Java. The one file with unchecked calls is `raw`.

pub mod artifact;
pub mod budget;
pub mod compile;
#[allow(clippy::module_inception, reason = "one file per concept, named as the concept")]
pub mod engine;
pub mod error;
pub mod linker;
pub mod mapped;
pub mod meter;
pub mod module;
pub mod raw;
pub mod session;
pub mod settings;
pub mod shared;
pub mod snapshot;
pub mod stack;
pub mod store;
pub mod trace;
pub mod types;
