/* Calls every host function that dialect B shares with the others, once for each status that it can answer. */
#include "../dialect_b.h"
#include "../../c/every_function.h"

static u64 query;

void run_before(u64 ctx, u64 module) {
    query = ctx;
    try_before(ctx);
}

void run_after(void) {
    try_after(query);
}
