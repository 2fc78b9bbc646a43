//! Handles: the numbers by which Java names native objects. Opaque, tagged, checked; never an address.
//!
//! A handle is `tag << 56 | index << 32 | generation`. Shared objects live behind `Arc` in one table under a lock, which no
//! call path takes. Confined ones live in slots that are found without a lock and owned by one thread at a time: the slot's
//! state says who may touch it, and every wrong, stale, random or busy handle ends in an error.

use std::any::Any;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::store::StoreSlot;
use super::wescale::WescaleSlot;
use crate::engine::budget::MemoryBudget;
use crate::engine::engine::Engine;
use crate::engine::error::{Error, Result};
use crate::engine::linker::{InstancePre, Linker};
use crate::engine::module::Module;
use crate::engine::shared::SharedScope;
use crate::engine::stack;

/// What a handle's top byte says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tag {
    Engine = 1,
    Module,
    Linker,
    InstancePre,
    MemoryBudget,
    Store,
    Wescale,
    SharedScope,
}

const NAMES: [&str; 9] = [
    "nothing",
    "engine",
    "module",
    "linker",
    "instance-pre",
    "memory budget",
    "store",
    "wescale instance",
    "shared scope",
];

/// An object that handles can name.
pub trait Tagged {
    const TAG: Tag;
}

macro_rules! tagged {
    ($($ty:ty => $tag:ident),*) => { $(impl Tagged for $ty { const TAG: Tag = Tag::$tag; })* };
}
tagged!(Engine => Engine, Module => Module, Linker => Linker, InstancePre => InstancePre,
        MemoryBudget => MemoryBudget, StoreSlot => Store, WescaleSlot => Wescale, SharedScope => SharedScope);

const INDEX_BITS: u32 = 24;

fn pack(tag: Tag, index: usize, generation: u32) -> i64 {
    ((tag as u64) << 56 | (index as u64) << 32 | u64::from(generation)) as i64
}

fn unpack(handle: i64, tag: Tag) -> Result<(usize, u32)> {
    let bits = handle as u64;
    let found = (bits >> 56) as usize;
    if found != tag as usize {
        return Err(wrong_tag(found, tag));
    }
    Ok(((bits >> 32) as usize & ((1 << INDEX_BITS) - 1), bits as u32))
}

fn name(tag: Tag) -> &'static str {
    NAMES.get(tag as usize).copied().unwrap_or("nothing")
}

#[cold]
fn wrong_tag(found: usize, expected: Tag) -> Error {
    let found = NAMES.get(found).copied().unwrap_or("nothing that was ever made");
    Error::IllegalArgument(format!("wrong handle: expected one of a {}, found one of {found}", name(expected)))
}

#[cold]
fn closed(tag: Tag) -> Error {
    Error::IllegalState(format!("{} is closed", name(tag)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of handles that are not closed.
pub fn live() -> i64 {
    let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
    (shared.items.len() - shared.free.len()) as i64 + CONFINED.live() as i64
}

// ---- shared objects -------------------------------------------------------------------------------------------------

type SharedObject = Arc<dyn Any + Send + Sync>;

struct Shared {
    /// Generation and object; none when free.
    items: Vec<(u32, Option<SharedObject>)>,
    free: Vec<usize>,
}

static SHARED: RwLock<Shared> = RwLock::new(Shared { items: Vec::new(), free: Vec::new() });

/// A new handle for a shared object.
pub fn share<T: Tagged + Send + Sync + 'static>(object: Arc<T>) -> Result<i64> {
    let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
    let index = match shared.free.pop() {
        Some(index) => index,
        None if shared.items.len() >= 1 << INDEX_BITS => return Err(too_many()),
        None => {
            shared.items.push((1, None));
            shared.items.len() - 1
        }
    };
    let item = &mut shared.items[index];
    item.1 = Some(object);
    Ok(pack(T::TAG, index, item.0))
}

/// The object, kept alive for as long as the result is.
pub fn shared<T: Tagged + Send + Sync + 'static>(handle: i64) -> Result<Arc<T>> {
    let (index, generation) = unpack(handle, T::TAG)?;
    let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
    let object = match shared.items.get(index) {
        Some((current, Some(object))) if *current == generation => object.clone(),
        _ => return Err(closed(T::TAG)),
    };
    object.downcast().map_err(|_| wrong_tag(0, T::TAG))
}

/// Forgets the handle; the object goes when nothing uses it any more. Twice is once.
pub fn close_shared<T: Tagged + Send + Sync + 'static>(handle: i64) -> Result<()> {
    let (index, generation) = unpack(handle, T::TAG)?;
    let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
    let Some(item) = shared.items.get_mut(index) else { return Ok(()) };
    if item.0 != generation || !item.1.as_ref().is_some_and(|object| object.is::<T>()) {
        return Ok(());
    }
    let object = item.1.take();
    // A slot whose generations are used up is never used again.
    if let Some(next) = item.0.checked_add(1) {
        item.0 = next;
        shared.free.push(index);
    }
    drop(shared);
    drop(object);
    Ok(())
}

