//! The one way from Java into Rust and back. Nothing else names `JNIEnv`.
//!
//! `export!` wraps the body of every native method: a panic is caught, an error becomes a pending Java exception, and the
//! method returns the default. An `Env` is the calling thread's, lives as long as the native call, and offers the few JNI
//! functions that we use, each with its checks.
#![allow(clippy::disallowed_types, reason = "this is the file that the rule protects")]

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use jni_sys::{
    JNI_ERR, JNI_OK, JNI_VERSION_1_8, JNIEnv, JavaVM, jclass, jint, jlong, jmethodID, jobject, jsize, jvalue,
};

use crate::engine::error::{Error, Result};

/// Declares a native method: its body returns `Result` and cannot panic into Java.
macro_rules! export {
    ($(#[$meta:meta])* fn $name:ident($env:ident $(, $arg:ident : $ty:ty)* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        // SAFETY: the name follows JNI's rules for a class and method of our own, so nothing else defines it.
        #[unsafe(no_mangle)]
        pub extern "system" fn $name(
            raw: $crate::jni::funnel::RawEnv,
            _class: $crate::jni::funnel::Object
            $(, $arg: $ty)*
        ) $(-> $ret)? {
            $crate::jni::funnel::enter(raw, |$env| $body)
        }
    };
}
pub(crate) use export;

/// The first argument of every native method.
#[repr(transparent)]
pub struct RawEnv(*mut JNIEnv);

/// A local reference that Java passed, or null. Valid during the native call.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Object(jobject);

/// The calling thread's JNI environment.
pub struct Env {
    raw: *mut JNIEnv,
    _confined: PhantomData<*mut ()>,
}

/// What is looked up once, when the library is loaded.
struct Java {
    vm: *mut JavaVM,
    raise_class: jclass,
    raise: jmethodID,
    calls_class: jclass,
    invoke: jmethodID,
    string_class: jclass,
}

// SAFETY: a JavaVM pointer, global references and method ids may be used from any thread.
unsafe impl Send for Java {}
// SAFETY: as above.
unsafe impl Sync for Java {}

static JAVA: OnceLock<Java> = OnceLock::new();

/// Calls a function of the JNI table.
macro_rules! jni {
    ($env:expr, $function:ident $(, $arg:expr)*) => {
        ((**$env.raw).v1_6.$function)($env.raw $(, $arg)*)
    };
}

/// Runs the body of a native method.
#[inline]
pub fn enter<R: Default>(raw: RawEnv, body: impl FnOnce(&Env) -> Result<R>) -> R {
    let env = Env { raw: raw.0, _confined: PhantomData };
    match catch_unwind(AssertUnwindSafe(|| body(&env))) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => {
            env.raise(error);
            R::default()
        }
        Err(panic) => {
            env.raise(Error::Internal(format!("a bug in sluice, please report it: {}", panic_text(&*panic))));
            R::default()
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match panic.downcast_ref::<String>() {
        Some(text) => text,
        None => panic.downcast_ref::<&str>().copied().unwrap_or("no message"),
    }
}

/// Called by the JVM when it loads the library.
// SAFETY: the JVM asks for this name, and nothing else defines it.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(vm: *mut JavaVM, _reserved: *mut std::ffi::c_void) -> jint {
    // Panics become Java errors; printing them as well would only frighten.
    std::panic::set_hook(Box::new(|_| {}));
    catch_unwind(|| match load(vm) {
        Some(java) => {
            let _ = JAVA.set(java);
            JNI_VERSION_1_8
        }
        None => JNI_ERR,
    })
    .unwrap_or(JNI_ERR)
}

fn load(vm: *mut JavaVM) -> Option<Java> {
    let env = env_of(vm)?;
    let raise_class = env.find_class(c"io/sluice/runtime/internal/Raise")?;
    let calls_class = env.find_class(c"io/sluice/runtime/internal/HostCalls")?;
    let string_class = env.find_class(c"java/lang/String")?;
    Some(Java {
        vm,
        raise: env.static_method(raise_class, c"raise", c"(ILjava/lang/String;JJ[Ljava/lang/String;)V")?,
        raise_class,
        invoke: env.static_method(calls_class, c"invoke", c"(Lio/sluice/runtime/HostFunction;J[J)V")?,
        calls_class,
        string_class,
    })
}

fn env_of(vm: *mut JavaVM) -> Option<Env> {
    let mut raw = ptr::null_mut();
    // SAFETY: the JVM gave us this pointer in JNI_OnLoad, and it lives as long as the process.
    let status = unsafe { ((**vm).v1_2.GetEnv)(vm, &mut raw, JNI_VERSION_1_8) };
    (status == JNI_OK).then(|| Env { raw: raw.cast(), _confined: PhantomData })
}

fn java() -> Result<&'static Java> {
    JAVA.get().ok_or_else(|| Error::Internal("the library was not loaded by a JVM".into()))
}

