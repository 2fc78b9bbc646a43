/* Sets the query to the bytes that it got, and says how many there were. */
#include "../report.h"

void run_before(u64 ctx) {
    u8 *query;
    u32 length = 0;
    u32 status = get_query(ctx, &query, &length);
    if (status == OK) {
        status = set_query(ctx, query, length);
        free(query);
    }
    say_status("status", status);
    say_number(length);
    say(" bytes");
    report(ctx);
}

void run_after(u64 ctx) {
}
