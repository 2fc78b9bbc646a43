//! `ModuleNative`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::funnel::{Object, export};
use super::handles;
use crate::engine::compile;
use crate::engine::engine::Engine;
use crate::engine::module::Module;

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_compile(env, engine: i64, wasm: Object) -> i64 {
        let engine = handles::shared::<Engine>(engine)?;
        let wasm = env.bytes("wasm", wasm)?;
        handles::share(Arc::new(Module::compile(&engine, wasm)?))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_validate(env, engine: i64, wasm: Object) {
        let engine = handles::shared::<Engine>(engine)?;
        compile::validate(&engine, env.bytes("wasm", wasm)?)
    }
}

// For the rest of the calling thread's life.
export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_compileInBackground(env, deadline_nanos: i64) {
        let _ = env;
        compile::go_to_background(Duration::from_nanos(deadline_nanos.unsigned_abs()));
        Ok(())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_describe(env, module: i64) -> Object {
        env.new_strings(&handles::shared::<Module>(module)?.describe())
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_serialize(env, module: i64) -> Object {
        env.new_bytes(&handles::shared::<Module>(module)?.serialize()?)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_deserialize(env, engine: i64, code: Object) -> i64 {
        let engine = handles::shared::<Engine>(engine)?;
        handles::share(Arc::new(Module::deserialize(&engine, &env.bytes("code", code)?)?))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_store(env, module: i64, file: Object) {
        let file = env.string("file", file)?;
        handles::shared::<Module>(module)?.store(Path::new(&file))
    }
}

// 0 when there is no such file.
export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_load(env, engine: i64, file: Object) -> i64 {
        let engine = handles::shared::<Engine>(engine)?;
        let file = env.string("file", file)?;
        match Module::load(&engine, Path::new(&file))? {
            Some(module) => handles::share(Arc::new(module)),
            None => Ok(0),
        }
    }
}

export! {
    fn Java_io_sluice_runtime_internal_ModuleNative_close(env, module: i64) {
        let _ = env;
        handles::close_shared::<Module>(module)
    }
}
