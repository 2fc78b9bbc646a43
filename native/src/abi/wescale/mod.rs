//! WeScale's SQL plugin ABI, `v1alpha1`: its state for one query, its statuses, its host functions.
//!
//! Three dialects share that name: [`dialect`] tells them apart. [`common`] has the host functions that all of them
//! import, [`shared`] those for values and locks that plugins share, and [`sluice`] what is ours beyond the ABI.

pub mod common;
pub mod dialect;
mod properties;
pub mod result;
pub mod shared;
pub mod sluice;

pub use self::common::signature;
pub use self::dialect::{Dialect, START, Shape, check, start_export};
pub use self::properties::PROPERTIES;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use wasmtime::{Linker, TypedFunc};

use self::properties::Properties;
use self::shared::Scope;
use super::AbiHost;
use super::foreign::ForeignBytes;
use crate::engine::shared::{SharedLimits, SharedScope};

/// The module that the ABI's functions are imported from.
pub const MODULE: &str = "env";

/// Defines the host functions of all dialects, and our own.
pub fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    common::add_to_linker(linker)?;
    shared::add_to_linker(linker)?;
    sluice::add_to_linker(linker)
}

/// What host functions answer.
pub mod status {
    pub const OK: i32 = 0;
    pub const NOT_FOUND: i32 = 1;
    pub const BAD_ARGUMENT: i32 = 2;
    pub const INTERNAL_FAILURE: i32 = 10;
}

/// Bits of [`WescaleState::outcome`], as they stand in the exchange block.
pub mod outcome {
    /// The guest set the query in this call.
    pub const QUERY_CHANGED: u32 = 1;
    /// There is a non-empty error message now.
    pub const ERROR_SET: u32 = 2;
    /// There is a result now.
    pub const RESULT_SET: u32 = 4;
    /// The guest set the result in this call.
    pub const RESULT_CHANGED: u32 = 16;
    /// The guest gave its error a code and an SQLSTATE in this call.
    pub const ERROR_CODE: u32 = 64;
    /// The guest set or cleared the error in this call.
    pub const ERROR_CHANGED: u32 = 128;
}

/// Capacity that a buffer keeps from one query to the next; what a rare huge query took is given back.
const KEPT_CAPACITY: usize = 256 * 1024;

const DEFAULT_MAX_OUTPUT_BYTES: usize = 16 * 1024 * 1024;

/// What a plugin is given once, whatever the query: by the host's configuration, or nothing of all that.
pub struct Setup {
    pub dialect: Dialect,
    /// Shared by the plugin's instances, of all its versions.
    pub module: Arc<SharedScope>,
    /// Shared by all plugins of the host.
    pub global: Arc<SharedScope>,
    /// A JSON object; empty for none.
    pub configuration: Arc<[u8]>,
    /// The properties that the plugin may read: bit `i` for `PROPERTIES[i]`.
    pub grants: u32,
    /// The properties that were asked for without a grant and have been logged, once for the version.
    pub refused: Arc<AtomicU32>,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            dialect: Dialect::default(),
            module: Arc::new(SharedScope::new(SharedLimits::DEFAULT)),
            global: Arc::new(SharedScope::new(SharedLimits::DEFAULT)),
            configuration: Arc::new([]),
            grants: 0,
            refused: Arc::default(),
        }
    }
}

/// What a client sees of an error besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    pub code: u16,
    pub sql_state: [u8; 5],
}

/// One query on its way through a plugin: what the guest can ask for and what it has set.
///
/// A value that the guest sets is bounded by `max_output_bytes`; the values that the host gives are not.
pub struct WescaleState {
    /// What the guest must show to get at the query; none outside a call.
    ctx: Option<u64>,
    last_ctx: u64,
    query: Vec<u8>,
    query_changed: bool,
    error: Vec<u8>,
    error_code: Option<ErrorCode>,
    error_changed: bool,
    result: QueryResult,
    /// The result's bytes if the guest set it.
    result_bytes: Vec<u8>,
    max_output_bytes: usize,
    /// The guest's allocator, its type checked; out of here while it runs.
    allocator: Option<TypedFunc<u32, u32>>,
    /// Made when it is first needed, where nobody gave one.
    setup: Option<Box<Setup>>,
    properties: Properties,
    /// Whether this query has the lock of its plugin, and that of the host.
    holds_module: bool,
    holds_global: bool,
    /// Counts the shared values that are on their way into the guest, which may ask for others from its allocator.
    in_hand: Arc<()>,
}

