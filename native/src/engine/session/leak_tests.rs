//! Nothing passes from one request to the next where each gets an instance of its own: for every guest there is, what
//! the second request finds is compared with an instance from a pool that nobody has used before.
//!
//! Modules hide their globals, tables and segments; so the modules of this test export all of it, and have functions
//! that try each passive segment.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use wasmparser::{DataKind, ElementKind, Parser, Payload, TypeRef};
use wasmtime::{Ref, Val};

use super::*;
use crate::abi::wasi::WasiConfig;
use crate::abi::wescale::shared;
use crate::engine::engine::Engine;
use crate::engine::linker::Linker;
use crate::engine::module::Module;
use crate::engine::settings::EngineSettings;

/// In all that the first request brings along.
const CANARY: &str = "CANARY-5c0fe8a1";
/// In its place in the request whose traces are compared.
const OTHER: &str = "nothing-special";
const PAGE: u64 = 65_536;
const MAX_MEMORY: i64 = 64 << 20;

// ---- modules that show all they have --------------------------------------------------------------------------------

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn read_leb(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (i, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return (value, i + 1);
        }
    }
    panic!("a number without an end");
}

/// What a module has of each kind, imports included.
#[derive(Default)]
struct Parts {
    types: u64,
    functions: u64,
    tables: u64,
    globals: u64,
    passive_data: Vec<u64>,
    passive_elements: Vec<u64>,
    counts_data: bool,
    shares_values: bool,
}

fn parts_of(wasm: &[u8]) -> Parts {
    let mut parts = Parts::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::TypeSection(reader) => parts.types = u64::from(reader.count()),
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.unwrap();
                    parts.shares_values |=
                        shared::NAMES_A.contains(&import.name) || shared::NAMES_B.contains(&import.name);
                    match import.ty {
                        TypeRef::Func(_) => parts.functions += 1,
                        other => panic!("no host offers {other:?}"),
                    }
                }
            }
            Payload::FunctionSection(reader) => parts.functions += u64::from(reader.count()),
            Payload::TableSection(reader) => parts.tables = u64::from(reader.count()),
            Payload::GlobalSection(reader) => parts.globals = u64::from(reader.count()),
            Payload::DataCountSection { .. } => parts.counts_data = true,
            Payload::DataSection(reader) => {
                for (i, data) in (0..).zip(reader) {
                    parts.passive_data.extend(matches!(data.unwrap().kind, DataKind::Passive).then_some(i));
                }
            }
            Payload::ElementSection(reader) => {
                for (i, element) in (0..).zip(reader) {
                    parts.passive_elements.extend(matches!(element.unwrap().kind, ElementKind::Passive).then_some(i));
                }
            }
            _ => {}
        }
    }
    parts
}

/// A function body that copies the first item of a passive segment to place 0: it traps once the segment is dropped.
fn probe(opcode: u8, segment: u64) -> Vec<u8> {
    let code = [&[0, 0x41, 0, 0x41, 0, 0x41, 1, 0xFC, opcode][..], &leb(segment), &[0, 0x0B]].concat();
    [leb(code.len() as u64), code].concat()
}

/// The section with more items at its end.
fn with_more(section: &[u8], items: &[Vec<u8>]) -> Vec<u8> {
    let (count, length) = read_leb(section);
    [leb(count + items.len() as u64), section[length..].to_vec(), items.concat()].concat()
}

fn renamed(section: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut section = section.to_vec();
    if let Some(at) = section.windows(from.len()).position(|window| window == from) {
        section[at..at + from.len()].copy_from_slice(to);
    }
    section
}

