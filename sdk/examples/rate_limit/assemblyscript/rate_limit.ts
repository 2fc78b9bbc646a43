// Lets ten queries through at once and one more each second. The bucket is one number in the shared values: the moment of the steady
// clock, in nanoseconds, at which it would be full again.

import { Plugin, Query, Shared, run } from "../../../assemblyscript";
export * from "../../../assemblyscript/exports";

@external("wasi_snapshot_preview1", "clock_time_get")
declare function clockTimeGet(id: u32, precision: u64, time: usize): u32;

const BURST: u64 = 10;
const NANOS_PER_QUERY: u64 = 1_000_000_000;
const KEY = "full_again";
const clock: usize = memory.data(8, 8);

class RateLimit extends Plugin {
  before(query: Query): void {
    // Without the lock, the count or its place nobody knows how many went through: the query does not.
    const taken = Shared.ofPlugin.lock() && take(query);
    Shared.ofPlugin.unlock();
    if (!taken) {
      query.reject("rate limit exceeded: 10 queries at once, then 1 a second");
    }
  }
}

function take(query: Query): bool {
  if (clockTimeGet(1, 1, clock) != 0) {
    return false;
  }
  const now = load<u64>(clock);
  const kept = Shared.ofPlugin.get(KEY);
  // What could not be read became the query's error.
  if (kept ? kept.length != 8 : query.error() != null) {
    return false;
  }
  const full = kept ? load<u64>(kept.dataStart) : 0;
  const next = max(full, now) + NANOS_PER_QUERY;
  if (next - now > BURST * NANOS_PER_QUERY) {
    return false;
  }
  const value = new Uint8Array(8);
  store<u64>(value.dataStart, next);
  return Shared.ofPlugin.set(KEY, value);
}

run(new RateLimit());
