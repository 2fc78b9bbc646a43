//! What holds for whatever a guest passes to host functions; the fuzz targets and the tests share it.

use std::sync::{Arc, OnceLock};

use sluice::abi::foreign::ForeignBytes;
use sluice::abi::wasi::{WasiConfig, WasiState};
use sluice::abi::wescale::{Setup, outcome, result};
use sluice::engine::engine::Engine;
use sluice::engine::error::Error;
use sluice::engine::linker::{InstancePre, Linker};
use sluice::engine::module::Module;
use sluice::engine::session::Session;
use sluice::engine::settings::{EngineSettings, WescaleLimits};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, ImportSection, Instruction as I, MemArg, MemorySection, MemoryType, TypeSection, ValType,
};

/// The bytes of a call in a program: which function, and six numbers.
pub const CALL_BYTES: i32 = 25;
const ARGUMENTS: usize = 6;

const MAX_OUTPUT_BYTES: usize = 4096;
const MAX_LOG_BYTES: usize = 2048;

/// Module, name, parameters (`l` for 64 bits) and whether there is a result.
const FUNCTIONS: [(&str, &str, &str, bool); 38] = [
    ("env", "GetAbiVersionOnHost", "ii", true),
    ("env", "GetRuntimeTypeOnHost", "ii", true),
    ("env", "InfoLogOnHost", "ii", true),
    ("env", "ErrorLogOnHost", "ii", true),
    ("env", "GetQueryOnHost", "lii", true),
    ("env", "SetQueryOnHost", "lii", true),
    ("env", "GetErrorMessageOnHost", "lii", true),
    ("env", "SetErrorMessageOnHost", "lii", true),
    ("env", "GetQueryResultOnHost", "lii", true),
    ("env", "SetQueryResultOnHost", "lii", true),
    ("env", "GetGlobalValueByKeyOnHost", "iiii", true),
    ("env", "SetGlobalValueByKeyOnHost", "iiii", true),
    ("env", "GetModuleValueByKeyOnHost", "liiii", true),
    ("env", "SetModuleValueByKeyOnHost", "liiii", true),
    ("env", "GlobalLockOnHost", "", true),
    ("env", "GlobalUnlockOnHost", "", true),
    ("env", "ModuleLockOnHost", "l", true),
    ("env", "ModuleUnlockOnHost", "l", true),
    ("sluice", "version", "", true),
    ("sluice", "get_configuration", "ii", true),
    ("sluice", "get_property", "iiii", true),
    ("sluice", "set_error", "iiiii", true),
    ("sluice", "clear_error", "", true),
    ("sluice", "add_counter", "iil", true),
    ("wasi_snapshot_preview1", "fd_write", "iiii", true),
    ("wasi_snapshot_preview1", "fd_fdstat_get", "ii", true),
    ("wasi_snapshot_preview1", "fd_prestat_get", "ii", true),
    ("wasi_snapshot_preview1", "random_get", "ii", true),
    ("wasi_snapshot_preview1", "clock_time_get", "ili", true),
    ("wasi_snapshot_preview1", "clock_res_get", "ii", true),
    ("wasi_snapshot_preview1", "args_sizes_get", "ii", true),
    ("wasi_snapshot_preview1", "args_get", "ii", true),
    ("wasi_snapshot_preview1", "environ_sizes_get", "ii", true),
    ("wasi_snapshot_preview1", "environ_get", "ii", true),
    ("wasi_snapshot_preview1", "poll_oneoff", "iiii", true),
    ("wasi_snapshot_preview1", "sched_yield", "", true),
    ("wasi_snapshot_preview1", "path_open", "iiiiillii", true),
    ("wasi_snapshot_preview1", "proc_exit", "i", false),
];

