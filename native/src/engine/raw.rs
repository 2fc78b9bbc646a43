//! The one place for wasmtime's unchecked calls. Each function here is safe to call or says what it takes.

use std::ptr::NonNull;

use wasmtime::{AsContextMut, Func, Global, Store, Val, ValRaw, ValType};

use super::error::{Error, Result};
use super::mapped::Region;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use super::mapped::code_memory;
use super::store::FuncEntry;
use super::types;

/// Loads native code; the caller has checked that it is whole and was made by an engine like this one.
///
/// That it is *harmless* only its origin can tell: that is why the public name of this call asks to be vouched for.
pub fn deserialize(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<wasmtime::Module> {
    // SAFETY: the bytes came from `Module::serialize` by header, length and checksum; the public contract of
    // `deserializeTrusted` makes the caller answer for their origin.
    unsafe { wasmtime::Module::deserialize(engine, code) }
}

/// Loads native code from a region that the caller has checked as for `deserialize`, without copying it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub fn deserialize_region(engine: &wasmtime::Engine, region: Region) -> wasmtime::Result<wasmtime::Module> {
    code_memory().load(region, |bytes| use_code(engine, bytes))
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub fn deserialize_region(engine: &wasmtime::Engine, mut region: Region) -> wasmtime::Result<wasmtime::Module> {
    deserialize(engine, region.bytes_mut())
}

/// Loads native code from where it lies.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) fn use_code(
    engine: &wasmtime::Engine,
    bytes: std::ptr::NonNull<[u8]>,
) -> wasmtime::Result<wasmtime::Module> {
    // SAFETY: `CodeMemory::load` is who calls this: the bytes are a region that nobody can write to any more and that is
    // kept until wasmtime has let go of it. For what the bytes are, see `deserialize`.
    unsafe { wasmtime::Module::deserialize_raw(engine, bytes) }
}

/// The user that this process acts as: the owner of the files that it makes.
#[cfg(unix)]
pub fn effective_user() -> u32 {
    // SAFETY: the call takes nothing, changes nothing and always succeeds.
    unsafe { libc::geteuid() }
}

/// Makes the system prefer other threads to this one, by so many steps; where it cannot, nothing changes.
#[cfg(target_os = "linux")]
pub fn lower_priority_of_this_thread(steps: i32) {
    // SAFETY: both calls take numbers only. On Linux the id 0 is the calling thread, not its process.
    unsafe {
        let now = libc::getpriority(libc::PRIO_PROCESS, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, now.saturating_add(steps));
    }
}

#[cfg(not(target_os = "linux"))]
pub fn lower_priority_of_this_thread(_steps: i32) {}

/// Calls a func of at most four number parameters and one number result with raw bits.
#[inline]
pub fn call_plain<const N: usize>(
    store: impl AsContextMut,
    entry: &FuncEntry,
    args: [i64; N],
) -> Result<wasmtime::Result<i64>> {
    if !entry.plain || entry.params.len() != N {
        return Err(wrong_shape(entry, N));
    }
    let mut slots = [ValRaw::i64(0); 4];
    for (slot, (ty, arg)) in slots.iter_mut().zip(entry.params.iter().zip(args)) {
        *slot = match ty {
            ValType::I32 => ValRaw::i32(arg as i32),
            ValType::F32 => ValRaw::f32(arg as u32),
            ValType::F64 => ValRaw::f64(arg as u64),
            _ => ValRaw::i64(arg),
        };
    }
    // SAFETY: the entry's parameters are exactly the N numbers written above, its one result fits the first of the four
    // slots, and the entry belongs to this store (funcs are kept in the tables of the store that they came from).
    let outcome = unsafe { entry.func.call_unchecked(store, &mut slots) };
    Ok(outcome.map(|()| match entry.results.first() {
        None => 0,
        Some(ValType::I32) => i64::from(slots[0].get_i32()),
        Some(ValType::F32) => i64::from(slots[0].get_f32()),
        Some(ValType::F64) => slots[0].get_f64() as i64,
        Some(_) => slots[0].get_i64(),
    }))
}

#[cold]
fn wrong_shape(entry: &FuncEntry, given: usize) -> Error {
    let signature = types::func(entry.params.iter().cloned(), entry.results.iter().cloned());
    let hint = if entry.plain { "give as many as it takes" } else { "use callRaw(long[]) or call(Value...)" };
    Error::IllegalArgument(format!("the func takes {signature}, got {given} arguments: {hint}"))
}

