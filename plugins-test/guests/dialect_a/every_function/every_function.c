/* Calls every host function that dialect A shares with the others, once for each status that it can answer. */
#include "../dialect_a.h"
#include "../../c/every_function.h"

static u64 query;

void run_before(u64 ctx, u64 module) {
    query = ctx;
    u8 *value;
    u32 length;
    get_global_value(TEXT("none"), &value, &length);
    try_before(ctx);
}

void run_after(void) {
    try_after(query);
}