impl Env {
    /// The environment of the calling thread, for code that was reached through a guest.
    pub fn current() -> Result<Env> {
        env_of(java()?.vm).ok_or_else(|| Error::Internal("this thread is not attached to the JVM".into()))
    }

    fn find_class(&self, name: &std::ffi::CStr) -> Option<jclass> {
        // SAFETY: a valid environment and a NUL-terminated name; the global reference is never deleted.
        unsafe {
            let class = jni!(self, FindClass, name.as_ptr());
            if class.is_null() { None } else { Some(jni!(self, NewGlobalRef, class)) }
        }
    }

    fn static_method(&self, class: jclass, name: &std::ffi::CStr, signature: &std::ffi::CStr) -> Option<jmethodID> {
        // SAFETY: a live class and NUL-terminated names.
        let id = unsafe { jni!(self, GetStaticMethodID, class, name.as_ptr(), signature.as_ptr()) };
        (!id.is_null()).then_some(id)
    }

    pub fn exception_pending(&self) -> bool {
        // SAFETY: allowed at any time, with an exception pending too.
        unsafe { jni!(self, ExceptionCheck) }
    }

    /// Leaves a Java exception pending.
    #[cold]
    fn raise(&self, error: Error) {
        if self.exception_pending() {
            return;
        }
        let (kind, message, a, b, details) = super::codes::describe(error);
        let Ok(java) = java() else { return };
        let Ok(message) = self.new_string(&message) else { return };
        let Ok(details) = self.new_strings(&details) else { return };
        let arguments =
            [jvalue { i: kind }, jvalue { l: message.0 }, jvalue { j: a }, jvalue { j: b }, jvalue { l: details.0 }];
        // SAFETY: the class and the method are ours, the arguments are of the types in the method's signature.
        unsafe { jni!(self, CallStaticVoidMethodA, java.raise_class, java.raise, arguments.as_ptr()) };
    }

    /// Runs a Java host function. Its exception stays pending and is reported as `HostThrew`.
    pub fn invoke_host(&self, function: &GlobalRef, token: i64, slots: &mut [i64]) -> Result<()> {
        let java = java()?;
        let length = slots.len() as jsize;
        // SAFETY: a valid environment; the array is checked for null before use and deleted after; no JNI function that
        // is forbidden with an exception pending is called after one was seen.
        unsafe {
            let array = jni!(self, NewLongArray, length);
            if array.is_null() {
                return Err(Error::HostThrew);
            }
            jni!(self, SetLongArrayRegion, array, 0, length, slots.as_ptr());
            let arguments = [jvalue { l: function.0 }, jvalue { j: token }, jvalue { l: array }];
            jni!(self, CallStaticVoidMethodA, java.calls_class, java.invoke, arguments.as_ptr());
            if jni!(self, ExceptionCheck) {
                return Err(Error::HostThrew);
            }
            jni!(self, GetLongArrayRegion, array, 0, length, slots.as_mut_ptr());
            jni!(self, DeleteLocalRef, array);
        }
        Ok(())
    }

    pub fn new_string(&self, text: &str) -> Result<Object> {
        let units: Vec<u16> = text.encode_utf16().collect();
        // SAFETY: the pointer and the length are of one live vector.
        let string = unsafe { jni!(self, NewString, units.as_ptr(), units.len() as jsize) };
        self.unless_null(string)
    }

    pub fn new_strings(&self, texts: &[String]) -> Result<Object> {
        let class = java()?.string_class;
        // SAFETY: a live class and no initial element.
        let array = unsafe { jni!(self, NewObjectArray, texts.len() as jsize, class, ptr::null_mut()) };
        let array = self.unless_null(array)?;
        for (i, text) in texts.iter().enumerate() {
            let string = self.new_string(text)?;
            // SAFETY: the index is within the array just made; the local reference is not used afterwards.
            unsafe {
                jni!(self, SetObjectArrayElement, array.0, i as jsize, string.0);
                jni!(self, DeleteLocalRef, string.0);
            }
        }
        Ok(array)
    }

    fn unless_null(&self, object: jobject) -> Result<Object> {
        // Null means that the JVM ran out of memory, and its error is pending.
        if object.is_null() { Err(Error::HostThrew) } else { Ok(Object(object)) }
    }

    pub fn string(&self, what: &str, string: Object) -> Result<String> {
        let string = required(what, string)?;
        // SAFETY: Java's types make this a String; the region is exactly its length and the vector has that capacity.
        let units = unsafe {
            let length = jni!(self, GetStringLength, string);
            let mut units = vec![0u16; length.max(0) as usize];
            jni!(self, GetStringRegion, string, 0, length, units.as_mut_ptr());
            units
        };
        Ok(String::from_utf16_lossy(&units))
    }

