/* Takes both locks and traps; for a query that begins with "after", in the after stage. */
#include "../dialect_b.h"
#include "../../c/shared_report.h"

void run_before(u64 ctx, u64 module) {
    lock(MODULE, module);
    lock(GLOBAL, module);
    if (!query_begins(ctx, "after")) {
        __builtin_trap();
    }
}

void run_after(void) {
    __builtin_trap();
}
