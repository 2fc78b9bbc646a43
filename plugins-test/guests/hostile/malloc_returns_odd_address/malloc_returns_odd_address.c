/* malloc gives an odd address, which is a good one all the same. */
#define GUEST_OWN_MALLOC
#include "../../c/report.h"

EXPORT(malloc) void *malloc(u32 length) {
    static u8 heap[1025];
    return (u8 *)((u32)heap | 1);
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