#[cold]
fn too_many() -> Error {
    Error::IllegalState(format!("{} native objects are open: close some", 1u32 << INDEX_BITS))
}

// ---- confined objects -----------------------------------------------------------------------------------------------

/// A confined object with the type that its handle's tag names.
pub enum Confined {
    Store(Box<StoreSlot>),
    Wescale(Box<WescaleSlot>),
}

/// The two types that can be confined.
pub trait ConfinedType: Tagged + Sized {
    fn of(confined: &mut Confined) -> Option<&mut Self>;
    fn wrap(self) -> Confined;
}

impl ConfinedType for StoreSlot {
    fn of(confined: &mut Confined) -> Option<&mut Self> {
        match confined {
            Confined::Store(store) => Some(store),
            Confined::Wescale(_) => None,
        }
    }

    fn wrap(self) -> Confined {
        Confined::Store(Box::new(self))
    }
}

impl ConfinedType for WescaleSlot {
    fn of(confined: &mut Confined) -> Option<&mut Self> {
        match confined {
            Confined::Wescale(slot) => Some(slot),
            Confined::Store(_) => None,
        }
    }

    fn wrap(self) -> Confined {
        Confined::Wescale(Box::new(self))
    }
}

const BUSY: u64 = 1;
const CLOSING: u64 = 2;
/// A slot without an object: nobody can hold or close it, not even by the handle that its next object will have.
const VACANT: u64 = BUSY | CLOSING;

/// The state of a slot whose object nobody uses. The tag is in it so that a handle of another type never gets as far as
/// the object.
#[inline]
fn idle(tag: Tag, generation: u32) -> u64 {
    (tag as u64) << 56 | u64::from(generation) << 2
}

/// One more than a handle can have when a slot's are used up.
fn generation(state: u64) -> u64 {
    state << 8 >> 10
}

/// A place for one confined object. Aligned so that two threads' slots share no cache line.
#[repr(align(128))]
struct Slot {
    /// `tag << 56 | generation << 2 | CLOSING | BUSY`; the tag is none while the slot is vacant.
    state: AtomicU64,
    /// A place on the stack of the thread that made it busy.
    owner: AtomicUsize,
    object: UnsafeCell<Option<Confined>>,
}

// SAFETY: `object` is touched only by whoever set BUSY in `state` (or before the slot's handle was given out).
unsafe impl Sync for Slot {}

/// Chunks of slots, each twice as long as the one before; never freed, so a slot once found stays valid.
struct Slots {
    chunks: [AtomicPtr<Slot>; CHUNKS],
    /// Slots that were ever handed out.
    used: AtomicU32,
    free: Mutex<Vec<usize>>,
}

const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 19;

static CONFINED: Slots = Slots {
    chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS],
    used: AtomicU32::new(0),
    free: Mutex::new(Vec::new()),
};

fn locate(index: usize) -> (usize, usize) {
    let scaled = index / FIRST_CHUNK + 1;
    let chunk = scaled.ilog2() as usize;
    (chunk, index - ((1 << chunk) - 1) * FIRST_CHUNK)
}

impl Slots {
    #[inline]
    fn get(&self, index: usize) -> Option<&'static Slot> {
        let (chunk, offset) = locate(index);
        let start = self.chunks.get(chunk)?.load(Ordering::Acquire);
        if start.is_null() {
            return None;
        }
        // SAFETY: the chunk was leaked with FIRST_CHUNK << chunk slots, and `locate` gives an offset below that.
        Some(unsafe { &*start.add(offset) })
    }

    /// An unused slot, for the caller alone.
    fn take(&self) -> Result<(usize, &'static Slot)> {
        let mut free = lock(&self.free);
        let index = match free.pop() {
            Some(index) => index,
            None => {
                let index = self.used.load(Ordering::Relaxed) as usize;
                let (chunk, _) = locate(index);
                let start = self.chunks.get(chunk).filter(|_| index < 1 << INDEX_BITS).ok_or_else(too_many)?;
                if start.load(Ordering::Acquire).is_null() {
                    let slots: Vec<Slot> = (0..FIRST_CHUNK << chunk)
                        .map(|_| Slot {
                            state: AtomicU64::new(1 << 2 | VACANT),
                            owner: AtomicUsize::new(0),
                            object: UnsafeCell::new(None),
                        })
                        .collect();
                    start.store(Box::leak(slots.into_boxed_slice()).as_mut_ptr(), Ordering::Release);
                }
                self.used.store(index as u32 + 1, Ordering::Release);
                index
            }
        };
        let slot = self.get(index).ok_or_else(too_many)?;
        Ok((index, slot))
    }

    fn live(&self) -> usize {
        let free = lock(&self.free);
        self.used.load(Ordering::Acquire) as usize - free.len()
    }
}

