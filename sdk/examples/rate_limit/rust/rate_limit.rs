//! Lets ten queries through at once and one more each second. The bucket is one number in the shared values: the moment of the steady
//! clock, in nanoseconds, at which it would be full again.

use sluice::{Outcome, Plugin, Query, Shared};

const BURST: u64 = 10;
const NANOS_PER_QUERY: u64 = 1_000_000_000;
const KEY: &str = "full_again";

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn clock_time_get(id: u32, precision: u64, time: *mut u64) -> u16;
}

#[derive(Default)]
struct RateLimit;

impl Plugin for RateLimit {
    fn before(&mut self, _query: &Query) -> Outcome {
        Shared::OfPlugin.locked(take)
    }
}

fn take() -> Outcome {
    let mut now = 0;
    if unsafe { clock_time_get(1, 1, &mut now) } != 0 {
        return Err("the plugin cannot read the clock".into());
    }
    let full = match Shared::OfPlugin.get(KEY)? {
        Some(kept) => u64::from_le_bytes(kept.try_into().map_err(|_| "the shared value is no moment")?),
        None => 0,
    };
    let next = full.max(now) + NANOS_PER_QUERY;
    if next - now > BURST * NANOS_PER_QUERY {
        return Err("rate limit exceeded: 10 queries at once, then 1 a second".into());
    }
    Shared::OfPlugin.set(KEY, &next.to_le_bytes())
}

sluice::plugin!(RateLimit);
