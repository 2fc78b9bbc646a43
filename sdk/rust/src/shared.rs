//! Values and locks that requests share.

use crate::host::{self, Status};
use crate::{Error, Outcome};

#[link(wasm_import_module = "env")]
extern "C" {
    fn GetValueByKeyOnHost(scope: u32, module: u64, key: *const u8, key_length: usize, value: *mut *mut u8, length: *mut usize) -> Status;
    fn SetValueByKeyOnHost(scope: u32, module: u64, key: *const u8, key_length: usize, value: *const u8, length: usize) -> Status;
    fn LockOnHost(scope: u32, module: u64) -> Status;
    fn UnlockOnHost(scope: u32, module: u64) -> Status;
}

/// With whom values and locks are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// With the instances of this plugin.
    OfPlugin = 0,
    /// With all plugins of the host.
    OfHost = 1,
}

impl Shared {
    /// The value of a key.
    pub fn get(self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        host::take("read the shared value", |value, length| unsafe {
            GetValueByKeyOnHost(self as u32, 0, key.as_ptr(), key.len(), value, length)
        })
    }

    pub fn set(self, key: &str, value: &[u8]) -> Outcome {
        unsafe { SetValueByKeyOnHost(self as u32, 0, key.as_ptr(), key.len(), value.as_ptr(), value.len()) }.or("set the shared value")
    }

    /// Does something while no other request does something in `locked`. The host ends a wait that is longer than the call's deadline.
    pub fn locked<T>(self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        unsafe { LockOnHost(self as u32, 0) }.or("take the lock")?;
        let done = act();
        unsafe { UnlockOnHost(self as u32, 0) };
        done
    }
}