/// A new handle for a confined object.
pub fn confine<T: ConfinedType>(object: T) -> Result<i64> {
    let (index, slot) = CONFINED.take()?;
    // SAFETY: the slot is on no list and VACANT, so nobody else touches it, whatever handle they have.
    unsafe { *slot.object.get() = Some(object.wrap()) };
    let generation = generation(slot.state.load(Ordering::Acquire)) as u32;
    slot.state.store(idle(T::TAG, generation), Ordering::Release);
    Ok(pack(T::TAG, index, generation))
}

/// The right to use a confined object: until it is dropped nobody else has it.
pub struct Held<T: ConfinedType> {
    slot: &'static Slot,
    index: usize,
    object: std::ptr::NonNull<T>,
}

/// Takes the object for the calling thread, or says why it cannot be had.
#[inline]
pub fn hold<T: ConfinedType>(handle: i64) -> Result<Held<T>> {
    let (index, generation) = unpack(handle, T::TAG)?;
    let slot = CONFINED.get(index).ok_or_else(|| closed(T::TAG))?;
    let idle = idle(T::TAG, generation);
    if let Err(state) = slot.state.compare_exchange(idle, idle | BUSY, Ordering::SeqCst, Ordering::Relaxed) {
        return Err(refused(slot, state, idle, T::TAG));
    }
    slot.owner.store(stack::here(), Ordering::Relaxed);
    // SAFETY: BUSY was set by us, so the object is ours until we clear it.
    let object = unsafe { &mut *slot.object.get() }.as_mut().and_then(T::of);
    match object {
        Some(object) => Ok(Held { slot, index, object: object.into() }),
        None => {
            release(slot, index);
            Err(wrong_tag(0, T::TAG))
        }
    }
}

#[cold]
fn refused(slot: &Slot, state: u64, idle: u64, tag: Tag) -> Error {
    if generation(state) != generation(idle) || state & CLOSING != 0 {
        return closed(tag);
    }
    if state & !BUSY != idle {
        return wrong_tag((state >> 56) as usize, tag);
    }
    let name = name(tag);
    if stack::is_on_this_thread(slot.owner.load(Ordering::Relaxed)) {
        return Error::IllegalState(format!(
            "{name} is busy with a call on this thread: a host function may use its Caller, not the {name} that called it"
        ));
    }
    Error::IllegalState(format!("{name} is in use by another thread: one thread at a time may use it"))
}

/// Closes now, or as soon as the call that uses it ends. Twice is once.
pub fn close_confined<T: ConfinedType>(handle: i64) -> Result<()> {
    let (index, generation) = unpack(handle, T::TAG)?;
    let Some(slot) = CONFINED.get(index) else { return Ok(()) };
    let mut state = slot.state.load(Ordering::Acquire);
    loop {
        if self::generation(state) != u64::from(generation) || state & CLOSING != 0 {
            return Ok(());
        }
        if state & !BUSY != idle(T::TAG, generation) {
            return Err(wrong_tag((state >> 56) as usize, T::TAG));
        }
        let wanted = state | CLOSING | BUSY;
        match slot.state.compare_exchange_weak(state, wanted, Ordering::SeqCst, Ordering::Acquire) {
            Ok(_) if state & BUSY != 0 => return Ok(()),
            Ok(_) => {
                free(slot, index);
                return Ok(());
            }
            Err(now) => state = now,
        }
    }
}

/// Empties the slot, for the caller who holds it with CLOSING set, and makes it ready for the next object.
#[cold]
fn free(slot: &'static Slot, index: usize) {
    // SAFETY: BUSY and CLOSING are set and we are the one who holds the slot.
    let object = unsafe { &mut *slot.object.get() }.take();
    let generation = generation(slot.state.load(Ordering::Relaxed)) + 1;
    slot.state.store(generation << 2 | VACANT, Ordering::Release);
    // A slot whose generations are used up is never used again.
    if generation <= u64::from(u32::MAX) {
        lock(&CONFINED.free).push(index);
    }
    // We may be here because of a panic already: a second one that gets out would end the process.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(object)));
}

/// Ends a use of the slot, and with it the object if it was closed meanwhile.
#[inline]
fn release(slot: &'static Slot, index: usize) {
    // So that who finds the slot busy before its next owner is noted does not take that for itself.
    slot.owner.store(0, Ordering::Relaxed);
    // CLOSING says that this use was the last one. It is kept until `free` is done, so nobody gets in between.
    let state = slot.state.load(Ordering::Relaxed);
    if state & CLOSING == 0
        && slot.state.compare_exchange(state, state & !BUSY, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    {
        return;
    }
    free(slot, index);
}

impl<T: ConfinedType> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the object stays in its slot and is ours while BUSY is set, which is while `self` lives.
        unsafe { self.object.as_ref() }
    }
}

impl<T: ConfinedType> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        unsafe { self.object.as_mut() }
    }
}

impl<T: ConfinedType> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A panic may have left the object in any state: nobody shall use it again.
            self.slot.state.fetch_or(CLOSING, Ordering::Relaxed);
        }
        release(self.slot, self.index);
    }
}

#[cfg(test)]
mod tests;