    pub fn strings(&self, what: &str, array: Object) -> Result<Vec<String>> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a String[].
        let length = unsafe { jni!(self, GetArrayLength, raw) };
        (0..length)
            .map(|i| {
                // SAFETY: the index is below the array's length, which cannot change.
                let element = unsafe { jni!(self, GetObjectArrayElement, raw, i) };
                let text = self.string(what, Object(element))?;
                // SAFETY: the local reference was just made and is not used afterwards.
                unsafe { jni!(self, DeleteLocalRef, element) };
                Ok(text)
            })
            .collect()
    }

    pub fn longs(&self, what: &str, array: Object) -> Result<Vec<i64>> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a long[]; the region is exactly its length.
        unsafe {
            let length = jni!(self, GetArrayLength, raw);
            let mut values = vec![0; length.max(0) as usize];
            jni!(self, GetLongArrayRegion, raw, 0, length, values.as_mut_ptr());
            Ok(values)
        }
    }

    /// Writes the values back to the array that they came from; never past its end.
    pub fn set_longs(&self, what: &str, array: Object, values: &[i64]) -> Result<()> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a long[]; an index outside it throws and writes nothing.
        unsafe { jni!(self, SetLongArrayRegion, raw, 0, values.len() as jsize, values.as_ptr()) };
        if self.exception_pending() { Err(Error::HostThrew) } else { Ok(()) }
    }

    pub fn bytes(&self, what: &str, array: Object) -> Result<Vec<u8>> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a byte[].
        let length = unsafe { jni!(self, GetArrayLength, raw) }.max(0);
        let mut bytes = vec![0; length as usize];
        self.read_bytes(what, array, 0, &mut bytes)?;
        Ok(bytes)
    }

    /// Fills `target` from the array, beginning at `offset`.
    pub fn read_bytes(&self, what: &str, array: Object, offset: i32, target: &mut [u8]) -> Result<()> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a byte[]; the target has the length given; outside the array JNI throws.
        unsafe {
            jni!(self, GetByteArrayRegion, raw, offset, target.len() as jsize, target.as_mut_ptr().cast());
        }
        if self.exception_pending() { Err(Error::HostThrew) } else { Ok(()) }
    }

    /// Writes `source` into the array, beginning at `offset`.
    pub fn write_bytes(&self, what: &str, array: Object, offset: i32, source: &[u8]) -> Result<()> {
        let raw = required(what, array)?;
        // SAFETY: Java's types make this a byte[]; the source has the length given; outside the array JNI throws.
        unsafe { jni!(self, SetByteArrayRegion, raw, offset, source.len() as jsize, source.as_ptr().cast()) };
        if self.exception_pending() { Err(Error::HostThrew) } else { Ok(()) }
    }

    pub fn new_bytes(&self, bytes: &[u8]) -> Result<Object> {
        // SAFETY: a length that fits, for serialized code and logs are bounded well below 2 GiB.
        let array = unsafe { jni!(self, NewByteArray, bytes.len() as jsize) };
        let array = self.unless_null(array)?;
        self.write_bytes("bytes", array, 0, bytes)?;
        Ok(array)
    }

    pub fn global(&self, what: &str, object: Object) -> Result<GlobalRef> {
        let raw = required(what, object)?;
        // SAFETY: a live local reference.
        let global = unsafe { jni!(self, NewGlobalRef, raw) };
        if global.is_null() {
            return Err(Error::Internal("the JVM has no room for a global reference".into()));
        }
        Ok(GlobalRef(global))
    }

    /// Address and length of a direct buffer's memory.
    pub fn direct_buffer(&self, what: &str, buffer: Object) -> Result<(*mut u8, usize)> {
        let raw = required(what, buffer)?;
        // SAFETY: a live local reference; for anything but a direct buffer both answer so.
        let (address, capacity): (*mut u8, jlong) =
            unsafe { (jni!(self, GetDirectBufferAddress, raw).cast(), jni!(self, GetDirectBufferCapacity, raw)) };
        match usize::try_from(capacity) {
            Ok(capacity) if !address.is_null() => Ok((address, capacity)),
            _ => Err(Error::IllegalArgument(format!("{what}: expected a direct buffer"))),
        }
    }
}

fn required(what: &str, object: Object) -> Result<jobject> {
    if object.0.is_null() {
        return Err(Error::IllegalArgument(format!("{what} is null")));
    }
    Ok(object.0)
}

impl Default for Object {
    fn default() -> Object {
        Object(ptr::null_mut())
    }
}

/// A reference that keeps a Java object alive.
pub struct GlobalRef(jobject);

// SAFETY: global references may be used from any thread.
unsafe impl Send for GlobalRef {}
// SAFETY: as above.
unsafe impl Sync for GlobalRef {}

impl Drop for GlobalRef {
    fn drop(&mut self) {
        // On a thread that the JVM does not know the reference is kept: a small leak, and better than attaching here.
        if let Ok(env) = Env::current() {
            // SAFETY: made by NewGlobalRef, deleted once; allowed with an exception pending.
            unsafe { jni!(env, DeleteGlobalRef, self.0) };
        }
    }
}
