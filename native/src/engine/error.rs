//! What can go wrong, in the terms that the Java side knows: each variant becomes one Java exception.

use wasmtime::Trap;

use super::trace::{self, Frame, Origin};
use crate::abi::wasi::{DeadlinePassed, GuestExit};
use crate::abi::wescale::shared::LockTimeout;

/// One failed operation. The funnel in `jni` turns it into a Java exception, nothing else does.
#[derive(Debug)]
pub enum Error {
    /// The bytes are no module that this engine accepts.
    Compilation(String),
    /// An import or export is missing or of another type.
    Link(String),
    /// Guest code ended abnormally.
    Trap {
        kind: TrapKind,
        message: String,
        frames: Vec<Frame>,
    },
    /// A limit was hit: which one, what was asked, what is allowed.
    Limit {
        limit: Limit,
        requested: i64,
        allowed: i64,
        message: String,
    },
    /// The guest called `proc_exit`.
    Exit(i32),
    /// Closed, busy, on the wrong thread.
    IllegalState(String),
    IllegalArgument(String),
    /// An access outside a memory, table or array.
    OutOfBounds(String),
    /// A bug on our side; never the guest's doing.
    Internal(String),
    /// A Java host function threw: its exception is already pending on this thread.
    HostThrew,
}

pub type Result<T> = std::result::Result<T, Error>;

/// Declares an enum whose values cross into Java, with the table that a test compares to the Java side.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $java:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(i32)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The name of the Java constant.
            pub const fn java_name(self) -> &'static str {
                match self { $($name::$variant => $java,)* }
            }
        }
    };
}

codes! {
    /// Why guest code ended; `io.sluice.runtime.TrapKind`.
    TrapKind {
        Other = "OTHER",
        Unreachable = "UNREACHABLE",
        MemoryOutOfBounds = "MEMORY_OUT_OF_BOUNDS",
        TableOutOfBounds = "TABLE_OUT_OF_BOUNDS",
        IndirectCallToNull = "INDIRECT_CALL_TO_NULL",
        BadSignature = "BAD_SIGNATURE",
        IntegerOverflow = "INTEGER_OVERFLOW",
        IntegerDivisionByZero = "INTEGER_DIVISION_BY_ZERO",
        BadConversionToInteger = "BAD_CONVERSION_TO_INTEGER",
        StackOverflow = "STACK_OVERFLOW",
        OutOfFuel = "OUT_OF_FUEL",
        DeadlineExceeded = "DEADLINE_EXCEEDED",
        HostFunction = "HOST_FUNCTION",
    }
}

codes! {
    /// Which limit was hit; `io.sluice.runtime.Limit`.
    Limit {
        ModuleBytes = "MODULE_BYTES",
        FunctionBytes = "FUNCTION_BYTES",
        CompileTime = "COMPILE_TIME",
        MemoryBytes = "MEMORY_BYTES",
        TableElements = "TABLE_ELEMENTS",
        Instances = "INSTANCES",
        Memories = "MEMORIES",
        Tables = "TABLES",
        TotalMemory = "TOTAL_MEMORY",
        ThreadStack = "THREAD_STACK",
        PoolSlots = "POOL_SLOTS",
        OutputBytes = "OUTPUT_BYTES",
    }
}

impl Error {
    pub fn limit(limit: Limit, requested: u64, allowed: u64, message: String) -> Error {
        Error::Limit { limit, requested: clamp(requested), allowed: clamp(allowed), message }
    }

    /// The same error, with the phase in its message.
    pub fn during(mut self, phase: &str) -> Error {
        match &mut self {
            Error::Trap { message, .. } | Error::Limit { message, .. } => *message = format!("at {phase}: {message}"),
            _ => {}
        }
        self
    }

