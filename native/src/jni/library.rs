//! `LibraryNative`: what this library is.

use super::funnel::{Object, export};
use super::{codes, handles};

export! {
    fn Java_io_sluice_runtime_internal_LibraryNative_contractVersion(env) -> i32 {
        let _ = env;
        Ok(codes::CONTRACT_VERSION)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LibraryNative_version(env) -> Object {
        env.new_string(concat!("sluice-native ", env!("CARGO_PKG_VERSION"), ", wasmtime ", env!("SLUICE_WASMTIME_VERSION")))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LibraryNative_codes(env) -> Object {
        env.new_strings(&codes::all())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LibraryNative_liveHandles(env) -> i64 {
        let _ = env;
        Ok(handles::live())
    }
}