/// A guest that takes its query for a program of calls, and makes them.
fn guest() -> Vec<u8> {
    let imported = FUNCTIONS.len() as u32;
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    for (index, (module, name, params, result)) in FUNCTIONS.iter().enumerate() {
        let params = params.bytes().map(|letter| if letter == b'l' { ValType::I64 } else { ValType::I32 });
        types.ty().function(params, result.then_some(ValType::I32));
        imports.import(module, name, EntityType::Function(index as u32));
    }
    types.ty().function([ValType::I64], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(imported).function(imported).function(imported + 1);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 2, maximum: Some(3), memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    // What the allocator answers.
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(4096));
    let mut exports = ExportSection::new();
    exports
        .export("RunBeforeExecutionOnGuest", ExportKind::Func, imported)
        .export("RunAfterExecutionOnGuest", ExportKind::Func, imported + 1)
        .export("malloc", ExportKind::Func, imported + 2)
        .export("memory", ExportKind::Memory, 0);
    let mut malloc = Function::new([]);
    for instruction in [I::GlobalGet(0), I::End] {
        malloc.instruction(&instruction);
    }
    let mut nothing = Function::new([]);
    nothing.instruction(&I::End);
    let mut code = CodeSection::new();
    code.function(&interpreter()).function(&nothing).function(&malloc);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&globals);
    module.section(&exports).section(&code);
    module.finish()
}

/// Locals: 0 the context, 1 the call at hand, 2 the program's end.
fn interpreter() -> Function {
    let at = |offset: u64| MemArg { offset, align: 0, memory_index: 0 };
    let argument = |index: usize| at(1 + 4 * index as u64);
    let mut body = Function::new([(2, ValType::I32)]);
    let mut put = |instruction: I<'_>| {
        body.instruction(&instruction);
    };
    let get_query = FUNCTIONS.iter().position(|(_, name, ..)| *name == "GetQueryOnHost").unwrap() as u32;
    for instruction in [I::LocalGet(0), I::I32Const(0), I::I32Const(4), I::Call(get_query), I::Drop] {
        put(instruction);
    }
    for instruction in [I::I32Const(0), I::I32Load(at(0)), I::LocalTee(1), I::I32Const(0), I::I32Load(at(4)), I::I32Add]
    {
        put(instruction);
    }
    put(I::LocalSet(2));
    // Two cases more than functions: the allocator's answer, and a number anywhere in the memory.
    let cases = FUNCTIONS.len() as u32 + 2;
    put(I::Block(BlockType::Empty));
    put(I::Loop(BlockType::Empty));
    for instruction in [I::LocalGet(1), I::I32Const(CALL_BYTES), I::I32Add, I::LocalGet(2), I::I32GtU, I::BrIf(1)] {
        put(instruction);
    }
    (0..=cases).for_each(|_| put(I::Block(BlockType::Empty)));
    for instruction in [I::LocalGet(1), I::I32Load8U(at(0)), I::I32Const(cases as i32), I::I32RemU] {
        put(instruction);
    }
    put(I::BrTable((0..cases).collect::<Vec<u32>>().into(), cases));
    for case in 0..cases {
        put(I::End);
        match FUNCTIONS.get(case as usize) {
            Some((_, _, params, result)) => {
                for (index, letter) in params.chars().enumerate() {
                    put(I::LocalGet(1));
                    let index = index % ARGUMENTS;
                    if letter == 'i' {
                        put(I::I32Load(argument(index)));
                        continue;
                    }
                    // -1 stands for the context that was given.
                    put(I::I64Load32S(argument(index)));
                    put(I::LocalGet(0));
                    for instruction in
                        [I::LocalGet(1), I::I64Load32S(argument(index)), I::I64Const(-1), I::I64Ne, I::Select]
                    {
                        put(instruction);
                    }
                }
                put(I::Call(case));
                if *result {
                    put(I::Drop);
                }
            }
            None if case == cases - 1 => {
                for instruction in [I::LocalGet(1), I::I32Load(argument(0)), I::I32Const(0xffff), I::I32And] {
                    put(instruction);
                }
                for instruction in [I::LocalGet(1), I::I32Load(argument(1)), I::I32Store(at(0))] {
                    put(instruction);
                }
            }
            None => {
                for instruction in [I::LocalGet(1), I::I32Load(argument(0)), I::GlobalSet(0)] {
                    put(instruction);
                }
            }
        }
        // Past the cases that follow.
        put(I::Br(cases - case - 1));
    }
    put(I::End);
    for instruction in [I::LocalGet(1), I::I32Const(CALL_BYTES), I::I32Add, I::LocalSet(1), I::Br(0)] {
        put(instruction);
    }
    for _ in 0..3 {
        put(I::End);
    }
    body
}

