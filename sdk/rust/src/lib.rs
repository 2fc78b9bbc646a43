//! SQL plugins in Rust.
//!
//! ```ignore
//! use sluice::{Plugin, Query, Outcome};
//!
//! #[derive(Default)]
//! struct NotToday;
//!
//! impl Plugin for NotToday {
//!     fn before(&mut self, _query: &Query) -> Outcome {
//!         Err("not today".into())
//!     }
//! }
//!
//! sluice::plugin!(NotToday);
//! ```
//!
//! What a plugin imports from the host follows from what it calls. One that calls nothing of [`only`] and [`Shared`] runs on WeScale as
//! well.

mod host;
pub mod only;
mod result;
mod shared;
mod tokens;

pub use host::{__after, __before, __free, __malloc};
pub use result::{Column, QueryResult, Type};
pub use shared::Shared;
pub use tokens::{tokens, Token};

use host::Status;

/// What a plugin did: nothing more to say, or the error that the client gets.
pub type Outcome = Result<(), Error>;

/// An error for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub message: String,
    /// MySQL's code and SQLSTATE; without them 1105 and HY000. Made by [`only::coded`].
    pub(crate) coded: Option<only::Coded>,
}

impl<T: Into<String>> From<T> for Error {
    fn from(message: T) -> Self {
        Error { message: message.into(), coded: None }
    }
}

/// What an author writes. The half that is not needed is left out.
pub trait Plugin {
    /// Runs before the query is executed; an error refuses it.
    fn before(&mut self, _query: &Query) -> Outcome {
        Ok(())
    }

    /// Runs when the query was executed or refused; an error takes the place of its result.
    fn after(&mut self, _query: &Query) -> Outcome {
        Ok(())
    }
}

/// Makes a type that is [`Plugin`] and [`Default`] the plugin of this module.
#[macro_export]
macro_rules! plugin {
    ($plugin:ty) => {
        static mut PLUGIN: Option<$plugin> = None;

        fn plugin() -> &'static mut $plugin {
            // SAFETY: a guest has one thread, and the host calls one entry point at a time.
            unsafe { (*std::ptr::addr_of_mut!(PLUGIN)).get_or_insert_with(Default::default) }
        }

        #[no_mangle]
        pub extern "C" fn malloc(length: usize) -> *mut u8 {
            $crate::__malloc(length)
        }

        #[no_mangle]
        pub extern "C" fn free(address: *mut u8) {
            $crate::__free(address)
        }

        #[no_mangle]
        pub extern "C" fn RunBeforeExecutionOnGuest(ctx: u64) {
            $crate::__before(ctx, plugin())
        }

        #[no_mangle]
        pub extern "C" fn RunAfterExecutionOnGuest(ctx: u64) {
            $crate::__after(ctx, plugin())
        }
    };
}

/// The query that a call is about.
pub struct Query {
    ctx: u64,
}

impl Query {
    pub(crate) fn new(ctx: u64) -> Self {
        Query { ctx }
    }

    /// The query's text. What is no UTF-8 is replaced; [`Query::bytes`] has it as it is.
    pub fn text(&self) -> Result<String, Error> {
        Ok(String::from_utf8(self.bytes()?).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
    }

    /// The query's bytes.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        host::take("read the query", |value, length| unsafe { host::GetQueryOnHost(self.ctx, value, length) })
            .map(Option::unwrap_or_default)
    }

    /// Replaces the text that is executed; for use in before.
    pub fn set_text(&self, text: impl AsRef<[u8]>) -> Outcome {
        let text = text.as_ref();
        unsafe { host::SetQueryOnHost(self.ctx, text.as_ptr(), text.len()) }.or("set the query")
    }

    /// The text of the query's error.
    pub fn error(&self) -> Result<Option<String>, Error> {
        let bytes = host::take("read the error", |value, length| unsafe { host::GetErrorMessageOnHost(self.ctx, value, length) })?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Takes the query's error away: what the client gets is the result.
    pub fn clear_error(&self) -> Outcome {
        unsafe { host::SetErrorMessageOnHost(self.ctx, [].as_ptr(), 0) }.or("clear the error")
    }

    /// What the query gave; `None` if it gave nothing.
    pub fn result(&self) -> Result<Option<QueryResult>, Error> {
        match host::take("read the result", |value, length| unsafe { host::GetQueryResultOnHost(self.ctx, value, length) })? {
            Some(bytes) => QueryResult::read(bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Gives the client this result; for use in after.
    pub fn set_result(&self, result: &QueryResult) -> Outcome {
        let bytes = result.to_bytes();
        unsafe { host::SetQueryResultOnHost(self.ctx, bytes.as_ptr(), bytes.len()) }.or("set the result")
    }
}

/// Logs a line.
pub fn info(text: &str) {
    unsafe { host::InfoLogOnHost(text.as_ptr(), text.len()) };
}

/// Logs a line as an error; the query goes on.
pub fn error(text: &str) {
    unsafe { host::ErrorLogOnHost(text.as_ptr(), text.len()) };
}

impl Status {
    fn or(self, asked: &str) -> Outcome {
        match self {
            Status::OK => Ok(()),
            Status(number) => Err(format!("{}: the host answers status {}", asked, number).into()),
        }
    }
}
