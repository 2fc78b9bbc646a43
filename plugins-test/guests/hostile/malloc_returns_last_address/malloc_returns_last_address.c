/* malloc gives the last address of the memory, where one byte fits and no more. */
#define GUEST_OWN_MALLOC
#include "../../c/report.h"

EXPORT(malloc) void *malloc(u32 length) {
    return (void *)0xffffu;
}

void run_before(u64 ctx) {
    u8 *query = 0;
    u32 length = 0;
    say_status("get", get_query(ctx, &query, &length));
    say_bytes(query, length);
    report(ctx);
}

void run_after(u64 ctx) {
}