#[derive(Clone, Copy, Debug)]
enum QueryResult {
    None,
    /// The host's own, where Java left it; `None` once the call is over.
    Given(Option<ForeignBytes>),
    /// The guest's, in `result_bytes`.
    Set,
}

impl Default for WescaleState {
    fn default() -> WescaleState {
        WescaleState::new(DEFAULT_MAX_OUTPUT_BYTES)
    }
}

impl WescaleState {
    pub fn new(max_output_bytes: usize) -> WescaleState {
        WescaleState {
            ctx: None,
            last_ctx: 0,
            query: Vec::new(),
            query_changed: false,
            error: Vec::new(),
            error_code: None,
            error_changed: false,
            result: QueryResult::None,
            result_bytes: Vec::new(),
            max_output_bytes,
            allocator: None,
            setup: None,
            properties: Properties::default(),
            holds_module: false,
            holds_global: false,
            in_hand: Arc::default(),
        }
    }

    /// The state of a plugin's instance.
    pub fn with_setup(max_output_bytes: usize, setup: Setup) -> WescaleState {
        let mut state = WescaleState::new(max_output_bytes);
        state.setup = Some(Box::new(setup));
        state
    }

    fn setup(&mut self) -> &mut Setup {
        self.setup.get_or_insert_with(Box::default)
    }

    fn dialect(&self) -> Dialect {
        self.setup.as_ref().map(|setup| setup.dialect).unwrap_or_default()
    }

    /// What a guest of the older dialects gets as its module.
    pub fn module_token(&mut self) -> u64 {
        self.setup().module.token()
    }

    /// Begins the before stage of a query: nothing is set but its text, which is copied.
    #[inline]
    pub fn begin_before(&mut self, ctx: u64, query: ForeignBytes) {
        self.end_query();
        self.ctx = Some(ctx);
        self.last_ctx = ctx;
        give_back(&mut self.query, query.len());
        query.copy_into(&mut self.query);
        self.query_changed = false;
        self.clear_error_and_result();
    }

    /// Copies what the host knows of the query that has just begun.
    pub fn give_properties(&mut self, records: ForeignBytes) {
        self.properties.set(records);
    }

    /// Begins the after stage of the same query, under the same ctx: the query is the one that the before stage left.
    ///
    /// The error is copied; the result is read when the guest asks for it.
    #[inline]
    pub fn begin_after(&mut self, error: Option<ForeignBytes>, result: Option<ForeignBytes>) {
        self.ctx = Some(self.last_ctx);
        self.query_changed = false;
        self.clear_error_and_result();
        if let Some(error) = error {
            error.copy_into(&mut self.error);
        }
        if let Some(result) = result {
            self.result = QueryResult::Given(Some(result));
        }
    }

    /// Ends a stage: the guest's `ctx` is void and the bytes that Java passed are not touched any more.
    ///
    /// To be called on every way out of the guest, before Java gets its buffers back.
    #[inline]
    pub fn end_call(&mut self) {
        self.ctx = None;
        if let QueryResult::Given(bytes) = &mut self.result {
            *bytes = None;
        }
    }

    /// Ends the query: its locks go to whoever waits for them, its properties are forgotten. What it left stays readable.
    #[inline]
    pub fn end_query(&mut self) {
        if self.holds_module || self.holds_global {
            self.release(Scope::Module);
            self.release(Scope::Global);
        }
        self.properties.clear();
    }

    /// Notes the instance's allocator, so that no call has to look for it.
    pub fn know_allocator(&mut self, allocator: TypedFunc<u32, u32>) {
        self.allocator = Some(allocator);
    }

    /// Forgets what belongs to the instance (its allocator, its query), for a state that goes on with another instance.
    pub fn forget_instance(&mut self) {
        self.allocator = None;
        self.end_query();
    }

    fn scope(&mut self, scope: Scope) -> &Arc<SharedScope> {
        let setup = self.setup();
        match scope {
            Scope::Module => &setup.module,
            Scope::Global => &setup.global,
        }
    }

    fn holds(&mut self, scope: Scope) -> &mut bool {
        match scope {
            Scope::Module => &mut self.holds_module,
            Scope::Global => &mut self.holds_global,
        }
    }

