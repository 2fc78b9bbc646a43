use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::Trap;

use super::*;
use crate::abi::test_host::{Guest, foreign, host};
use crate::abi::wasi::WasiConfig;
use crate::abi::wescale::{Setup, WescaleState};
use crate::engine::shared::{SharedLimits, SharedScope};

const CTX: u64 = 7;
const END: u32 = 2 * 65536;

/// Every function of both dialects, each exported as it is imported; addresses 0 and 4 take what a getter gives.
const GUEST: &str = r#"(module
  (import "env" "GetValueByKeyOnHost" (func $get (param i32 i64 i32 i32 i32 i32) (result i32)))
  (import "env" "SetValueByKeyOnHost" (func $set (param i32 i64 i32 i32 i32 i32) (result i32)))
  (import "env" "LockOnHost" (func $lock (param i32 i64) (result i32)))
  (import "env" "UnlockOnHost" (func $unlock (param i32 i64) (result i32)))
  (import "env" "GetModuleValueByKeyOnHost" (func $get_module (param i64 i32 i32 i32 i32) (result i32)))
  (import "env" "SetModuleValueByKeyOnHost" (func $set_module (param i64 i32 i32 i32 i32) (result i32)))
  (import "env" "GetGlobalValueByKeyOnHost" (func $get_global (param i32 i32 i32 i32) (result i32)))
  (import "env" "SetGlobalValueByKeyOnHost" (func $set_global (param i32 i32 i32 i32) (result i32)))
  (import "env" "ModuleLockOnHost" (func $lock_module (param i64) (result i32)))
  (import "env" "ModuleUnlockOnHost" (func $unlock_module (param i64) (result i32)))
  (import "env" "ModuleUnLockOnHost" (func $unlock_module_old (param i64) (result i32)))
  (import "env" "GlobalLockOnHost" (func $lock_global (result i32)))
  (import "env" "GlobalUnlockOnHost" (func $unlock_global (result i32)))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (func $allocate (export "malloc") (export "proxy_on_memory_allocate") (param i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func (export "get") (param i32 i64 i32 i32 i32 i32) (result i32)
    (call $get (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)))
  (func (export "set") (param i32 i64 i32 i32 i32 i32) (result i32)
    (call $set (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)))
  (func (export "lock") (param i32 i64) (result i32) (call $lock (local.get 0) (local.get 1)))
  (func (export "unlock") (param i32 i64) (result i32) (call $unlock (local.get 0) (local.get 1)))
  (func (export "get_module") (param i64 i32 i32 i32 i32) (result i32)
    (call $get_module (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "set_module") (param i64 i32 i32 i32 i32) (result i32)
    (call $set_module (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "get_global") (param i32 i32 i32 i32) (result i32)
    (call $get_global (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "set_global") (param i32 i32 i32 i32) (result i32)
    (call $set_global (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "lock_module") (param i64) (result i32) (call $lock_module (local.get 0)))
  (func (export "unlock_module") (param i64) (result i32) (call $unlock_module (local.get 0)))
  (func (export "unlock_module_old") (param i64) (result i32) (call $unlock_module_old (local.get 0)))
  (func (export "lock_global") (result i32) (call $lock_global))
  (func (export "unlock_global") (result i32) (call $unlock_global)))"#;

/// How each dialect spells a function, and which scopes it can name.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    A,
    B,
}
use Spelling::{A, B};

fn guest_of(dialect: Dialect, module: Arc<SharedScope>, global: Arc<SharedScope>) -> Guest {
    let mut state = host(WasiConfig::default(), 1 << 20, 1 << 16);
    state.wescale = WescaleState::with_setup(1 << 20, Setup { dialect, module, global, ..Setup::default() });
    let mut guest = Guest::with(GUEST, state, true);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(b"select 1"));
    guest
}

fn scope_of(limits: SharedLimits) -> Arc<SharedScope> {
    Arc::new(SharedScope::new(limits))
}

fn guest(dialect: Dialect) -> Guest {
    guest_of(dialect, scope_of(SharedLimits::DEFAULT), scope_of(SharedLimits::DEFAULT))
}

fn token(guest: &mut Guest, dialect: Dialect) -> u64 {
    if dialect == Dialect::C { 0 } else { guest.store.data_mut().wescale.module_token() }
}

type Key = (u32, u32);

fn get_at(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64, key: Key, out: (u32, u32)) -> i32 {
    match (spelling, scope) {
        (B, _) => guest.call("get", (scope as u32, module, key.0, key.1, out.0, out.1)),
        (A, Scope::Module) => guest.call("get_module", (module, key.0, key.1, out.0, out.1)),
        (A, Scope::Global) => guest.call("get_global", (key.0, key.1, out.0, out.1)),
    }
    .unwrap()
}

fn set_at(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64, key: Key, value: Key) -> i32 {
    match (spelling, scope) {
        (B, _) => guest.call("set", (scope as u32, module, key.0, key.1, value.0, value.1)),
        (A, Scope::Module) => guest.call("set_module", (module, key.0, key.1, value.0, value.1)),
        (A, Scope::Global) => guest.call("set_global", (key.0, key.1, value.0, value.1)),
    }
    .unwrap()
}

fn lock_of(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64) -> wasmtime::Result<i32> {
    match (spelling, scope) {
        (B, _) => guest.call("lock", (scope as u32, module)),
        (A, Scope::Module) => guest.call("lock_module", module),
        (A, Scope::Global) => guest.call("lock_global", ()),
    }
}

fn unlock_of(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64) -> i32 {
    match (spelling, scope) {
        (B, _) => guest.call("unlock", (scope as u32, module)),
        (A, Scope::Module) => guest.call("unlock_module", module),
        (A, Scope::Global) => guest.call("unlock_global", ()),
    }
    .unwrap()
}

const SCOPES: [Scope; 2] = [Scope::Module, Scope::Global];
const DIALECTS: [Dialect; 3] = [Dialect::A, Dialect::B, Dialect::C];

/// Every spelling of every scope for plugins of every dialect.
fn everywhere(mut body: impl FnMut(&mut Guest, Spelling, Scope, u64, String)) {
    for dialect in DIALECTS {
        for spelling in [A, B] {
            for scope in SCOPES {
                let mut guest = guest(dialect);
                let module = token(&mut guest, dialect);
                body(&mut guest, spelling, scope, module, format!("{dialect:?} {spelling:?} {scope}"));
            }
        }
    }
}

fn set(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64, value: &[u8]) -> i32 {
    guest.write(1000, b"key");
    guest.write(2000, value);
    set_at(guest, spelling, scope, module, (1000, 3), (2000, value.len() as u32))
}

fn get(guest: &mut Guest, spelling: Spelling, scope: Scope, module: u64) -> Result<Vec<u8>, i32> {
    guest.write(1000, b"key");
    match get_at(guest, spelling, scope, module, (1000, 3), (0, 4)) {
        0 => Ok(guest.bytes(guest.u32_at(0), guest.u32_at(4)).to_vec()),
        status => Err(status),
    }
}

#[test]
fn values_are_set_and_got_in_every_dialect() {
    everywhere(|guest, spelling, scope, module, what| {
        assert_eq!(get(guest, spelling, scope, module), Err(1), "{what}: no such key");
        assert_eq!(set(guest, spelling, scope, module, b"one"), 0, "{what}");
        assert_eq!(get(guest, spelling, scope, module).unwrap(), b"one", "{what}");
        assert_eq!(set(guest, spelling, scope, module, b"second"), 0, "{what}");
        assert_eq!(get(guest, spelling, scope, module).unwrap(), b"second", "{what}");
        assert_eq!(set(guest, spelling, scope, module, b""), 0, "{what}");
        assert_eq!(get(guest, spelling, scope, module), Err(2), "{what}: an empty value");
        // The other scope has none of it.
        let other = if scope == Scope::Module { Scope::Global } else { Scope::Module };
        assert_eq!(get(guest, spelling, other, module), Err(1), "{what}");
        // Both spellings mean the same.
        assert_eq!(set(guest, A, scope, module, b"third"), 0, "{what}");
        assert_eq!(get(guest, B, scope, module).unwrap(), b"third", "{what}");
        assert!(guest.log().is_empty());
    });
}

#[test]
fn values_are_shared_by_scope() {
    let (one, two, global) =
        (scope_of(SharedLimits::DEFAULT), scope_of(SharedLimits::DEFAULT), scope_of(SharedLimits::DEFAULT));
    let mut first = guest_of(Dialect::C, one.clone(), global.clone());
    let mut sibling = guest_of(Dialect::C, one, global.clone());
    let mut other = guest_of(Dialect::C, two, global);
    set(&mut first, B, Scope::Module, 0, b"ours");
    set(&mut first, B, Scope::Global, 0, b"everyone's");
    assert_eq!(get(&mut sibling, A, Scope::Module, 0).unwrap(), b"ours");
    assert_eq!(get(&mut other, A, Scope::Module, 0), Err(1));
    assert_eq!(get(&mut other, A, Scope::Global, 0).unwrap(), b"everyone's");
}

#[test]
fn an_unknown_scope_is_status_2() {
    for dialect in DIALECTS {
        let mut guest = guest(dialect);
        let module = token(&mut guest, dialect);
        for scope in [2u32, 3, 1 << 31, u32::MAX] {
            let call: i32 = guest.call("get", (scope, module, 1000u32, 3u32, 0u32, 4u32)).unwrap();
            assert_eq!(call, 2);
            assert_eq!(guest.call::<_, i32>("set", (scope, module, 1000u32, 3u32, 0u32, 4u32)).unwrap(), 2);
            assert!(guest.log().is_empty());
            assert_eq!(guest.call::<_, i32>("lock", (scope, module)).unwrap(), 2);
            assert_eq!(guest.call::<_, i32>("unlock", (scope, module)).unwrap(), 2);
            let unknown = "the scope is neither 0 (module) nor 1 (global)";
            assert_eq!(guest.log(), [(1, format!("LockOnHost: {unknown}")), (1, format!("UnlockOnHost: {unknown}"))]);
        }
    }
}

#[test]
fn a_module_that_was_not_given_is_status_2() {
    for dialect in DIALECTS {
        let mut guest = guest(dialect);
        let module = token(&mut guest, dialect);
        for forged in [module ^ 1, module.wrapping_add(1), u64::MAX, if module == 0 { 1 } else { 0 }] {
            for (spelling, scope) in [(A, Scope::Module), (B, Scope::Module), (B, Scope::Global)] {
                assert_eq!(get(&mut guest, spelling, scope, forged), Err(2));
                assert_eq!(set(&mut guest, spelling, scope, forged, b"x"), 2);
                assert_eq!(lock_of(&mut guest, spelling, scope, forged).unwrap(), 2);
                assert_eq!(unlock_of(&mut guest, spelling, scope, forged), 2);
                let names = match spelling {
                    A => ["ModuleLockOnHost", "ModuleUnlockOnHost"],
                    B => ["LockOnHost", "UnlockOnHost"],
                };
                let expected =
                    names.map(|name| (1, format!("{name}: the module is not the one that this plugin was given")));
                assert_eq!(guest.log(), expected);
            }
        }
        assert_eq!(get(&mut guest, B, Scope::Module, module), Err(1), "nothing was set");
    }
}

#[test]
fn a_key_of_no_bytes_is_status_2() {
    everywhere(|guest, spelling, scope, module, what| {
        for key in [(1000, 0), (u32::MAX, 0)] {
            assert_eq!(get_at(guest, spelling, scope, module, key, (0, 4)), 2, "{what}");
            assert_eq!(set_at(guest, spelling, scope, module, key, (2000, 1)), 2, "{what}");
        }
        assert!(guest.log().is_empty());
    });
}

#[test]
fn addresses_out_of_memory_are_status_10() {
    let bad = [(END, 1), (END - 1, 2), (1, u32::MAX), (u32::MAX, 1), (u32::MAX, u32::MAX), (0, 1 << 31)];
    everywhere(|guest, spelling, scope, module, what| {
        set(guest, spelling, scope, module, b"one");
        for key in bad {
            assert_eq!(get_at(guest, spelling, scope, module, key, (0, 4)), 10, "{what} {key:?}");
            assert_eq!(set_at(guest, spelling, scope, module, key, (2000, 1)), 10, "{what} {key:?}");
            assert_eq!(set_at(guest, spelling, scope, module, (1000, 3), key), 10, "{what} {key:?}");
        }
        for out in [(END - 3, 0), (0, END), (u32::MAX, 0), (0, u32::MAX - 3)] {
            assert_eq!(get_at(guest, spelling, scope, module, (1000, 3), out), 10, "{what} {out:?}");
        }
        assert!(guest.log().is_empty());
        assert_eq!(get(guest, spelling, scope, module).unwrap(), b"one", "{what}");
    });
}

#[test]
fn every_limit_is_status_10_and_named_in_the_log() {
    let limits = SharedLimits { max_key_bytes: 8, max_value_bytes: 16, max_entries: 2, max_total_bytes: 24 };
    for (spelling, scope, function) in [
        (A, Scope::Module, "SetModuleValueByKeyOnHost"),
        (A, Scope::Global, "SetGlobalValueByKeyOnHost"),
        (B, Scope::Module, "SetValueByKeyOnHost"),
        (B, Scope::Global, "SetValueByKeyOnHost"),
    ] {
        let mut guest = guest_of(Dialect::C, scope_of(limits), scope_of(limits));
        let refused = |guest: &mut Guest, key: Key, value: Key| {
            assert_eq!(set_at(guest, spelling, scope, 0, key, value), 10);
            let log = guest.log();
            assert_eq!(log.len(), 1);
            assert_eq!(log[0].0, 1);
            log[0].1.clone()
        };
        let key_limit = "9 bytes of key asked for, 8 allowed: use shorter keys or raise SharedLimits.maxKeyBytes";
        assert_eq!(refused(&mut guest, (1000, 9), (0, 1)), format!("{function}: {key_limit}"));
        assert_eq!(get_at(&mut guest, spelling, scope, 0, (1000, 9), (0, 4)), 10);
        assert_eq!(guest.log(), [(1, format!("{}: {key_limit}", function.replacen("Set", "Get", 1)))]);
        assert_eq!(
            refused(&mut guest, (1000, 1), (0, 17)),
            format!(
                "{function}: 17 bytes of value asked for, 16 allowed: store less or raise SharedLimits.maxValueBytes"
            )
        );
        guest.write(1000, b"abc");
        assert_eq!(set_at(&mut guest, spelling, scope, 0, (1000, 1), (0, 16)), 0);
        assert_eq!(
            refused(&mut guest, (1001, 1), (0, 7)),
            format!("{function}: 25 bytes of keys and values asked for, 24 allowed: raise SharedLimits.maxTotalBytes")
        );
        assert_eq!(set_at(&mut guest, spelling, scope, 0, (1001, 1), (0, 1)), 0);
        assert_eq!(
            refused(&mut guest, (1002, 1), (0, 1)),
            format!("{function}: 3 entries asked for, 2 allowed: raise SharedLimits.maxEntries")
        );
    }
}

#[test]
fn a_key_of_1_mib_is_refused_by_the_default_limit() {
    let big = GUEST.replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 20)");
    let mut guest = Guest::with(&big, host(WasiConfig::default(), 1 << 20, 1 << 16), true);
    guest.store.data_mut().wescale.begin_before(CTX, foreign(b"q"));
    assert_eq!(set_at(&mut guest, B, Scope::Global, 0, (1000, 1 << 20), (0, 1)), 10);
    assert_eq!(
        guest.log(),
        [(
            1,
            "SetValueByKeyOnHost: 1048576 bytes of key asked for, 1024 allowed: use shorter keys or raise \
             SharedLimits.maxKeyBytes"
                .to_owned()
        )]
    );
}

#[test]
fn locks_are_taken_and_left_in_every_dialect() {
    everywhere(|guest, spelling, scope, module, what| {
        assert_eq!(lock_of(guest, spelling, scope, module).unwrap(), 0, "{what}");
        assert!(guest.store.data_mut().wescale.scope(scope).lock().is_locked(), "{what}");
        assert_eq!(unlock_of(guest, spelling, scope, module), 0, "{what}");
        assert!(!guest.store.data_mut().wescale.scope(scope).lock().is_locked(), "{what}");
        assert!(guest.log().is_empty());
    });
    let mut guest = guest(Dialect::C);
    assert_eq!(lock_of(&mut guest, A, Scope::Module, 0).unwrap(), 0);
    assert_eq!(guest.call::<_, i32>("unlock_module_old", 0u64).unwrap(), 0, "the early host's spelling");
}

#[test]
fn a_lock_taken_twice_is_status_2_and_still_held() {
    everywhere(|guest, spelling, scope, module, what| {
        lock_of(guest, spelling, scope, module).unwrap();
        assert_eq!(lock_of(guest, spelling, scope, module).unwrap(), 2, "{what}");
        let log = guest.log();
        assert_eq!(log.len(), 1);
        assert!(
            log[0].1.ends_with(&format!("LockOnHost: this query has the {scope} lock already: unlock it first")),
            "{log:?}"
        );
        assert!(guest.store.data_mut().wescale.scope(scope).lock().is_locked(), "{what}");
    });
}

#[test]
fn an_unlock_without_a_lock_is_status_2() {
    everywhere(|guest, spelling, scope, module, what| {
        assert_eq!(unlock_of(guest, spelling, scope, module), 2, "{what}");
        let log = guest.log();
        assert!(
            log[0].1.ends_with(&format!("UnlockOnHost: this query does not have the {scope} lock: lock it first")),
            "{log:?}"
        );
        // Somebody else's is not unlocked by it.
        let lock = guest.store.data_mut().wescale.scope(scope).clone();
        assert!(lock.lock().try_lock());
        assert_eq!(unlock_of(guest, spelling, scope, module), 2, "{what}");
        assert!(lock.lock().is_locked(), "{what}");
    });
}

#[test]
fn at_start_there_is_no_query_to_own_a_lock() {
    let mut guest = guest(Dialect::C);
    guest.store.data_mut().wescale.end_call();
    assert_eq!(lock_of(&mut guest, A, Scope::Global, 0).unwrap(), 2);
    assert_eq!(
        guest.log(),
        [(1, "GlobalLockOnHost: a lock belongs to a query, and there is none at start".to_owned())]
    );
}

#[test]
fn locks_end_with_their_query() {
    type End = fn(&mut WescaleState);
    let ends: [(&str, End); 4] = [
        ("the query's end", WescaleState::end_query),
        ("the next query", |state| state.begin_before(CTX + 1, foreign(b"q"))),
        ("the instance's end", WescaleState::forget_instance),
        ("the state's end", |state| drop(std::mem::take(state))),
    ];
    for (what, end) in ends {
        let (module, global) = (scope_of(SharedLimits::DEFAULT), scope_of(SharedLimits::DEFAULT));
        let mut guest = guest_of(Dialect::C, module.clone(), global.clone());
        for scope in SCOPES {
            lock_of(&mut guest, B, scope, 0).unwrap();
        }
        // From before to after it is held.
        guest.store.data_mut().wescale.end_call();
        guest.store.data_mut().wescale.begin_after(None, None);
        assert!(module.lock().is_locked() && global.lock().is_locked());
        end(&mut guest.store.data_mut().wescale);
        assert!(!module.lock().is_locked() && !global.lock().is_locked(), "{what}");
    }
}

#[test]
fn waiting_for_a_lock_ends_with_the_deadline() {
    everywhere(|guest, spelling, scope, module, what| {
        let other = guest.store.data_mut().wescale.scope(scope).clone();
        assert!(other.lock().try_lock());
        guest.store.data_mut().deadline = Some(Duration::from_millis(5));
        guest.store.data_mut().ends = None;
        let start = Instant::now();
        let error = lock_of(guest, spelling, scope, module).unwrap_err();
        assert_eq!(error.downcast_ref::<LockTimeout>(), Some(&LockTimeout(scope)), "{what}");
        assert!(start.elapsed() >= Duration::from_millis(5));
        assert_eq!(other.lock().waiting(), 0);
        // What was not taken is not left.
        guest.store.data_mut().wescale.end_query();
        assert!(other.lock().is_locked(), "{what}");
    });
}

#[test]
fn every_call_costs_fuel() {
    let mut guest = guest(Dialect::C);
    let mut costs = |name: &str, body: &mut dyn FnMut(&mut Guest)| {
        let start = guest.store.get_fuel().unwrap();
        body(&mut guest);
        let used = start - guest.store.get_fuel().unwrap();
        assert!(used >= BASE_UNITS, "{name}: {used}");
    };
    costs("unknown scope", &mut |guest| assert_eq!(unlock_of(guest, B, Scope::Global, 1), 2));
    costs("wrong module", &mut |guest| assert_eq!(get(guest, B, Scope::Global, 1), Err(2)));
    costs("empty key", &mut |guest| assert_eq!(set_at(guest, A, Scope::Global, 0, (0, 0), (0, 0)), 2));
    costs("bad key", &mut |guest| assert_eq!(get_at(guest, A, Scope::Global, 0, (END, 1), (0, 4)), 10));
    costs("no such key", &mut |guest| assert_eq!(get(guest, A, Scope::Global, 0), Err(1)));
    costs("lock", &mut |guest| assert_eq!(lock_of(guest, A, Scope::Global, 0).unwrap(), 0));
    guest.store.set_fuel(LOCK_UNITS / 2).unwrap();
    let error = guest.call::<_, i32>("unlock_global", ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}

#[test]
fn a_value_that_changes_in_the_allocator_is_the_one_that_was_asked_for() {
    let wat = GUEST.replace(
        "(global.get $next)\n",
        "(drop (call $set_global (i32.const 1000) (i32.const 3) (i32.const 2000) (i32.const 1)))\n    (global.get $next)\n",
    );
    let mut guest = Guest::with(&wat, host(WasiConfig::default(), 1 << 20, 1 << 16), true);
    set(&mut guest, A, Scope::Global, 0, b"first");
    assert_eq!(get(&mut guest, A, Scope::Global, 0).unwrap(), b"first");
    assert_eq!(get(&mut guest, A, Scope::Global, 0).unwrap(), b"f");
}

#[test]
fn every_lock_function_links_without_a_result_too() {
    use wasmtime::{Linker, Module, Store};
    let engine = crate::abi::test_host::engine(true);
    let mut linker = Linker::new(&engine);
    super::super::add_to_linker(&mut linker).unwrap();
    linker.allow_shadowing(true);
    for name in RESULTLESS {
        assert!(without_result(&mut linker, name).unwrap());
        let params = match name {
            "LockOnHost" | "UnlockOnHost" => "(param i32 i64)",
            "GlobalLockOnHost" | "GlobalUnlockOnHost" => "",
            _ => "(param i64)",
        };
        let wat = format!(r#"(module (import "env" "{name}" (func {params})))"#);
        let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        let mut store = Store::new(&engine, host(WasiConfig::default(), 0, 0));
        linker.instantiate(&mut store, &module).unwrap();
    }
    assert!(!without_result(&mut linker, "SetValueByKeyOnHost").unwrap());
}

#[test]
fn an_allocator_cannot_make_the_host_hold_more_than_four_values() {
    // Each allocation replaces the value and asks for the new one: what is replaced would stay in the host's hand, as many
    // times as the stack has room for.
    let mut guest = Guest::new(
        r#"(module
        (import "env" "GetGlobalValueByKeyOnHost" (func $get (param i32 i32 i32 i32) (result i32)))
        (import "env" "SetGlobalValueByKeyOnHost" (func $set (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 4)
        (global $depth (mut i32) (i32.const 0))
        (func $store (param i32)
            (i32.store8 (i32.const 65536) (local.get 0))
            (if (call $set (i32.const 64) (i32.const 1) (i32.const 65536) (i32.const 1000)) (then unreachable)))
        (func (export "malloc") (param i32) (result i32)
            (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
            (call $store (global.get $depth))
            (drop (call $get (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 4)))
            (i32.const 131072))
        (func (export "run") (result i32)
            (call $store (i32.const 99))
            (if (call $get (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 4)) (then unreachable))
            (global.get $depth)))"#,
    );
    for _ in 0..3 {
        let deep: i32 = guest.call("run", ()).unwrap();
        assert_eq!(deep % 4, 0, "{deep}");
    }
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 16);
}
