/* Calls every host function of dialect C, once for each status that it can answer. */
#include "../every_function.h"

void run_before(u64 ctx) {
    try_before(ctx);
}

void run_after(u64 ctx) {
    try_after(ctx);
}
