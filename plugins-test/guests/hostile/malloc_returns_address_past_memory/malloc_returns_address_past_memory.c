/* malloc gives an address that is behind the end of the memory. */
#define GUEST_OWN_MALLOC
#include "../../c/report.h"

EXPORT(malloc) void *malloc(u32 length) {
    return (void *)0xffff0000u;
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