    /// Lets go of a lock; false if the query does not have it.
    fn release(&mut self, scope: Scope) -> bool {
        let held = std::mem::take(self.holds(scope));
        if held {
            self.scope(scope).lock().unlock();
        }
        held
    }

    fn set_error(&mut self, message: &[u8], code: Option<ErrorCode>) {
        common::replace(&mut self.error, message);
        self.error_code = code;
        self.error_changed = true;
    }

    /// What stands after a stage, as bits of [`outcome`].
    #[inline]
    pub fn outcome(&self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        bit(self.query_changed, outcome::QUERY_CHANGED)
            | bit(!self.error.is_empty(), outcome::ERROR_SET)
            | bit(!matches!(self.result, QueryResult::None), outcome::RESULT_SET)
            | bit(matches!(self.result, QueryResult::Set), outcome::RESULT_CHANGED)
            | bit(self.error_code.is_some(), outcome::ERROR_CODE)
            | bit(self.error_changed, outcome::ERROR_CHANGED)
    }

    /// The query's text as it stands.
    pub fn query(&self) -> &[u8] {
        &self.query
    }

    /// The error message as it stands; empty for none.
    pub fn error(&self) -> &[u8] {
        &self.error
    }

    /// The code that the guest gave its error in this stage.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.error_code
    }

    /// The result that the guest set in this stage; `None` if it left the given one, or none.
    pub fn changed_result(&self) -> Option<&[u8]> {
        match self.result {
            QueryResult::Set => Some(&self.result_bytes),
            _ => None,
        }
    }

    pub fn max_output_bytes(&self) -> usize {
        self.max_output_bytes
    }

    fn clear_error_and_result(&mut self) {
        self.error.clear();
        self.error_code = None;
        self.error_changed = false;
        give_back(&mut self.error, 0);
        self.result = QueryResult::None;
        self.result_bytes.clear();
        give_back(&mut self.result_bytes, 0);
    }

    fn knows(&self, ctx: u64) -> bool {
        self.ctx == Some(ctx)
    }
}

impl Drop for WescaleState {
    fn drop(&mut self) {
        self.end_query();
    }
}

/// Lets go of capacity that is out of proportion to what is needed next.
#[inline]
fn give_back(buffer: &mut Vec<u8>, needed: usize) {
    if buffer.capacity() > KEPT_CAPACITY && needed <= KEPT_CAPACITY {
        buffer.truncate(needed);
        buffer.shrink_to(KEPT_CAPACITY);
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod state_tests {
    use super::*;
    use crate::abi::test_host::foreign;

    #[test]
    fn outcome_tells_what_stands() {
        let mut state = WescaleState::default();
        state.begin_before(1, foreign(b"select 1"));
        assert_eq!(state.outcome(), 0);
        assert_eq!(state.query(), b"select 1");
        state.begin_after(Some(foreign(b"no")), Some(foreign(b"\x10\x01")));
        assert_eq!(state.outcome(), outcome::ERROR_SET | outcome::RESULT_SET);
        assert_eq!((state.query(), state.error()), (&b"select 1"[..], &b"no"[..]));
        assert_eq!(state.changed_result(), None);
        state.end_call();
        assert_eq!(state.outcome(), outcome::ERROR_SET | outcome::RESULT_SET);
        state.begin_after(Some(foreign(b"")), None);
        assert_eq!(state.outcome(), 0);
    }

    #[test]
    fn ctx_is_void_outside_a_call() {
        let mut state = WescaleState::default();
        assert!(!state.knows(0));
        state.begin_before(7, foreign(b"q"));
        assert!(state.knows(7) && !state.knows(8));
        state.end_call();
        assert!(!state.knows(7));
        state.begin_after(None, None);
        assert!(state.knows(7));
    }

    #[test]
    fn capacity_is_kept_up_to_a_bound() {
        let mut state = WescaleState::default();
        state.begin_before(1, foreign(&vec![1; 100_000]));
        state.begin_before(2, foreign(b"x"));
        assert!(state.query.capacity() >= 100_000);
        state.begin_before(3, foreign(&vec![1; 1 << 20]));
        assert_eq!(state.query().len(), 1 << 20);
        state.begin_before(4, foreign(b"y"));
        assert!(state.query.capacity() <= KEPT_CAPACITY);
        assert_eq!(state.query(), b"y");
    }
}