/// The same module with everything exported and a probe for each passive segment; its randomness has another name.
fn shown(wasm: &[u8], parts: &Parts) -> (Vec<u8>, usize) {
    let data = parts.passive_data.iter().filter(|_| parts.counts_data).map(|segment| probe(8, *segment));
    let elements = parts.passive_elements.iter().filter(|_| parts.tables > 0).map(|segment| probe(12, *segment));
    let probes: Vec<Vec<u8>> = data.chain(elements).collect();
    let mut exports = Vec::new();
    for (kind, name, first, count) in [
        (0, "func", 0, parts.functions),
        (1, "table", 0, parts.tables),
        (3, "global", 0, parts.globals),
        (0, "probe", parts.functions, probes.len() as u64),
    ] {
        exports.extend((0..count).map(|i| {
            let name = format!("leak {name} {i}").into_bytes();
            [leb(name.len() as u64), name, vec![kind], leb(first + i)].concat()
        }));
    }
    let mut out = wasm[..8].to_vec();
    let mut at = 8;
    while at < wasm.len() {
        let id = wasm[at];
        let (size, length) = read_leb(&wasm[at + 1..]);
        let start = at + 1 + length;
        at = start + size as usize;
        let section = &wasm[start..at];
        let changed = match id {
            1 => with_more(section, &[vec![0x60, 0, 0]]),
            2 => renamed(section, b"random_get", b"random_fix"),
            3 => with_more(section, &vec![leb(parts.types); probes.len()]),
            7 => with_more(section, &exports),
            10 => with_more(section, &probes),
            _ => section.to_vec(),
        };
        out.push(id);
        out.extend(leb(changed.len() as u64));
        out.extend(changed);
    }
    (out, probes.len())
}

// ---- requests -------------------------------------------------------------------------------------------------------

/// A pool with room for one instance, so that each meets its predecessor's place.
fn engine(number: i64) -> Arc<Engine> {
    let settings =
        [MAX_MEMORY, 100_000, 1, 256 << 10, (64 << 20) + number, 4 << 20, 600_000_000_000, 1 << 20, 1, 0, 0, 1];
    Engine::with(EngineSettings::parse(&settings).unwrap()).unwrap()
}

/// None for a guest that no host would run.
fn session(module: &Module) -> Option<Session> {
    let linker = Linker::new(&module.engine).unwrap();
    linker.define_wasi().unwrap();
    linker.define_wescale().unwrap();
    let i32s = vec![wasmtime::ValType::I32; 2];
    let ty = wasmtime::FuncType::new(&module.engine.inner, i32s, [wasmtime::ValType::I32]);
    let random = |mut caller: wasmtime::Caller<'_, StoreData>, params: &[Val], results: &mut [Val]| {
        let Some(wasmtime::Extern::Memory(memory)) = caller.get_export("memory") else { panic!("no memory") };
        let (at, length) = (params[0].unwrap_i32() as usize, params[1].unwrap_i32() as usize);
        memory.data_mut(&mut caller)[at..at + length].fill(0x5A);
        results[0] = Val::I32(0);
        Ok(())
    };
    linker.define_function("wasi_snapshot_preview1", "random_fix", ty, Box::new(random)).unwrap();
    let pre = linker.instantiate_pre(module).ok()?;
    // Clocks so coarse that they stand still: instances of one module then are the same, byte for byte.
    let resolution = i64::MAX;
    let limits = WescaleLimits::parse(&[
        20_000_000,
        200_000_000,
        MAX_MEMORY,
        100_000,
        1,
        1,
        16,
        65_536,
        resolution,
        500_000_000,
        60_000_000_000,
        16 << 20,
    ])
    .unwrap();
    let wasi = WasiState::new(Arc::new(WasiConfig::new(&[], &[], limits.store.clock_resolution).unwrap()));
    let setup = Setup { configuration: br#"{"a": 1}"#.to_vec().into(), grants: u32::MAX, ..Setup::default() };
    Session::new(Arc::new(pre), Arc::new(limits), None, wasi, setup).ok()
}

fn foreign(bytes: &[u8]) -> ForeignBytes {
    // SAFETY: `request` keeps the bytes until its calls have ended, and with them the state has forgotten these.
    unsafe { ForeignBytes::new(bytes.as_ptr(), bytes.len()) }
}

/// Before and after of one query, whatever becomes of them, with the word in everything that the guest can read.
fn request(session: &mut Session, query: &str, word: &str, fresh: bool) {
    let length = word.len() as u8;
    let properties: Vec<u8> = (0..wescale::PROPERTIES.len() as i32)
        .flat_map(|i| [&i.to_ne_bytes()[..], &i32::from(length).to_ne_bytes(), word.as_bytes()].concat())
        .collect();
    let field = [&[10, length][..], word.as_bytes(), &[16, 0x95, 0x30]].concat();
    let row = [&[10, 1, 2 * length, 18, length][..], word.as_bytes()].concat();
    let result = [&[10, field.len() as u8][..], &field, &[34, row.len() as u8], &row].concat();
    let query = query.replace('?', word);
    if session.before(foreign(query.as_bytes()), Some(foreign(&properties)), fresh).is_ok() {
        let _ = session.after(Some(foreign(word.as_bytes())), Some(foreign(&result)));
    }
}

