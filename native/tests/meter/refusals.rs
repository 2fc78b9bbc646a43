//! Modules that the pass cannot work on are refused by name; odd ones that it can are none the worse for it.

use sluice::engine::error::Error;
use sluice::engine::meter::pass::{self, Metered};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, ImportSection, Instruction as I, Module, NameMap, NameSection, TypeSection, ValType,
};
use wasmtime::Trap;

use super::generated::{Engines, Totals, compare};
use super::harness::{End, Guest, compile_metered, engine, own_time};
use super::structure;

const LIMIT: u32 = 1_000_000;

fn refusal(wasm: &[u8]) -> String {
    match pass::instrument(wasm) {
        Err(Error::Compilation(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("the module was not refused"),
    }
}

fn refusal_of(wat: &str) -> String {
    refusal(&wat::parse_str(wat).unwrap())
}

fn accepted(wasm: &[u8]) -> Metered {
    let metered = pass::instrument(wasm).unwrap_or_else(|error| panic!("{error:?}"));
    structure::check(&metered.wasm);
    metered
}

fn engines() -> Engines {
    Engines { optimised: false, stock: engine(true, false), ours: engine(false, false) }
}

/// It does what it did.
fn unharmed(wasm: &[u8]) -> Totals {
    let totals = Totals::default();
    compare(&engines(), wasm, 3_000_000, &totals);
    totals
}

#[test]
fn reserved_names_are_refused() {
    let export = refusal_of(r#"(module (global (export "sluice:meter") (mut i64) (i64.const 0)))"#);
    assert_eq!(
        export,
        "the module exports sluice:meter: names that begin with sluice:meter belong to the meter, rename it"
    );
    let import = refusal_of(r#"(module (import "sluice:meter" "refill" (func (param i64 i64) (result i64))))"#);
    assert!(import.starts_with("the module imports sluice:meter.refill: names that begin"), "{import}");
    let import = refusal_of(r#"(module (import "sluice:meter" "unreachable" (func)))"#);
    assert!(import.starts_with("the module imports sluice:meter.unreachable: names that begin"), "{import}");
    let name = refusal_of(r#"(module (func $"sluice:meter.refill"))"#);
    assert!(name.starts_with("the module calls something sluice:meter.refill: names that begin"), "{name}");
    let global = refusal_of(r#"(module (global $"sluice:meter" i32 (i32.const 0)))"#);
    assert!(global.starts_with("the module calls something sluice:meter: names"), "{global}");
    let own = refusal_of(r#"(module $"sluice:meter")"#);
    assert!(own.starts_with("the module names itself sluice:meter: names"), "{own}");
}

#[test]
fn what_the_counter_adds_cannot_be_addressed() {
    // One past the last global, function and type of the original is where the meter's would be.
    for (wat, what) in [
        (r#"(module (func (drop (global.get 0))))"#, "global"),
        (r#"(module (func (call 1)))"#, "function"),
        (r#"(module (type (func)) (table 1 funcref) (func (type 0) (call_indirect (type 1) (i32.const 0))))"#, "type"),
        (r#"(module (export "x" (global 0)))"#, "global"),
    ] {
        let message = refusal_of(wat);
        assert!(message.starts_with("not a valid module: ") && message.contains(what), "{message}");
    }
}

#[test]
fn modules_that_use_up_what_the_format_allows_are_refused() {
    let mut types = TypeSection::new();
    for _ in 0..LIMIT {
        types.ty().function([], []);
    }
    let mut module = Module::new();
    module.section(&types);
    let message = refusal(&module.finish());
    assert_eq!(message, "the module has 1000000 types, 1000000 are allowed and the meter needs 2 of them: use fewer");

    let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    let mut globals = GlobalSection::new();
    for _ in 0..LIMIT {
        globals.global(ty, &ConstExpr::i32_const(0));
    }
    let mut module = Module::new();
    module.section(&globals);
    let message = refusal(&module.finish());
    assert!(message.starts_with("the module has 1000000 globals, 1000000 are allowed"), "{message}");

    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut body = Function::new([]);
    body.instruction(&I::End);
    for _ in 0..LIMIT {
        functions.function(0);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    let message = refusal(&module.finish());
    assert!(message.starts_with("the module has 1000000 functions, 1000000 are allowed"), "{message}");

    // Imports and exports are limited more narrowly by the sum of their types' sizes, which begins at 1.
    let imported = |count: u32| {
        let mut imports = ImportSection::new();
        for _ in 0..count {
            imports.import("m", "g", GlobalType { mutable: false, ..ty });
        }
        let mut module = Module::new();
        module.section(&imports);
        module.finish()
    };
    let message = refusal(&imported(LIMIT));
    assert!(message.starts_with("not a valid module: effective type size exceeds the limit of 1000000"), "{message}");
    let message = refusal(&imported(LIMIT - 2));
    assert_eq!(
        message,
        "the types of the module's imports and exports have a size of 999998, less than 1000000 is allowed and the \
         meter needs 9 of it: use fewer"
    );
    let message = refusal(&imported(LIMIT - 9));
    assert!(message.starts_with("the types of the module's imports and exports have a size of 999991"), "{message}");
    accepted(&imported(LIMIT - 10));

    let mut exports = ExportSection::new();
    for i in 0..LIMIT {
        exports.export(&format!("{i}"), ExportKind::Global, 0);
    }
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { mutable: false, ..ty }, &ConstExpr::i32_const(0));
    let mut module = Module::new();
    module.section(&globals).section(&exports);
    let message = refusal(&module.finish());
    assert!(message.starts_with("not a valid module: effective type size exceeds the limit of 1000000"), "{message}");
}

#[test]
fn proposals_that_the_engine_does_without_are_refused() {
    for wat in [
        "(module (memory i64 1))",
        "(module (func (param externref)))",
        "(module (tag))",
        "(module (memory 1 1 shared))",
        "(module (type (struct)))",
        "(module (memory 1) (memory 1))",
    ] {
        let message = refusal_of(wat);
        assert!(message.starts_with("not a valid module: "), "{message}");
    }
    assert!(refusal(b"\0asm\x01\0\0\0\x01").starts_with("not a valid module: "));
    assert!(refusal(b"").starts_with("not a valid module: "));
}

/// A module of one function, exported as `f`, and a start of its own name section.
fn one_function(locals: u32, body: impl IntoIterator<Item = I<'static>>) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut function = Function::new([(locals, ValType::I32)]);
    for instruction in body {
        function.instruction(&instruction);
    }
    function.instruction(&I::End);
    let mut code = CodeSection::new();
    code.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.finish()
}

#[test]
fn most_locals_that_a_function_can_have_leave_no_room_and_need_none() {
    let loops: Vec<I<'static>> = vec![
        I::Loop(wasm_encoder::BlockType::Empty),
        I::LocalGet(0),
        I::I32Const(1),
        I::I32Add,
        I::LocalTee(0),
        I::I32Const(1000),
        I::I32LtU,
        I::BrIf(0),
        I::End,
    ];
    let wasm = one_function(50_000, loops.clone());
    accepted(&wasm);
    unharmed(&wasm);
    // The last that gets the meter's, and the first that does not.
    for locals in [48_999, 49_000, 49_001] {
        let wasm = one_function(locals, loops.clone());
        accepted(&wasm);
        unharmed(&wasm);
    }
    let message = refusal(&one_function(50_001, []));
    assert!(message.starts_with("not a valid module: too many locals"), "{message}");
}

#[test]
fn a_body_that_grows_past_what_the_format_allows_is_refused() {
    let turn = [I::Loop(wasm_encoder::BlockType::Empty), I::I32Const(0), I::BrIf(0), I::End];
    let body = |turns: usize| one_function(0, std::iter::repeat_n(turn.clone(), turns).flatten());
    let wasm = body(500_000);
    assert!(wasm.len() < 4 << 20);
    let message = refusal(&wasm);
    let (function, rest) = message.split_once(" would have ").unwrap();
    assert_eq!(function, "function 0");
    assert!(rest.ends_with(" bytes with its checks, 7654321 are allowed: use smaller functions"), "{message}");
    accepted(&body(100_000));
}

#[test]
fn the_largest_table_of_branches_is_taken() {
    let targets = vec![0; 7_600_000];
    let body = [I::Block(wasm_encoder::BlockType::Empty), I::I32Const(1), I::BrTable(targets.into(), 0), I::End];
    accepted(&one_function(0, body));
    let targets = vec![0; 7_654_300];
    let body = [I::Block(wasm_encoder::BlockType::Empty), I::I32Const(1), I::BrTable(targets.into(), 0), I::End];
    let message = refusal(&one_function(0, body));
    assert!(message.contains(" bytes with its checks, 7654321 are allowed: use smaller functions"), "{message}");
}

#[test]
fn a_body_of_a_megabyte_is_checked_on_its_way() {
    let body = (0..350_000).flat_map(|i| [I::I32Const(i), I::Drop]);
    let wasm = one_function(0, body);
    assert!(wasm.len() > 1 << 20);
    let metered = accepted(&wasm);
    let engine = engine(false, false);
    let compiled = compile_metered(&engine, &metered).unwrap();
    let mut guest = Guest::new(&compiled, Some(1_000));
    guest.instantiate(u64::MAX, None);
    let (end, units) = guest.call("f", u64::MAX, None);
    assert_eq!(end, End::Returned(vec![]));
    assert_eq!(units, 350_001);
    let (end, _) = guest.call("f", 350_000, None);
    assert_eq!(end, End::Trapped(Trap::OutOfFuel));
}

#[test]
fn tables_of_many_branches_and_deep_nests_cost_no_more_time_than_their_size() {
    let depth = 5_000u32;
    let begin = own_time();
    let mut body: Vec<I<'static>> = (0..depth)
        .map(|i| {
            if i % 2 == 0 { I::Loop(wasm_encoder::BlockType::Empty) } else { I::Block(wasm_encoder::BlockType::Empty) }
        })
        .collect();
    body.push(I::I32Const(1));
    body.push(I::BrTable((0..1_000_000).map(|i| i % depth).collect::<Vec<u32>>().into(), depth - 1));
    body.extend((0..depth).map(|_| I::End));
    accepted(&one_function(0, body));
    let took = own_time() - begin;
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
}

#[test]
fn chains_of_calls_are_followed_without_recursion() {
    let count = 200_000;
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code, mut exports) = (FunctionSection::new(), CodeSection::new(), ExportSection::new());
    for i in 0..count {
        functions.function(0);
        let mut body = Function::new([]);
        body.instruction(&I::Call((i + 1) % count)).instruction(&I::End);
        code.function(&body);
    }
    exports.export("f", ExportKind::Func, 0);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    pass::instrument(&module.finish()).unwrap_or_else(|error| panic!("{error:?}"));
}

#[test]
fn unreachable_code_of_every_shape_is_left_as_it_is() {
    for body in [
        "unreachable",
        "(return) (loop $l (br $l))",
        "(unreachable) (loop $l (br_if $l (i32.const 1)))",
        "(br 0) (if (i32.const 1) (then (loop $l (br $l))) (else (br 1)))",
        "(block (br 0) (i32.add) (drop) (br_table 0 1 0))",
        "(loop $l (block (br 0) (br $l)))",
        "(loop $l (return) (br $l))",
        "(loop $l (unreachable) (br $l))",
        "(loop $l (br 1) (br $l) (loop $m (br $m) (br $l)))",
        "(drop (block (result i32) (unreachable) (memory.fill) (table.copy) (i32.const 1)))",
        "(drop (block (result i32) (br 1) (call $g) (call $g) (memory.grow)))",
        "(if (i32.const 0) (then (unreachable)) (else (return)))  (loop $l (br $l))",
        "(drop (if (result i32) (i32.const 1) (then (unreachable)) (else (loop $l (result i32) (br $l)))))",
        "(return_call $f) (loop $l (br $l))",
        "(block $a (block $b (br_table $a $b (i32.const 1))) (return)) (loop $l (br_if 1 (i32.const 1)) (br $l))",
        "(loop $l (block $b (br_if $b (i32.const 1)) (br $l)))",
        "(unreachable) (select) (drop)",
        "(block (loop (br 1)) (unreachable) (loop (br 0)))",
    ] {
        let wat = format!(
            r#"(module (memory 1) (table 2 funcref) (func $g (param i32) (result i32) (i32.const 1))
               (func $f (export "f") {body}))"#
        );
        let wasm = wat::parse_str(&wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
        accepted(&wasm);
        unharmed(&wasm);
    }
}

#[test]
fn sections_of_hints_names_and_debug_information_that_are_odd_do_no_harm() {
    let wat = r#"(module (func $f (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    let mut collide = NameSection::new();
    let mut map = NameMap::new();
    map.append(0, "same");
    map.append(0, "same");
    map.append(77, "nobody");
    collide.functions(&map);
    for (name, data) in [
        ("metadata.code.branch_hint", &b"\xff\xff\xff\xff\x0f"[..]),
        ("metadata.code.branch_hint", b"\x01\x00\x01\x03\x01\x01"),
        ("name", b"\x01\xff\xff"),
        ("name", b"\x01\x05\xff\xff\xff\xff\x0f"),
        (".debug_info", b"nothing that could be read"),
        ("", b""),
    ] {
        let mut with = wasm.clone();
        wasm_encoder::Section::append_to(&CustomSection { name: name.into(), data: data.into() }, &mut with);
        accepted(&with);
        unharmed(&with);
    }
    let mut with = wasm;
    wasm_encoder::Section::append_to(&collide, &mut with);
    accepted(&with);
    unharmed(&with);
}

#[test]
fn names_go_with_their_functions() {
    let wat = r#"(module $m (import "host" "h" (func $h)) (memory 1)
        (func $inner (param $size i32) (memory.fill (i32.const 1) (i32.const 2) (local.get $size)))
        (func $outer (export "f") (call $h) (call $inner (i32.const 1000000))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    let metered = accepted(&wasm);
    let printed: Vec<String> = names_of(&metered.wasm);
    assert_eq!(
        printed,
        [
            "0 h",
            "1 sluice:meter.refill",
            "2 sluice:meter.unreachable",
            "3 inner",
            "4 outer",
            "5 sluice:meter.MemoryFill { memory: 0 }",
            "6 sluice:meter.MemoryFill { memory: 0 } in pieces"
        ]
    );
    // The trap's frames are compared with those of the original.
    unharmed(&wasm);
}

fn names_of(wasm: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let wasmparser::Payload::CustomSection(section) = payload.unwrap() else { continue };
        let wasmparser::KnownCustom::Name(names) = section.as_known() else { continue };
        for part in names {
            if let wasmparser::Name::Function(map) = part.unwrap() {
                found.extend(
                    map.into_iter().map(|name| name.unwrap()).map(|name| format!("{} {}", name.index, name.name)),
                );
            }
        }
    }
    found
}

#[test]
fn the_same_module_gives_the_same_bytes() {
    let wasm = wat::parse_str(r#"(module (memory 1) (func (export "f") (loop $l (memory.fill (i32.const 0) (i32.const 0) (memory.size)) (br $l))))"#).unwrap();
    assert_eq!(accepted(&wasm).wasm, accepted(&wasm).wasm);
}
