/* Takes the module's lock and then the global one, or the other way round for a query that begins with "other". */
#include "../dialect_b.h"
#include "../../c/shared_report.h"

void run_before(u64 ctx, u64 module) {
    u32 first = query_begins(ctx, "other") ? GLOBAL : MODULE;
    lock(first, module);
    /* Long enough for another query to take the other lock. */
    for (volatile u32 round = 0; round < 2000000; round++) {
    }
    lock(!first, module);
    unlock(!first, module);
    unlock(first, module);
}

void run_after(void) {
}
