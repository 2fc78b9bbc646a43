//! The boundary: the funnel that every native method goes through, handles, and one file of exports per concept.
//!
//! The files are named as the Java classes in `io.sluice.runtime.internal` (`func` holds the exports of `FuncNative`).
//! No logic lives here: arguments are checked and converted, then `engine` does the work.

pub mod funnel;
pub mod handles;

mod block;
mod budget;
mod caller;
mod codes;
mod engine;
mod func;
mod global;
mod instance;
mod library;
mod linker;
mod memory;
mod module;
mod pre;
mod shared;
mod snapshot;
mod store;
mod table;
mod wescale;
