//! `fuzz-modules SEED COUNT` writes that many modules to its standard output, each after its length as a 32-bit
//! little-endian number. The same seed gives the same modules; `fuzz-modules SEED+I 1` gives the module of index I.
//! With `functions` behind, they import functions only, each by a name of its own, and every third is a mutant. With
//! `snapshots` behind, all of an instance's state is in one memory and in globals.

mod structured;

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arbitrary::Unstructured;
use wasm_mutate::WasmMutate;
use wasm_smith::{Config, Module};
use wasmparser::{Operator, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures};

/// Instructions that a mutant's rewriting may look at; without a bound a few take seconds.
const MUTATION_FUEL: u64 = 300;
/// They take ten times as long to compile as the others.
const STRUCTURED_SHARE: u64 = 16;
/// One mutation puts megabytes into data segments.
const MUTANT_BYTES: usize = 1 << 16;

/// What the engine compiles in; shapes that the meter has rules for come often.
fn config(random: &mut Random) -> Config {
    let mut config = Config {
        allow_invalid_funcs: false,
        bulk_memory_enabled: true,
        canonicalize_nans: true,
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        export_everything: random.one_in(3),
        extended_const_enabled: true,
        gc_enabled: false,
        generate_custom_sections: random.one_in(16),
        max_data_segments: 8,
        max_element_segments: 8,
        max_elements: 24,
        max_exports: 12,
        max_funcs: 16,
        max_globals: 12,
        max_imports: 6,
        max_instructions: 120,
        max_memories: 1,
        max_memory32_bytes: 4 << 20,
        max_nesting_depth: 10,
        max_table_elements: 200,
        max_tables: 3,
        max_types: 12,
        memory64_enabled: false,
        memory_max_size_required: true,
        min_exports: 2,
        min_funcs: 2,
        multi_value_enabled: true,
        reference_types_enabled: random.one_in(2),
        relaxed_simd_enabled: false,
        simd_enabled: random.one_in(2),
        table_max_size_required: true,
        tail_call_enabled: true,
        threads_enabled: false,
        ..Config::default()
    };
    config.disallow_traps = random.one_in(2);
    match random.next() % 8 {
        // Long functions.
        0 => {
            config.max_instructions = 2_000;
            config.max_funcs = 6;
        }
        // Many small ones that call each other, which is where folding decides something.
        1 | 2 => {
            config.min_funcs = 10;
            config.max_funcs = 40;
            config.max_instructions = 25;
            config.max_types = 3;
            config.export_everything = false;
            config.max_exports = 4;
        }
        // Tables and what fills them.
        3 => {
            config.min_tables = 1;
            config.min_element_segments = 2;
        }
        // Memories and what fills them.
        4 => {
            config.min_memories = 1;
            config.min_data_segments = 2;
        }
        // Numbers longer than they need to be, as linkers write them.
        5 => config.min_uleb_size = 1 + (random.next() % 5) as u8,
        _ => {}
    }
    config
}

/// The generator of Marsaglia's 64-bit shifts, seeded through a mixer so that neighbouring seeds differ.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((mixed ^ mixed >> 31) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next() >> 20 & 0xffff < 0x1_0000 / n
    }

    fn below(&mut self, n: u32) -> u32 {
        (((self.next() >> 32) * u64::from(n)) >> 32) as u32
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next().to_le_bytes()).flatten().take(count).collect()
    }
}

fn module(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    if seed.is_multiple_of(2) { structured::module(&mut random) } else { smith(&mut random, 1024) }
}

/// From that many random bytes, or up to 32 times as many.
fn smith(random: &mut Random, least: usize) -> Vec<u8> {
    loop {
        let config = config(random);
        let length = least << (random.next() % 6);
        let bytes = random.bytes(length);
        // A few bytes at once can ask for a thing that the settings do not allow: the next ones will do.
        let Ok(module) = Module::new(config, &mut Unstructured::new(&bytes)) else { continue };
        let wasm = module.to_bytes();
        if is_valid(&wasm) {
            return wasm;
        }
    }
}

