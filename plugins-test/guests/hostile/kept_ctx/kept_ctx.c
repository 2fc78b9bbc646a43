/* Goes on with the context of an earlier query. */
#include "../../c/report.h"

static u64 kept;

void run_before(u64 ctx) {
    if (!kept) {
        kept = ctx;
        return;
    }
    u8 *value;
    u32 length;
    say_status(kept == ctx ? "same" : "other", get_query(kept, &value, &length));
    report(ctx);
}

void run_after(u64 ctx) {
}
