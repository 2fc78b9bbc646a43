/* Takes the lock of its scope, or the global one for a query that begins with "global", and never gives it back. */
#include "../dialect_b.h"
#include "../../c/shared_report.h"

void run_before(u64 ctx, u64 module) {
    u32 status = lock(query_begins(ctx, "global") ? GLOBAL : MODULE, module);
    if (status != OK) {
        say_status("lock", status);
        report(ctx);
    }
}

void run_after(void) {
}