/// Calls a func of type `(i64) -> ()`, checked when its module was loaded.
#[inline]
pub fn call_with_i64(store: impl AsContextMut, func: &Func, arg: i64) -> wasmtime::Result<()> {
    let mut slots = [ValRaw::i64(arg)];
    // SAFETY: `session::Session` keeps only funcs whose module was checked to export them with the types of its dialect,
    // chooses among these three calls by that dialect, and calls them in the store of the instance that they came from.
    unsafe { func.call_unchecked(store, &mut slots) }
}

/// Calls a func of type `(i64, i64) -> ()`, checked when its module was loaded.
#[inline]
pub fn call_with_two_i64(store: impl AsContextMut, func: &Func, first: i64, second: i64) -> wasmtime::Result<()> {
    let mut slots = [ValRaw::i64(first), ValRaw::i64(second)];
    // SAFETY: as for `call_with_i64`.
    unsafe { func.call_unchecked(store, &mut slots) }
}

/// Calls a func of type `() -> ()`, checked when its module was loaded.
pub fn call_without_values(store: impl AsContextMut, func: &Func) -> wasmtime::Result<()> {
    let mut slots: [ValRaw; 0] = [];
    // SAFETY: as for `call_with_i64`.
    unsafe { func.call_unchecked(store, &mut slots) }
}

/// Where in its instance a counter lies.
///
/// `Global::get` and `set` find the type and the place anew each time, for more than a hundred instructions. The place is the
/// same for as long as the instance lives, which is as long as its store does.
#[derive(Debug)]
pub struct CounterCell {
    word: NonNull<i64>,
}

// SAFETY: whoever touches the word has the store that it belongs to, which one thread at a time has.
unsafe impl Send for CounterCell {}
// SAFETY: as above.
unsafe impl Sync for CounterCell {}

/// The counter's place, in words from where its instance's own data begins: the same in all instances of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterPlace(usize);

/// The word of a `VMFuncRef` that says what its func belongs to, and what an instance's own data begins with. The test below
/// notices when wasmtime has changed that.
const FUNC_REF_CONTEXT: usize = 3;
const INSTANCE_MAGIC: u32 = u32::from_le_bytes(*b"core");
/// Globals lie at multiples of so many words.
const GLOBAL_WORDS: usize = 2;
/// A counter that lies farther in than so many words is not looked for.
const MAX_WORDS: usize = 4_096;
/// So many words may hold the mark and not be the counter; after one more nobody looks on.
const MAX_MISTAKES: usize = 4;
// Both say how wide a word of an instance's data is.
const _: () = assert!(size_of::<NonNull<i64>>() == size_of::<i64>());
const MARKS: [i64; 2] = [0x5157_1ce5_0a11_c0de, 0x2e57_0e57_9e37_79b9];

impl CounterCell {
    /// Finds the counter, a mutable i64 global, by what stands in it. A place that is given is that of another instance of the
    /// module.
    ///
    /// # Safety
    /// No code of the store runs. `func` is an export of the very instance that defines the counter, and either its own or the
    /// host's: of another instance's data the end is not known.
    pub unsafe fn find<T>(
        store: &mut Store<T>,
        func: &Func,
        counter: &Global,
        place: Option<CounterPlace>,
    ) -> Option<(CounterCell, CounterPlace)> {
        let func_ref = func.to_raw(&mut *store).cast::<NonNull<i64>>();
        // SAFETY: the pointer is to a `VMFuncRef`, four words that live as long as the store.
        let start = unsafe { func_ref.add(FUNC_REF_CONTEXT).read() };
        // SAFETY: whatever a func belongs to begins with a number that tells what it is.
        if unsafe { start.cast::<u32>().read() } != INSTANCE_MAGIC {
            return None;
        }
        // SAFETY: the caller vouches that the counter is in this data, and a place is only asked for up to the counter's.
        let at = |place: usize| unsafe { start.add(place).read_volatile() };
        let held = counter.get(&mut *store).i64()?;
        let place = match place {
            Some(CounterPlace(place)) => Some(place).filter(|place| at(*place) == held),
            None => {
                let place = search(store, counter, at);
                counter.set(&mut *store, Val::I64(held)).ok()?;
                place
            }
        }?;
        // SAFETY: the place of the counter, as just found.
        let word = unsafe { start.add(place) };
        Some((CounterCell { word }, CounterPlace(place)))
    }

