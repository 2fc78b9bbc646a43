//! The native half of Sluice: WebAssembly plugins inside JVM proxies.
//!
//! `jni` is the boundary, `abi` has the host functions that run without crossing into Java, `engine` is safe Rust over
//! wasmtime. Each uses only what is to its right.
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

// A harness of the integration tests is used by one in here, too.
#[cfg(test)]
extern crate self as sluice;

pub mod abi;
pub mod engine;
mod jni;
