//! `LinkerNative`, and how a guest reaches a Java host function.

use std::sync::Arc;

use wasmtime::{Caller, FuncType, RefType, Val, ValType};

use super::caller;
use super::funnel::{Env, GlobalRef, Object, export};
use super::handles;
use super::store::StoreSlot;
use crate::engine::engine::Engine;
use crate::engine::error::{Error, HostFailure, Result};
use crate::engine::linker::Linker;
use crate::engine::meter;
use crate::engine::module::Module;
use crate::engine::store::StoreData;

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_create(env, engine: i64) -> i64 {
        let _ = env;
        handles::share(Arc::new(Linker::new(&handles::shared::<Engine>(engine)?)?))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_defineFunction(
        env, linker: i64, module: Object, name: Object, params: Object, results: Object, function: Object
    ) {
        let linker = handles::shared::<Linker>(linker)?;
        let module = env.string("module", module)?;
        let name = env.string("name", name)?;
        let params = value_types(&env.bytes("params", params)?)?;
        let results = value_types(&env.bytes("results", results)?)?;
        let function = env.global("function", function)?;
        let slots = 2 * params.len().max(results.len());
        let result_types = results.clone();
        let ty = FuncType::new(&linker.engine.inner, params, results);
        let body = move |caller: Caller<'_, StoreData>, params: &[Val], results: &mut [Val]| {
            call_java(&function, slots, &result_types, caller, params, results)
        };
        linker.define_function(&module, &name, ty, Box::new(body))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_defineWasi(env, linker: i64) {
        let _ = env;
        handles::shared::<Linker>(linker)?.define_wasi()
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_defineWescale(env, linker: i64) {
        let _ = env;
        handles::shared::<Linker>(linker)?.define_wescale()
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_defineInstance(
        env, linker: i64, module: Object, store: i64, instance: i32
    ) {
        let linker = handles::shared::<Linker>(linker)?;
        let module = env.string("module", module)?;
        let instance = usize::try_from(instance).unwrap_or(usize::MAX);
        linker.define_instance(&module, &mut handles::hold::<StoreSlot>(store)?.inner, instance)
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_instantiatePre(env, linker: i64, module: i64) -> i64 {
        let _ = env;
        let linker = handles::shared::<Linker>(linker)?;
        let module = handles::shared::<Module>(module)?;
        handles::share(Arc::new(linker.instantiate_pre(&module)?))
    }
}

export! {
    fn Java_io_sluice_runtime_internal_LinkerNative_close(env, linker: i64) {
        let _ = env;
        handles::close_shared::<Linker>(linker)
    }
}

/// Types by their number in Java's `ValueType`.
fn value_types(codes: &[u8]) -> Result<Vec<ValType>> {
    codes
        .iter()
        .map(|code| match code {
            0 => Ok(ValType::I32),
            1 => Ok(ValType::I64),
            2 => Ok(ValType::F32),
            3 => Ok(ValType::F64),
            4 => Ok(ValType::V128),
            5 => Ok(ValType::Ref(RefType::FUNCREF)),
            _ => Err(Error::IllegalArgument(format!("value type {code} is not supported in a host function"))),
        })
        .collect()
}

/// The one upcall: values go in an array of 64-bit pairs, the deadline counts, and an exception ends the guest.
fn call_java(
    function: &GlobalRef,
    slots: usize,
    result_types: &[ValType],
    mut caller: Caller<'_, StoreData>,
    params: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    caller.data_mut().meter.start_clock();
    let mut values = vec![0i64; slots];
    for (pair, value) in values.chunks_exact_mut(2).zip(params) {
        (pair[0], pair[1]) = halves(value).map_err(failure)?;
    }
    let env = Env::current().map_err(failure)?;
    caller::during(&mut caller, |token| env.invoke_host(function, token, &mut values)).map_err(failure)?;
    // What stands in `results` before is not of their types.
    for ((pair, ty), result) in values.chunks_exact(2).zip(result_types).zip(results) {
        *result = match ty {
            ValType::I32 => Val::I32(pair[0] as i32),
            ValType::I64 => Val::I64(pair[0]),
            ValType::F32 => Val::F32(pair[0] as u32),
            ValType::F64 => Val::F64(pair[0] as u64),
            ValType::V128 => Val::V128((u128::from(pair[0] as u64) | u128::from(pair[1] as u64) << 64).into()),
            _ if pair[0] == -1 => Val::FuncRef(None),
            _ => return Err(failure(Error::IllegalArgument("a host function cannot return a func".into()))),
        };
    }
    meter::check_deadline(&mut caller)
}

fn halves(value: &Val) -> Result<(i64, i64)> {
    Ok(match value {
        Val::I32(v) => (i64::from(*v), 0),
        Val::I64(v) => (*v, 0),
        Val::F32(bits) => (i64::from(*bits), 0),
        Val::F64(bits) => (*bits as i64, 0),
        Val::V128(v) => (v.as_u128() as i64, (v.as_u128() >> 64) as i64),
        Val::FuncRef(None) => (-1, 0),
        _ => return Err(Error::IllegalArgument("a host function cannot take a func: pass its table index".into())),
    })
}

fn failure(error: Error) -> wasmtime::Error {
    match error {
        Error::HostThrew => HostFailure::Threw.into(),
        Error::IllegalArgument(text) | Error::IllegalState(text) | Error::Internal(text) => {
            HostFailure::Failed(text).into()
        }
        other => HostFailure::Failed(format!("{other:?}")).into(),
    }
}