    /// # Safety
    /// The store in which it was found lives, and none of its code runs.
    #[inline]
    pub unsafe fn get(&self) -> i64 {
        // SAFETY: the instance lives as long as its store.
        unsafe { self.word.read() }
    }

    /// # Safety
    /// As for `get`, and the caller has the store to itself.
    #[inline]
    pub unsafe fn set(&self, units: i64) {
        // SAFETY: as for `get`.
        unsafe { self.word.write(units) };
    }
}

/// The place whose word changes with the counter: there is one, and nothing behind it is read.
fn search<T>(store: &mut Store<T>, counter: &Global, at: impl Fn(usize) -> i64) -> Option<usize> {
    let [mark, other] = MARKS;
    let mut mistakes = 0;
    counter.set(&mut *store, Val::I64(mark)).ok()?;
    for place in (0..MAX_WORDS).step_by(GLOBAL_WORDS) {
        if at(place) != mark {
            continue;
        }
        counter.set(&mut *store, Val::I64(other)).ok()?;
        if at(place) == other {
            return Some(place);
        }
        mistakes += 1;
        if mistakes > MAX_MISTAKES {
            return None;
        }
        counter.set(&mut *store, Val::I64(mark)).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Module};

    use super::*;

    #[test]
    fn counter_is_found_among_globals_that_look_like_it() {
        let [mark, other] = MARKS;
        let wat = format!(
            "(module (import \"h\" \"f\" (func)) (memory 1) (table 3 funcref)
               (global (mut i64) (i64.const {mark})) (global i32 (i32.const 7)) (global (mut i64) (i64.const {other}))
               (global (export \"counter\") (mut i64) (i64.const 5)) (global (mut i64) (i64.const {mark}))
               (func (export \"get\") (result i64) (global.get 3)) (export \"host\" (func 0)))"
        );
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        let mut known = None;
        for _ in 0..2 {
            let mut store = Store::new(&engine, ());
            let host = Func::wrap(&mut store, || {});
            let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
            let counter = instance.get_global(&mut store, "counter").unwrap();
            let func = instance.get_func(&mut store, "get").unwrap();
            for host in [host, instance.get_func(&mut store, "host").unwrap()] {
                // SAFETY: a func of the host, and nothing runs.
                assert!(unsafe { CounterCell::find(&mut store, &host, &counter, None) }.is_none());
            }
            // SAFETY: the instance's own func and counter, and nothing runs.
            let (cell, place) = unsafe { CounterCell::find(&mut store, &func, &counter, known) }.unwrap();
            assert!(known.is_none_or(|known| known == place));
            known = Some(place);
            // SAFETY: the store lives, and nothing runs.
            unsafe {
                assert_eq!(cell.get(), 5);
                cell.set(-9);
            }
            assert_eq!(counter.get(&mut store).i64(), Some(-9));
            assert_eq!(func.typed::<(), i64>(&store).unwrap().call(&mut store, ()).unwrap(), -9);
        }
    }

    #[test]
    fn counter_that_is_hard_to_find_is_not_found() {
        let [mark, _] = MARKS;
        let same = format!("(global (mut i64) (i64.const {mark}))").repeat(MAX_MISTAKES + 1);
        let many = "(global (mut i64) (i64.const 0))".repeat(MAX_WORDS);
        for others in [same, many] {
            let engine = Engine::default();
            let wat = format!(
                "(module {others} (global (export \"counter\") (mut i64) (i64.const 5)) (func (export \"f\")))"
            );
            let mut store = Store::new(&engine, ());
            let instance =
                Instance::new(&mut store, &Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap(), &[]).unwrap();
            let counter = instance.get_global(&mut store, "counter").unwrap();
            let func = instance.get_func(&mut store, "f").unwrap();
            // SAFETY: the instance's own func and counter, and nothing runs.
            assert!(unsafe { CounterCell::find(&mut store, &func, &counter, None) }.is_none());
            assert_eq!(counter.get(&mut store).i64(), Some(5));
        }
    }
}