const QUERIES: [&str; 3] =
    ["update t set a = '?'", "/* token: ? */ select ?, 'x' from t where b = '?'", "set_query ?; set_error ?; log ?"];

// ---- what an instance is --------------------------------------------------------------------------------------------

/// All that a guest can change of its instance.
#[derive(PartialEq)]
struct Found {
    memory: Vec<u8>,
    globals: Vec<String>,
    tables: Vec<Vec<Option<u64>>>,
}

fn live(session: &mut Session) -> &mut Live {
    let State::Live(live) = &mut session.state else { panic!("there is no instance") };
    live
}

fn found(session: &mut Session, parts: &Parts) -> Found {
    let Live { store, memory, instance, .. } = live(session);
    let mut numbers = HashMap::new();
    for i in 0..parts.functions {
        let func = instance.get_func(&mut *store, &format!("leak func {i}")).unwrap();
        numbers.insert(func.to_raw(&mut *store).addr(), i);
    }
    let mut globals = Vec::new();
    for i in 0..parts.globals {
        let global = instance.get_global(&mut *store, &format!("leak global {i}")).unwrap();
        globals.push(match global.get(&mut *store) {
            Val::FuncRef(func) => format!("{:?}", func.map(|func| numbers[&func.to_raw(&mut *store).addr()])),
            value => format!("{value:?}"),
        });
    }
    let mut tables = Vec::new();
    for i in 0..parts.tables {
        let table = instance.get_table(&mut *store, &format!("leak table {i}")).unwrap();
        let mut items = Vec::new();
        for at in 0..table.size(&*store) {
            let Some(Ref::Func(func)) = table.get(&mut *store, at) else { panic!("table {i} has no functions") };
            items.push(func.map(|func| numbers[&func.to_raw(&mut *store).addr()]));
        }
        tables.push(items);
    }
    Found { memory: memory.data(&*store).to_vec(), globals, tables }
}

fn assert_same(found: &Found, unused: &Found, what: &str) {
    assert_eq!(found.memory.len(), unused.memory.len(), "{what}: memory size");
    if let Some(at) = found.memory.iter().zip(&unused.memory).position(|(a, b)| a != b) {
        panic!("{what}: memory differs at {at}: {} instead of {}", found.memory[at], unused.memory[at]);
    }
    assert!(!holds(&found.memory, CANARY.as_bytes()), "{what}: the memory holds the canary");
    assert_eq!(found.globals, unused.globals, "{what}: globals");
    assert!(found.tables == unused.tables, "{what}: tables differ");
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == word[0]) {
        if rest[at..].starts_with(word) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Grows memory and tables from outside to what a request had, and a bit more: what comes up must be new.
fn grow(session: &mut Session, to: &Found) {
    let Live { store, memory, instance, .. } = live(session);
    let more = (to.memory.len() as u64 / PAGE + 1).saturating_sub(memory.size(&*store));
    let _ = memory.grow(&mut *store, more);
    for (i, items) in to.tables.iter().enumerate() {
        let table = instance.get_table(&mut *store, &format!("leak table {i}")).unwrap();
        let more = (items.len() as u64 + 1).saturating_sub(table.size(&*store));
        let _ = table.grow(&mut *store, more, Ref::Func(None));
    }
}

/// Which passive segments are still there; the first item of each that is goes to place 0.
fn segments(session: &mut Session, probes: usize) -> Vec<bool> {
    let Live { store, instance, .. } = live(session);
    (0..probes)
        .map(|i| {
            meter::arm(store, CallLimits { fuel: Some(1_000), deadline: None });
            let probe = instance.get_func(&mut *store, &format!("leak probe {i}")).unwrap();
            probe.call(&mut *store, &[], &mut []).is_ok()
        })
        .collect()
}

// ---- the rule -------------------------------------------------------------------------------------------------------

fn guests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins-test/guests");
    let mut all = Vec::new();
    for folder in root.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for guest in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            let wasm = guest.join(guest.file_name().unwrap()).with_extension("wasm");
            all.extend(wasm.is_file().then_some(wasm));
        }
    }
    all.sort();
    all
}

