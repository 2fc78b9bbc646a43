//! WeScale's SQL plugin ABI, `v1alpha1`: its state for one query, its statuses, its host functions.
//!
//! Three dialects share that name. [`common`] has the host functions that all of them import; [`dialect_c`] knows the
//! entry points and the allocator of the current one, SDK v0.2.0 and later.

pub mod common;
pub mod dialect_c;
pub mod result;

pub use self::common::{add_to_linker, signature};
pub use self::dialect_c::{check, start_export};

use wasmtime::TypedFunc;

use super::foreign::ForeignBytes;

/// What host functions answer.
pub mod status {
    pub const OK: i32 = 0;
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
}

/// Capacity that a buffer keeps from one query to the next; what a rare huge query took is given back.
const KEPT_CAPACITY: usize = 256 * 1024;

const DEFAULT_MAX_OUTPUT_BYTES: usize = 16 * 1024 * 1024;

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
    result: QueryResult,
    /// The result's bytes if the guest set it.
    result_bytes: Vec<u8>,
    max_output_bytes: usize,
    /// The guest's allocator, its type checked; out of here while it runs.
    allocator: Option<TypedFunc<u32, u32>>,
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
            result: QueryResult::None,
            result_bytes: Vec::new(),
            max_output_bytes,
            allocator: None,
        }
    }

    /// Begins the before stage of a query: nothing is set but its text, which is copied.
    #[inline]
    pub fn begin_before(&mut self, ctx: u64, query: ForeignBytes) {
        self.ctx = Some(ctx);
        self.last_ctx = ctx;
        give_back(&mut self.query, query.len());
        query.copy_into(&mut self.query);
        self.query_changed = false;
        self.clear_error_and_result();
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

    /// Forgets what belongs to the instance (its allocator), for a state that goes on with another instance.
    pub fn forget_instance(&mut self) {
        self.allocator = None;
    }

    /// What stands after a stage, as bits of [`outcome`].
    #[inline]
    pub fn outcome(&self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        bit(self.query_changed, outcome::QUERY_CHANGED)
            | bit(!self.error.is_empty(), outcome::ERROR_SET)
            | bit(!matches!(self.result, QueryResult::None), outcome::RESULT_SET)
            | bit(matches!(self.result, QueryResult::Set), outcome::RESULT_CHANGED)
    }

    /// The query's text as it stands.
    pub fn query(&self) -> &[u8] {
        &self.query
    }

    /// The error message as it stands; empty for none.
    pub fn error(&self) -> &[u8] {
        &self.error
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
        give_back(&mut self.error, 0);
        self.result = QueryResult::None;
        self.result_bytes.clear();
        give_back(&mut self.result_bytes, 0);
    }

    fn knows(&self, ctx: u64) -> bool {
        self.ctx == Some(ctx)
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
