//! Snapshots: a module whose new instances begin where another instance stood after its start.
//!
//! A start runs once, here, instead of once in each instance. What it read is then the same in all of them, so host
//! functions whose answer or effect must not be shared end the attempt, with a reason: [`observed`] has the rule. Whoever is
//! refused a snapshot starts its instances ahead of the requests instead.

mod observed;
mod runs;
mod source;
mod take;
mod write;

pub use self::source::{RESERVED, Reason};
pub use self::take::{Conditions, Outcome, take};

/// Runs before the snapshot is taken, if it is exported: for what a guest would otherwise do in its first request.
pub const WARM_UP: &str = "sluice_warm_up";
/// Runs in each instance that begins from a snapshot, if it is exported: for what must differ between instances.
pub const AFTER_RESTORE: &str = "sluice_after_restore";

/// The export by which a snapshot is known; its name says when it was taken, in nanoseconds of the guests' steady clock.
fn marker(taken_at: u64) -> String {
    format!("{RESERVED}.{taken_at}")
}

/// When the module was taken as a snapshot; `None` if it is none.
pub fn taken_at(module: &wasmtime::Module) -> Option<u64> {
    module.exports().find_map(|export| export.name().strip_prefix(RESERVED)?.strip_prefix('.')?.parse().ok())
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