/// How the instance of the next request comes about.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Made when the request before has ended.
    Prepared,
    /// Made when the request is there.
    Inline,
}

/// False for a guest that no host would run.
fn compare(number: i64, wasm: &[u8], name: &str) -> bool {
    let parts = parts_of(wasm);
    let (wasm, probes) = shown(wasm, &parts);
    let Ok(module) = Module::compile(&engine(2 * number), wasm) else { return false };
    let clean = Module::deserialize(&engine(2 * number + 1), &module.serialize().unwrap()).unwrap();
    let Some(mut unused) = session(&clean) else { return false };
    if unused.prepare().is_err() {
        return false;
    }
    let new = found(&mut unused, &parts);
    let segments_of_new = segments(&mut unused, probes);
    for way in [Way::Prepared, Way::Inline] {
        let mut used = session(&module).unwrap();
        for query in QUERIES {
            let what = format!("{name}, {way:?}, after {query:?}");
            request(&mut used, query, CANARY, true);
            let left = used.is_live().then(|| found(&mut used, &parts));
            match way {
                Way::Prepared => used.renew().unwrap(),
                Way::Inline => {
                    used.drop_instance();
                    used.prepare().unwrap();
                }
            }
            let next = found(&mut used, &parts);
            assert_same(&next, &new, &what);
            // From here on both do the same, as one instance is as good as the other.
            unused.drop_instance();
            unused.prepare().unwrap();
            let to = left.as_ref().unwrap_or(&next);
            grow(&mut used, to);
            grow(&mut unused, to);
            assert_same(&found(&mut used, &parts), &found(&mut unused, &parts), &format!("{what}, grown"));
            assert_eq!(segments(&mut used, probes), segments_of_new, "{what}: dropped segments");
        }
        // The instance that a request finds is used like a new one: the same request leaves the same traces.
        if !parts.shares_values {
            for session in [&mut used, &mut unused] {
                session.drop_instance();
                session.prepare().unwrap();
                session.query = 7;
                request(session, QUERIES[0], OTHER, false);
            }
            assert_eq!(used.is_live(), unused.is_live(), "{name}, {way:?}: one of two equal requests failed");
            if used.is_live() {
                let what = format!("{name}, {way:?}, after the next request");
                assert_same(&found(&mut used, &parts), &found(&mut unused, &parts), &what);
            }
        }
    }
    true
}

#[test]
fn nothing_passes_from_request_to_request() {
    let guests = guests();
    let mut compared = 0;
    for (number, path) in (0..).zip(&guests) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        compared += usize::from(compare(number, &std::fs::read(path).unwrap(), name));
    }
    println!("compared {compared} of {} guests; the rest break the ABI or do not start", guests.len());
    assert!(compared >= 80, "only {compared} of {} guests were compared", guests.len());
}

#[test]
fn instance_that_is_kept_shows_what_this_test_looks_for() {
    let path = guests().into_iter().find(|path| path.ends_with("leaves_traces.wasm")).unwrap();
    let wasm = std::fs::read(path).unwrap();
    let parts = parts_of(&wasm);
    let (wasm, probes) = shown(&wasm, &parts);
    let mut session = session(&Module::compile(&engine(-1), wasm).unwrap()).unwrap();
    session.prepare().unwrap();
    let new = found(&mut session, &parts);
    request(&mut session, QUERIES[0], CANARY, false);
    let used = found(&mut session, &parts);
    assert!(used.memory.len() > new.memory.len());
    assert!(used.memory[..new.memory.len()] != new.memory[..]);
    assert!(used.globals.iter().zip(&new.globals).all(|(a, b)| a != b), "{:?}", used.globals);
    assert!(used.tables.iter().zip(&new.tables).all(|(a, b)| a.len() > b.len() && a[..b.len()] != b[..]));
    assert_eq!(segments(&mut session, probes), [false, false]);
}