    /// Maps an error that came out of guest code.
    ///
    /// `budget` names the call's for the message, `origins` lead back from metered code.
    pub fn from_guest(error: wasmtime::Error, budget: &dyn std::fmt::Display, origins: &[Origin]) -> Error {
        if let Some(error) = error.downcast_ref::<HostFailure>() {
            return match error {
                HostFailure::Threw => Error::HostThrew,
                HostFailure::Failed(text) => Error::IllegalState(text.clone()),
            };
        }
        if let Some(exit) = error.downcast_ref::<GuestExit>() {
            return Error::Exit(exit.0);
        }
        let frames = trace::frames(&error, origins);
        if error.downcast_ref::<DeadlinePassed>().is_some() {
            let kind = TrapKind::DeadlineExceeded;
            return Error::Trap { kind, message: describe_trap(kind, None, budget, &frames), frames };
        }
        if let Some(lock) = error.downcast_ref::<LockTimeout>() {
            let kind = TrapKind::DeadlineExceeded;
            let budget = format_args!("{lock}; {budget}");
            return Error::Trap { kind, message: describe_trap(kind, None, &budget, &frames), frames };
        }
        let (kind, message) = match error.downcast_ref::<Trap>() {
            Some(trap) => {
                let kind = TrapKind::from(*trap);
                (kind, describe_trap(kind, Some(*trap), budget, &frames))
            }
            None => (TrapKind::HostFunction, format!("a host function failed: {}", error.root_cause())),
        };
        Error::Trap { kind, message, frames }
    }
}

fn clamp(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// How a Java host function ended when it did not return.
#[derive(Debug)]
pub enum HostFailure {
    /// Its exception is pending on the calling thread.
    Threw,
    /// It could not be called.
    Failed(String),
}

impl std::fmt::Display for HostFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HostFailure::Threw => f.write_str("a host function threw"),
            HostFailure::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for HostFailure {}

fn describe_trap(kind: TrapKind, trap: Option<Trap>, budget: &dyn std::fmt::Display, frames: &[Frame]) -> String {
    let what = match kind {
        TrapKind::Other => match trap {
            Some(trap) => trap.to_string(),
            None => "trap".to_owned(),
        },
        TrapKind::Unreachable => "unreachable instruction executed".to_owned(),
        TrapKind::MemoryOutOfBounds => "access outside the memory".to_owned(),
        TrapKind::TableOutOfBounds => "access outside the table".to_owned(),
        TrapKind::IndirectCallToNull => "indirect call to a null element".to_owned(),
        TrapKind::BadSignature => "indirect call of a func of another type".to_owned(),
        TrapKind::IntegerOverflow => "integer overflow".to_owned(),
        TrapKind::IntegerDivisionByZero => "integer division by zero".to_owned(),
        TrapKind::BadConversionToInteger => "conversion to integer out of range".to_owned(),
        TrapKind::StackOverflow => "the guest's call stack is exhausted".to_owned(),
        TrapKind::OutOfFuel => format!("out of fuel ({budget})"),
        TrapKind::DeadlineExceeded => format!("deadline exceeded ({budget})"),
        TrapKind::HostFunction => "a host function failed".to_owned(),
    };
    match frames.first() {
        Some(frame) => format!("trap: {what}, in {} at offset 0x{:x}", frame.function, frame.module_offset),
        None => format!("trap: {what}"),
    }
}

impl From<Trap> for TrapKind {
    fn from(trap: Trap) -> TrapKind {
        match trap {
            Trap::StackOverflow => TrapKind::StackOverflow,
            Trap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
            Trap::TableOutOfBounds => TrapKind::TableOutOfBounds,
            Trap::IndirectCallToNull => TrapKind::IndirectCallToNull,
            Trap::BadSignature => TrapKind::BadSignature,
            Trap::IntegerOverflow => TrapKind::IntegerOverflow,
            Trap::IntegerDivisionByZero => TrapKind::IntegerDivisionByZero,
            Trap::BadConversionToInteger => TrapKind::BadConversionToInteger,
            Trap::UnreachableCodeReached => TrapKind::Unreachable,
            Trap::Interrupt => TrapKind::DeadlineExceeded,
            Trap::OutOfFuel => TrapKind::OutOfFuel,
            _ => TrapKind::Other,
        }
    }
}
