use super::*;
use crate::abi::wasi::{WasiConfig, WasiState};
use crate::abi::wescale::Setup;
use crate::engine::session::Session;
use crate::engine::settings::{EngineSettings, WescaleLimits};

const MEMORY_BYTES: i64 = 1 << 20;

/// What a plugin needs to be one.
const PLUGIN: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "RunBeforeExecutionOnGuest") (param i64))
  (func (export "RunAfterExecutionOnGuest") (param i64)))"#;

fn plugin() -> WescaleSlot {
    let settings = [MEMORY_BYTES, 20_000, 8, 256 << 10, 16 << 20, 1 << 20, 60_000_000_000, 1 << 20, 1, 0, 0, 0];
    let engine = Engine::with(EngineSettings::parse(&settings).unwrap()).unwrap();
    let module = Module::compile(&engine, wat::parse_str(PLUGIN).unwrap()).unwrap();
    let linker = Linker::new(&engine).unwrap();
    linker.define_wasi().unwrap();
    linker.define_wescale().unwrap();
    let limits =
        [50_000_000, -1, MEMORY_BYTES, 20_000, 1, 1, 16, 65_536, 1_000_000, 20_000_000, 10_000_000_000, 1 << 20];
    let limits = Arc::new(WescaleLimits::parse(&limits).unwrap());
    let wasi = WasiState::new(Arc::new(WasiConfig::default()));
    let pre = Arc::new(linker.instantiate_pre(&module).unwrap());
    Session::new(pre, limits, None, wasi, Setup::default()).unwrap().into()
}

/// The same place and generation under the other type's name.
fn as_store(handle: i64) -> i64 {
    let (index, generation) = unpack(handle, Tag::Wescale).unwrap();
    pack(Tag::Store, index, generation)
}

fn state(handle: i64) -> u64 {
    let (index, _) = unpack(handle, Tag::Wescale).unwrap();
    CONFINED.get(index).unwrap().state.load(Ordering::SeqCst)
}

fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(Error::IllegalArgument(message) | Error::IllegalState(message)) => message,
        Err(_) => "another error".to_owned(),
    }
}

const WRONG: &str = "wrong handle: expected one of a store, found one of wescale instance";

#[test]
fn a_handle_of_another_type_closes_nothing() {
    let handle = confine(plugin()).unwrap();
    let foreign = as_store(handle);
    let before = state(handle);
    assert_eq!(message(close_confined::<StoreSlot>(foreign)), WRONG);
    assert_eq!(message(hold::<StoreSlot>(foreign)), WRONG);
    assert_eq!(state(handle), before);

    // In the middle of a call, too: it goes on, and the object outlives it.
    let held = hold::<WescaleSlot>(handle).unwrap();
    let busy = state(handle);
    assert_eq!(message(close_confined::<StoreSlot>(foreign)), WRONG);
    assert_eq!(message(hold::<StoreSlot>(foreign)), WRONG);
    assert_eq!(state(handle), busy);
    drop(held);
    assert_eq!(state(handle), before);

    assert_eq!(message(close_confined::<WescaleSlot>(handle)), "done");
    assert_eq!(message(close_confined::<WescaleSlot>(handle)), "done");
    assert_eq!(message(hold::<WescaleSlot>(handle)), "wescale instance is closed");
    assert_eq!(message(hold::<StoreSlot>(foreign)), "store is closed");
}

#[test]
fn a_place_that_was_freed_is_given_out_under_a_new_generation() {
    let (index, slot) = CONFINED.take().unwrap();
    let first = generation(slot.state.load(Ordering::SeqCst));
    slot.state.store(idle(Tag::Wescale, first as u32) | VACANT, Ordering::SeqCst);
    free(slot, index);
    let vacant = slot.state.load(Ordering::SeqCst);
    // Another test may have it already, but never under the generation that is over.
    assert!(generation(vacant) > first, "{first} {vacant:x}");
}

#[test]
fn a_state_keeps_tag_and_generation_apart() {
    for tag in [Tag::Store, Tag::Wescale] {
        for of in [1, 2, u32::MAX] {
            let state = idle(tag, of);
            assert_eq!((generation(state), state >> 56, state & VACANT), (u64::from(of), tag as u64, 0));
            assert_eq!(generation(state | VACANT), u64::from(of));
        }
    }
}
