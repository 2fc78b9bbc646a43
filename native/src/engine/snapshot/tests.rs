use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::Source;
use super::take::{Conditions, Started, observable, take};
use super::write::{self, Number, Written};
use crate::abi::test_host::foreign;
use crate::abi::wasi::{WasiConfig, WasiState};
use crate::abi::wescale::Setup;
use crate::engine::compile;
use crate::engine::engine::Engine;
use crate::engine::error::Result;
use crate::engine::linker::{InstancePre, Linker};
use crate::engine::meter::pass::COUNTER_EXPORT;
use crate::engine::meter::refill::FIRST_SLICE;
use crate::engine::module::Module;
use crate::engine::session::Session;
use crate::engine::settings::{ENGINE_SETTINGS, EngineSettings, WescaleLimits};

const MEMORY_BYTES: i64 = 32 << 20;

fn engine() -> Arc<Engine> {
    engine_with(|_| {})
}

fn engine_with(change: impl FnOnce(&mut [i64; ENGINE_SETTINGS.len()])) -> Arc<Engine> {
    let mut settings = [MEMORY_BYTES, 20_000, 8, 256 << 10, 16 << 20, 1 << 20, 60_000_000_000, 1 << 20, 1, 0, 0, 0];
    change(&mut settings);
    Engine::with(EngineSettings::parse(&settings).unwrap()).unwrap()
}

fn conditions() -> Conditions {
    let limits =
        [50_000_000, -1, MEMORY_BYTES, 20_000, 1, 1, 16, 65_536, 1_000_000, 20_000_000, 10_000_000_000, 1 << 20];
    Conditions {
        limits: Arc::new(WescaleLimits::parse(&limits).unwrap()),
        budget: None,
        wasi: Arc::new(WasiConfig::default()),
        configuration: Arc::new([]),
        grants: 0,
        random_allowed: false,
    }
}

fn linked(engine: &Arc<Engine>, module: &Module) -> Result<InstancePre> {
    let linker = Linker::new(engine)?;
    linker.define_wasi()?;
    linker.define_wescale()?;
    linker.instantiate_pre(module)
}

fn session(engine: &Arc<Engine>, module: &Module) -> Result<Session> {
    let conditions = conditions();
    let wasi = WasiState::new(conditions.wasi.clone());
    Session::new(Arc::new(linked(engine, module)?), conditions.limits, None, wasi, Setup::default())
}

