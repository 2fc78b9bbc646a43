/*
 * Lets ten queries through at once and one more each second. The bucket is one number in the shared values: the moment of the steady
 * clock, in nanoseconds, at which it would be full again.
 */
#include "../../../c/sluice.h"

#define BURST 10
#define NANOS_PER_QUERY 1000000000ull

SLUICE_IMPORT("wasi_snapshot_preview1", "clock_time_get") sluice_u32 clock_time_get(sluice_u32 id, sluice_u64 precision, sluice_u64 *time);

/* Without the lock, the count or its place nobody knows how many went through: the query does not. */
static int take(void) {
    sluice_u64 now = 0, full = 0;
    if (clock_time_get(1, 1, &now)) {
        return 0;
    }
    struct sluice_text kept = sluice_shared(SLUICE_PLUGIN, TEXT("full_again"));
    if (kept.length == sizeof full) {
        memcpy(&full, kept.data, sizeof full);
    } else if (kept.length || sluice_error().length) {
        return 0; /* What could not be read became the query's error. */
    }
    sluice_u64 next = (full > now ? full : now) + NANOS_PER_QUERY;
    if (next - now > BURST * NANOS_PER_QUERY) {
        return 0;
    }
    return sluice_set_shared(SLUICE_PLUGIN, TEXT("full_again"), (struct sluice_text){(const char *)&next, sizeof next}) == SLUICE_OK;
}

void before(void) {
    int taken = 0;
    if (sluice_lock(SLUICE_PLUGIN) == SLUICE_OK) {
        taken = take();
        sluice_unlock(SLUICE_PLUGIN);
    }
    if (!taken) {
        sluice_reject(TEXT("rate limit exceeded: 10 queries at once, then 1 a second"));
    }
}

void after(void) {}