fn foreign(bytes: &[u8]) -> ForeignBytes {
    // SAFETY: what is called with it ends before the caller's bytes do.
    unsafe { ForeignBytes::new(bytes.as_ptr(), bytes.len()) }
}

fn plugin() -> &'static Arc<InstancePre> {
    static PLUGIN: OnceLock<Arc<InstancePre>> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let settings = [1 << 20, 1_000, 16, 256 << 10, 1 << 20, 1 << 20, 60_000_000_000, 1 << 20, 1, 0, 0, 0];
        let engine = Engine::with(EngineSettings::parse(&settings).unwrap()).unwrap();
        let module = Module::compile(&engine, guest()).unwrap_or_else(|error| panic!("{error:?}"));
        let linker = Linker::new(&engine).unwrap();
        linker.define_wasi().unwrap();
        linker.define_wescale().unwrap();
        Arc::new(linker.instantiate_pre(&module).unwrap_or_else(|error| panic!("{error:?}")))
    })
}

/// A program of calls of host functions ends by itself, by a trap or by a limit, within what outputs and log may take; a
/// result that was taken is one. Whether it came to its end.
pub fn calls_end_within_their_limits(program: &[u8]) -> bool {
    let limits = [
        200_000,
        300_000_000,
        1 << 20,
        1_000,
        1,
        1,
        1,
        MAX_LOG_BYTES as i64,
        1_000_000,
        1_000_000,
        1_000_000_000,
        MAX_OUTPUT_BYTES as i64,
    ];
    let limits = Arc::new(WescaleLimits::parse(&limits).unwrap());
    let wasi = WasiState::new(Arc::new(WasiConfig::default()));
    let setup = Setup { configuration: b"{\"a\":1}"[..].into(), grants: 0b10_1011, ..Setup::default() };
    let mut session = Session::new(plugin().clone(), limits, None, wasi, setup).unwrap();
    let properties: Vec<u8> = [0i32, 3, i32::from_le_bytes(*b"bob\0")].iter().flat_map(|n| n.to_ne_bytes()).collect();
    let ended = session.before(foreign(program), Some(foreign(&properties[..11])), true);
    match &ended {
        Ok(()) | Err(Error::Trap { .. } | Error::Limit { .. } | Error::Exit(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
    if let Some(outputs) = session.outputs() {
        assert!(outputs.log.as_bytes().len() <= MAX_LOG_BYTES, "{} bytes of log", outputs.log.as_bytes().len());
        assert!(outputs.error.len() <= MAX_OUTPUT_BYTES, "an error of {} bytes", outputs.error.len());
        assert!(outputs.query.len() <= MAX_OUTPUT_BYTES.max(program.len()), "a query of {} bytes", outputs.query.len());
        if outputs.bits & outcome::RESULT_CHANGED != 0 {
            assert!(outputs.result.len() <= MAX_OUTPUT_BYTES);
            assert_eq!(result::validate(outputs.result), Ok(()));
        }
    }
    session.end_query().unwrap();
    ended.is_ok()
}

/// Bytes are a query result or not, and say so again.
pub fn result_or_none(bytes: &[u8]) -> bool {
    let valid = result::validate(bytes);
    assert_eq!(result::validate(bytes), valid);
    if valid.is_ok() {
        // A field of a number that nobody knows changes nothing, whatever is in it.
        let mut buffer = bytes.to_vec();
        buffer.extend_from_slice(&[0xfa, 0x7f, 2, 0xff, 0xff]);
        assert_eq!(result::validate(&buffer), Ok(()));
        // What is cut off in the middle of that field is none.
        buffer.pop();
        assert!(result::validate(&buffer).is_err());
    }
    valid.is_ok()
}