fn is_valid(wasm: &[u8]) -> bool {
    // References to the host's objects belong to the garbage collection that the engine does without, and cannot be
    // switched off alone.
    let features = WasmFeatures::default().difference(WasmFeatures::GC_TYPES);
    Validator::new_with_features(features).validate_all(wasm).is_ok()
}

/// Whether a host that offers functions by name can link it.
fn imports_functions_only(wasm: &[u8]) -> bool {
    let mut names = HashSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(Payload::ImportSection(imports)) = payload else { continue };
        for import in imports.into_imports() {
            let Ok(import) = import else { return false };
            if !matches!(import.ty, TypeRef::Func(_)) || !names.insert((import.module, import.name)) {
                return false;
            }
        }
    }
    true
}

/// As many mutations as work out of a few, each on what the one before made.
fn mutant(mut wasm: Vec<u8>, seed: u64) -> Vec<u8> {
    for round in 0..1 + seed % 4 {
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut mutate = WasmMutate::default();
            mutate.seed(seed.wrapping_mul(31).wrapping_add(round)).fuel(MUTATION_FUEL);
            mutate.run(&wasm).ok()?.next()?.ok()
        }));
        if let Ok(Some(next)) = made
            && next.len() <= MUTANT_BYTES
            && is_valid(&next)
            && imports_functions_only(&next)
        {
            wasm = next;
        }
    }
    wasm
}

fn linkable(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let wasm = if seed.is_multiple_of(STRUCTURED_SHARE) {
        structured::module(&mut random)
    } else {
        loop {
            let wasm = smith(&mut random, 128);
            if imports_functions_only(&wasm) {
                break wasm;
            }
        }
    };
    if seed % 3 == 2 { mutant(wasm, seed) } else { wasm }
}

/// Whether nothing changes but one memory of its own and globals that hold numbers.
fn has_visible_state(wasm: &[u8]) -> bool {
    let mut memories = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ImportSection(imports)) => {
                for import in imports.into_imports() {
                    match import.map(|import| import.ty) {
                        Ok(TypeRef::Func(_)) => {}
                        Ok(TypeRef::Global(ty)) if !ty.mutable => {}
                        _ => return false,
                    }
                }
            }
            Ok(Payload::MemorySection(section)) => memories += section.count(),
            Ok(Payload::GlobalSection(section)) => {
                let refers = |ty: wasmparser::GlobalType| ty.mutable && matches!(ty.content_type, ValType::Ref(_));
                if section.into_iter().any(|global| global.is_ok_and(|global| refers(global.ty))) {
                    return false;
                }
            }
            Ok(Payload::CodeSectionEntry(body)) => {
                let Ok(mut operators) = body.get_operators_reader() else { return false };
                while let Ok(operator) = operators.read() {
                    if matches!(
                        operator,
                        Operator::TableSet { .. }
                            | Operator::TableGrow { .. }
                            | Operator::TableFill { .. }
                            | Operator::TableCopy { .. }
                            | Operator::TableInit { .. }
                            | Operator::ElemDrop { .. }
                            | Operator::DataDrop { .. }
                    ) {
                        return false;
                    }
                    if operators.eof() {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    memories == 1
}

fn snapshotable(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut tries = 0;
    loop {
        tries += 1;
        let structured = seed.is_multiple_of(4) && tries <= 200;
        let wasm = if structured { structured::module(&mut random) } else { smith(&mut random, 512) };
        if has_visible_state(&wasm) {
            return wasm;
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (seed, count) = (number(), number());
    let kind = arguments.next();
    let make: Option<fn(u64) -> Vec<u8>> = match kind.as_deref() {
        None => Some(module),
        Some("functions") => Some(linkable),
        Some("snapshots") => Some(snapshotable),
        Some(_) => None,
    };
    let (Some(seed), Some(count), Some(make)) = (seed, count, make) else {
        eprintln!("usage: fuzz-modules SEED COUNT [functions | snapshots]");
        std::process::exit(2);
    };
    if kind.as_deref() == Some("functions") {
        // A mutator that gives up by a panic is no news.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for index in 0..count {
        let seed = seed.wrapping_add(index);
        let bytes = make(seed);
        out.write_all(&(bytes.len() as u32).to_le_bytes())?;
        out.write_all(&bytes)?;
    }
    out.flush()
}
