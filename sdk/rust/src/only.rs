//! Only on Sluice: the imports of the module `sluice`.

use crate::host::{self, Status};
use crate::{Error, Outcome};

#[link(wasm_import_module = "sluice")]
extern "C" {
    fn get_configuration(value: *mut *mut u8, length: *mut usize) -> Status;
    fn get_property(name: *const u8, name_length: usize, value: *mut *mut u8, length: *mut usize) -> Status;
    fn set_error(code: u32, state: *const u8, state_length: usize, message: *const u8, length: usize) -> Status;
    fn add_counter(name: *const u8, name_length: usize, delta: u64) -> Status;
}

/// The code and SQLSTATE of an error, and how to set one: a plugin that makes none does not import it.
#[derive(Clone, Copy)]
pub(crate) struct Coded {
    code: u16,
    state: [u8; 5],
    set: fn(u16, [u8; 5], &str) -> bool,
}

impl std::fmt::Debug for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code, String::from_utf8_lossy(&self.state))
    }
}

impl PartialEq for Coded {
    fn eq(&self, other: &Self) -> bool {
        (self.code, self.state) == (other.code, other.state)
    }
}

impl Eq for Coded {}

impl Coded {
    pub(crate) fn set(self, message: &str) -> bool {
        (self.set)(self.code, self.state, message)
    }
}

/// The plugin's configuration, a JSON object; `None` if it was given none.
pub fn configuration() -> Result<Option<String>, Error> {
    let bytes = host::take("read the configuration", |value, length| unsafe { get_configuration(value, length) })?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// A property of the query: user, client_address, database, kind, tables, bind_values. `None` if the host does not know it, and if who
/// deploys the plugin does not grant it.
pub fn property(name: &str) -> Result<Option<String>, Error> {
    let bytes = host::take("read a property", |value, length| unsafe { get_property(name.as_ptr(), name.len(), value, length) })?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// An error with MySQL's code and SQLSTATE.
pub fn coded(code: u16, state: &[u8; 5], message: impl Into<String>) -> Error {
    let set = |code: u16, state: [u8; 5], message: &str| {
        unsafe { set_error(code.into(), state.as_ptr(), state.len(), message.as_ptr(), message.len()) == Status::OK }
    };
    Error { message: message.into(), coded: Some(Coded { code, state: *state, set }) }
}

/// Adds to a counter of the plugin.
pub fn count(name: &str, delta: u64) -> Outcome {
    unsafe { add_counter(name.as_ptr(), name.len(), delta) }.or("add to the counter")
}