/// A plugin of dialect C with `fields` besides its entry points and a bump allocator.
fn plugin(fields: &str) -> Vec<u8> {
    let memory = if fields.contains("(memory (") { "" } else { r#"(memory (export "memory") 1 4)"# };
    let wat = format!(
        r#"(module
            (import "env" "SetErrorMessageOnHost" (func $error (param i64 i32 i32) (result i32)))
            (import "env" "InfoLogOnHost" (func $log (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
            (import "env" "SetGlobalValueByKeyOnHost" (func $share (param i32 i32 i32 i32) (result i32)))
            (import "env" "GlobalLockOnHost" (func $lock))
            (import "sluice" "add_counter" (func $count (param i32 i32 i64) (result i32)))
            {memory}
            (global $next (mut i32) (i32.const 4096))
            (func (export "malloc") (param i32) (result i32)
                (global.get $next)
                (global.set $next (i32.add (global.get $next) (local.get 0))))
            (func (export "RunBeforeExecutionOnGuest") (param i64)
                (drop (call $error (local.get 0) (i32.const 0) (i32.const 8))))
            (func (export "RunAfterExecutionOnGuest") (param i64))
            {fields})"#
    );
    wat::parse_str(wat).unwrap()
}

fn taken(wasm: &[u8]) -> (Option<Module>, String) {
    taken_with(wasm, &engine(), &conditions())
}

fn taken_with(wasm: &[u8], target: &Arc<Engine>, conditions: &Conditions) -> (Option<Module>, String) {
    let engine = engine();
    let quick = linked(&engine, &Module::compile(&engine, wasm.to_vec()).unwrap()).unwrap();
    let outcome = take(target, wasm, &quick, conditions);
    (outcome.module, outcome.reason)
}

fn refused(fields: &str) -> String {
    let (module, reason) = taken(&plugin(fields));
    assert!(module.is_none(), "{reason}");
    reason
}

/// What an instance of the module holds: its memory and its mutable globals, but for the counter of the call.
fn state_of(session: &mut Session, source: &Source<'_>) -> (Vec<u8>, Vec<Number>) {
    let (store, instance) = session.parts().unwrap();
    let counter = source.exported_global(COUNTER_EXPORT);
    let globals = source.mutable().filter(|(index, _)| Some(*index) != counter);
    let globals = globals.map(|(index, _)| super::take::number(store, instance, index).unwrap()).collect();
    let memory = instance.get_memory(&mut *store, write::MEMORY).unwrap();
    (memory.data(&*store).to_vec(), globals)
}

/// A snapshot whose instances let their state be read.
pub(super) fn readable(snapshot: &[u8]) -> Written {
    // The marker would be taken for a name that the guest has chosen.
    let place = snapshot.windows(super::RESERVED.len()).position(|bytes| bytes == super::RESERVED.as_bytes()).unwrap();
    let mut unmarked = snapshot.to_vec();
    unmarked[place] = b'S';
    write::observable(&Source::read(&unmarked).unwrap())
}

fn guests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins-test/guests");
    let mut found: Vec<PathBuf> = Vec::new();
    for language in root.read_dir().unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for guest in language.path().read_dir().unwrap().flatten() {
            let name = guest.file_name().into_string().unwrap();
            let wasm = guest.path().join(format!("{name}.wasm"));
            if wasm.exists() {
                found.push(wasm);
            }
        }
    }
    found.sort();
    found
}

const QUERIES: [&str; 5] = [
    "select 1",
    "UPDATE t SET a = 1",
    "/* where */ UPDATE t SET a = 'where'",
    "DELETE FROM t WHERE a = 2",
    "select * from a_table_with_a_long_name where x = 'y' order by z",
];

/// What a request sees, its fuel included; three in a row on one instance.
fn answers(session: &mut Session, query: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for round in 0..3 {
        let before = session.before(foreign(query.as_bytes()), None, round == 0);
        let mut answer = describe(session, before);
        if session.is_live() {
            let after = session.after(Some(foreign(b"an error")), None);
            answer.push_str(&describe(session, after));
        }
        answers.push(answer);
    }
    answers
}

fn describe(session: &Session, outcome: Result<()>) -> String {
    let outputs = session.outputs().unwrap();
    format!(
        "{outcome:?} {} {:?} {:?} {:?} {:?} fuel {} memory {}\n",
        outputs.bits,
        String::from_utf8_lossy(outputs.query),
        String::from_utf8_lossy(outputs.error),
        outputs.error_code,
        outputs.result,
        session.fuel_used(),
        session.memory_bytes()
    )
}

#[test]
fn every_guest_answers_from_a_snapshot_as_from_its_start() {
    let engine = engine();
    let mut conditions = conditions();
    conditions.random_allowed = true;
    let (mut same, mut without) = (Vec::new(), Vec::new());
    for path in guests() {
        let name = path.strip_prefix(path.ancestors().nth(3).unwrap()).unwrap().display().to_string();
        let wasm = std::fs::read(&path).unwrap();
        let plain = Module::compile(&engine, wasm.clone()).and_then(|module| session(&engine, &module));
        let Ok(mut plain) = plain else {
            without.push(format!("{name}: it is none that we would run"));
            continue;
        };
        let metered = compile::prepare(&engine, wasm).unwrap();
        let started = Source::read(&metered.wasm).and_then(|source| {
            Ok((Started::new(&observable(&source, &metered.origins, &engine)?, &conditions)?, source))
        });
        let (mut started, source) = match started {
            Ok(started) => started,
            Err(reason) => {
                without.push(format!("{name}: {reason}"));
                continue;
            }
        };
        let (written, _) = started.write(&source).unwrap();
        let state = state_of(&mut started.session, &source);
        drop(started);

        let Written { wasm, moved } = readable(&written.wasm);
        let inner = compile::compile_prepared(&engine, wasm).unwrap();
        let origins = Arc::new(metered.origins.moved(written.moved + moved));
        let mut restored = session(&engine, &Module { engine: engine.clone(), inner, origins }).unwrap();
        restored.prepare().unwrap();
        let (store, instance) = restored.parts().unwrap();
        let counter = super::take::number(store, instance, source.exported_global(COUNTER_EXPORT).unwrap());
        // Not what its start left: the first slice that every prepared instance is given.
        assert_eq!(counter, Some(Number::I64(FIRST_SLICE)), "{name}: the counter of a new instance");
        assert!(
            state_of(&mut restored, &source) == state,
            "{name}: a new instance of the snapshot holds something else"
        );
        // What a guest does with the time or at random differs between two runs, snapshot or not; and what was warmed up
        // uses less.
        let differs = ["c_wasi/wasi_report", "hostile/sleeps", "go/random_choices", "java/upper_case"];
        if !differs.iter().any(|guest| name.starts_with(guest)) {
            for query in QUERIES {
                assert_eq!(answers(&mut restored, query), answers(&mut plain, query), "{name}: {query}");
            }
        }
        same.push(name);
    }
    println!("{} same: {same:#?}\n{} without: {without:#?}", same.len(), without.len());
    assert!(same.len() >= 80, "{without:#?}");
    for language in ["assemblyscript", "c/", "c_wasi", "dialect_b", "go", "java", "rust", "upstream", "wat"] {
        assert!(same.iter().any(|name| name.starts_with(language)), "{language}: {without:#?}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused_by_name() {
    for (fields, reason) in [
        ("", "the module has no start, so its instances begin where a snapshot would"),
        (
            r#"(table 1 funcref) (func (export "_start") (table.set (i32.const 0) (ref.null func)))"#,
            "the module uses table.set (in function 10), whose effect a snapshot cannot see",
        ),
        (
            r#"(data $d "x") (func (export "_start") (data.drop $d))"#,
            "the module uses data.drop (in function 10), whose effect a snapshot cannot see",
        ),
        (
            r#"(table 1 funcref) (elem $e func $lock) (func (export "_start") (elem.drop $e))"#,
            "the module uses elem.drop (in function 10), whose effect a snapshot cannot see",
        ),
        (
            r#"(global (mut funcref) (ref.null func)) (func (export "_start"))"#,
            "the module keeps a reference in a global (global 1)",
        ),
        (
            r#"(func (export "_start") (drop (call $random (i32.const 0) (i32.const 8))))"#,
            "start asked for randomness (wasi_snapshot_preview1.random_get), which would be the same in every instance: \
             export sluice_after_restore and make it anew there, or allow it with snapshotDespiteRandomness",
        ),
        (
            r#"(func (export "_start") (drop (call $log (i32.const 0) (i32.const 8))))"#,
            "start logged something (env.InfoLogOnHost), which each instance would not",
        ),
        (
            r#"(func (export "_start") (drop (call $share (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 8))))"#,
            "start used what instances share (env.SetGlobalValueByKeyOnHost), which each instance would not",
        ),
        (
            r#"(func (export "_start") (call $lock))"#,
            "start used what instances share (env.GlobalLockOnHost), which each instance would not",
        ),
        (
            r#"(func $start (drop (call $count (i32.const 0) (i32.const 1) (i64.const 1)))) (start $start)"#,
            "start used what instances share (sluice.add_counter), which each instance would not",
        ),
        (
            r#"(func (export "_start")) (func (export "sluice_warm_up") (drop (call $log (i32.const 0) (i32.const 8))))"#,
            "sluice_warm_up logged something (env.InfoLogOnHost), which each instance would not",
        ),
    ] {
        assert_eq!(refused(fields), format!("not snapshotted: {reason}"));
    }
    let imported = wat::parse_str(r#"(module (import "env" "memory" (memory 1)))"#).unwrap();
    assert_eq!(Source::read(&imported).err().unwrap(), "the module imports the memory env.memory");
    let mutable = wat::parse_str(r#"(module (import "env" "g" (global (mut i32))))"#).unwrap();
    assert_eq!(Source::read(&mutable).err().unwrap(), "the module imports the mutable global env.g");
    let none = wat::parse_str("(module)").unwrap();
    assert_eq!(
        Source::read(&none).err().unwrap(),
        "the module has 0 memories of its own, a snapshot is of exactly one"
    );
    let named = wat::parse_str(r#"(module (memory (export "sluice:snapshot.1") 1))"#).unwrap();
    assert_eq!(Source::read(&named).err().unwrap(), "the module exports sluice:snapshot.1, a name that is reserved");
}

#[test]
fn names_of_the_host_cannot_be_exported() {
    let error = Module::compile(&engine(), plugin(r#"(func (export "sluice:snapshot.1"))"#)).err().unwrap();
    let text = format!("{error:?}");
    assert!(
        text.contains(
            "the module exports sluice:snapshot.1: names that begin with sluice:snapshot belong to snapshots"
        ),
        "{text}"
    );
}

#[test]
fn start_that_fails_is_the_reason() {
    for (body, reason) in [
        ("unreachable", "start failed: at start: trap: unreachable instruction executed"),
        ("(loop $l (br $l))", "start failed: at start: trap: out of fuel (limits of the call: 20000000 units of fuel"),
        ("(call $exit (i32.const 3))", "start failed: the guest ended itself by proc_exit(3)"),
    ] {
        let exit = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
        let wat = format!(
            r#"(module {exit} (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) (i32.const 8))
                (func (export "RunBeforeExecutionOnGuest") (param i64)) (func (export "RunAfterExecutionOnGuest") (param i64))
                (func (export "_initialize") {body}))"#
        );
        let (module, found) = taken(&wat::parse_str(wat).unwrap());
        assert!(module.is_none());
        assert!(found.starts_with(&format!("not snapshotted: {reason}")), "{found}");
    }
}

#[test]
fn start_that_grows_to_the_cap_is_kept_with_its_memory() {
    let fields = r#"(memory (export "memory") 1 1000) (func (export "_start")
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (i32.store (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4)) (i32.const 7)))"#;
    let (module, reason) = taken(&plugin(fields));
    assert_eq!(reason, "snapshotted after start");
    let engine = engine();
    let mut restored = session(&engine, &module.unwrap()).unwrap();
    restored.prepare().unwrap();
    let (store, instance) = restored.parts().unwrap();
    let memory = instance.get_memory(&mut *store, "memory").unwrap();
    let data = memory.data(&*store);
    assert_eq!((data.len() as i64, data[data.len() - 4]), (MEMORY_BYTES, 7));

    let smaller = engine_with(|settings| settings[0] = 1 << 20);
    let (module, reason) = taken_with(&plugin(fields), &smaller, &conditions());
    assert!(module.is_none());
    assert_eq!(
        reason,
        "not snapshotted: the memory after start has 33554432 bytes, 1048576 are allowed: raise maxMemoryBytes or use a \
         smaller guest"
    );
}

#[test]
fn code_that_is_not_metered_is_snapshotted_too() {
    let unmetered = engine_with(|settings| settings[8] = 0);
    let wasm = plugin(
        r#"(func (export "_start") (i32.store (i32.const 512) (i32.const 42)))
           (func (export "report") (result i64) (i64.load (i32.const 512)))"#,
    );
    let (module, reason) = taken_with(&wasm, &unmetered, &conditions());
    assert!(module.is_none());
    assert_eq!(reason, "not snapshotted: one of the engines is metered and the other is not: use two of a kind");
    let quick = linked(&unmetered, &Module::compile(&unmetered, wasm.clone()).unwrap()).unwrap();
    let outcome = take(&unmetered, &wasm, &quick, &conditions());
    assert_eq!(outcome.reason, "snapshotted after start");
    let mut session = session(&unmetered, &outcome.module.unwrap()).unwrap();
    session.prepare().unwrap();
    assert_eq!(report(&mut session), 42);
}

#[test]
fn module_that_its_memory_makes_too_large_is_refused() {
    let fields = r#"(memory (export "memory") 4) (func (export "_start")
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 131072)))"#;
    let smaller = engine_with(|settings| settings[4] = 100_000);
    let (module, reason) = taken_with(&plugin(fields), &smaller, &conditions());
    assert!(module.is_none());
    assert!(
        reason.starts_with("not snapshotted: the snapshot has 131")
            && reason.ends_with(" bytes, 100000 are allowed: raise maxModuleBytes or use a smaller guest"),
        "{reason}"
    );
}

#[test]
fn warm_up_that_traps_is_the_reason() {
    let reason = refused(r#"(func (export "_start")) (func (export "sluice_warm_up") unreachable)"#);
    assert!(reason.starts_with("not snapshotted: sluice_warm_up failed: trap: unreachable"), "{reason}");
    let endless = refused(r#"(func (export "_start")) (func (export "sluice_warm_up") (loop $l (br $l)))"#);
    assert!(endless.starts_with("not snapshotted: sluice_warm_up failed: trap: out of fuel"), "{endless}");
}

#[test]
fn snapshot_that_does_not_work_is_found_when_it_is_tried() {
    let restore = refused(r#"(func (export "_start")) (func (export "sluice_after_restore") unreachable)"#);
    assert!(restore.starts_with("not snapshotted: it could not be tried: at start: trap: unreachable"), "{restore}");
    let wat = r#"(module (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) unreachable)
        (func (export "RunBeforeExecutionOnGuest") (param i64)) (func (export "RunAfterExecutionOnGuest") (param i64))
        (func (export "_start")))"#;
    let (module, reason) = taken(&wat::parse_str(wat).unwrap());
    assert!(module.is_none());
    assert!(reason.starts_with("not snapshotted: it could not be tried: trap: unreachable"), "{reason}");
}

/// Calls `report`, which answers an i64 of the guest's.
fn report(session: &mut Session) -> i64 {
    let (store, instance) = session.parts().unwrap();
    instance.get_typed_func::<(), i64>(&mut *store, "report").unwrap().call(&mut *store, ()).unwrap()
}

#[test]
fn randomness_is_made_anew_in_each_instance_or_allowed_by_name() {
    let asks = r#"(func $ask (export "_initialize") (drop (call $random (i32.const 512) (i32.const 8))))
        (func (export "report") (result i64) (i64.load (i32.const 512)))"#;
    let engine = engine();
    let reports = |module: Module| -> Vec<i64> {
        let mut session = session(&engine, &module).unwrap();
        (0..3)
            .map(|_| {
                session.drop_instance();
                session.prepare().unwrap();
                report(&mut session)
            })
            .collect()
    };
    let mut allowed = conditions();
    allowed.random_allowed = true;
    let (frozen, reason) = taken_with(&plugin(asks), &engine, &allowed);
    assert_eq!(reason, "snapshotted after start");
    let frozen = reports(frozen.unwrap());
    assert!(frozen.iter().all(|value| *value == frozen[0] && *value != 0), "{frozen:?}");

    let renews = format!(r#"{asks} (func (export "sluice_after_restore") (call $ask))"#);
    let (renewed, reason) = taken(&plugin(&renews));
    assert_eq!(reason, "snapshotted after start");
    let renewed = reports(renewed.unwrap());
    assert!(renewed[0] != renewed[1] && renewed[1] != renewed[2] && !renewed.contains(&0), "{renewed:?}");
}

#[test]
fn restored_clock_never_runs_backwards() {
    let (module, reason) = taken(&plugin(
        r#"(func $ask (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 520))))
           (func (export "_initialize") (call $ask) (i64.store (i32.const 512) (i64.load (i32.const 520))))
           (func (export "report") (result i64) (call $ask)
             (i64.sub (i64.load (i32.const 520)) (i64.load (i32.const 512))))"#,
    ));
    assert_eq!(reason, "snapshotted after start");
    let engine = engine();
    let mut session = session(&engine, &module.unwrap()).unwrap();
    session.prepare().unwrap();
    assert!(report(&mut session) >= 0);
}

#[test]
fn warm_up_runs_before_the_snapshot_and_start_does_not_run_again() {
    let fields = r#"(global $starts (mut i64) (i64.const 0))
        (func (export "_initialize") (global.set $starts (i64.add (global.get $starts) (i64.const 1))))
        (func (export "sluice_warm_up") (global.set $starts (i64.add (global.get $starts) (i64.const 100))))
        (func (export "report") (result i64) (global.get $starts))"#;
    let (module, reason) = taken(&plugin(fields));
    assert_eq!(reason, "snapshotted after start and sluice_warm_up");
    let engine = engine();
    let mut session = session(&engine, &module.unwrap()).unwrap();
    session.prepare().unwrap();
    assert_eq!(report(&mut session), 101);
}

#[test]
fn passive_segments_keep_their_places() {
    let fields = r#"(data $first (i32.const 16) "first") (data $passive "passive") (data $last (i32.const 3000) "last")
        (global $v (mut v128) (v128.const i64x2 0 0)) (global $f (mut f64) (f64.const 0)) (global $s (mut f32) (f32.const 0))
        (func (export "_initialize") (i32.store8 (i32.const 60000) (i32.const 9))
          (global.set $v (v128.const i64x2 1 -2)) (global.set $f (f64.const -0.5)) (global.set $s (f32.const nan:0x200001)))
        (func (export "report") (result i64)
          (memory.init $passive (i32.const 128) (i32.const 0) (i32.const 7))
          (i64.add (i64.load (i32.const 128)) (i64.add (i64x2.extract_lane 1 (global.get $v))
            (i64.add (i64.reinterpret_f64 (global.get $f)) (i64.extend_i32_u (i32.reinterpret_f32 (global.get $s)))))))"#;
    let (module, reason) = taken(&plugin(fields));
    assert_eq!(reason, "snapshotted after start");
    let engine = engine();
    let mut session = session(&engine, &module.unwrap()).unwrap();
    session.prepare().unwrap();
    let expected = i64::from_le_bytes(*b"passive\0")
        .wrapping_add(-2)
        .wrapping_add((-0.5f64).to_bits() as i64)
        .wrapping_add(0x7fa0_0001);
    assert_eq!(report(&mut session), expected);
    let (store, instance) = session.parts().unwrap();
    let memory = instance.get_memory(&mut *store, "memory").unwrap().data(&*store);
    assert_eq!((&memory[16..21], &memory[3000..3004], memory[60_000]), (&b"first"[..], &b"last"[..], 9));
}
