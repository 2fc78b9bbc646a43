/* Asks for each value while there is none, and sets empty ones: every get of zero bytes answers 2. */
#include "../report.h"

void run_before(u64 ctx) {
    u8 *value;
    u32 length;
    say_status("query", get_query(ctx, &value, &length));
    say_status("error", get_error_message(ctx, &value, &length));
    say_status("result", get_query_result(ctx, &value, &length));
    say_status("set", set_query(ctx, TEXT("select 1")));
    say_status("set empty", set_query(ctx, 0, 0));
    say_status("query", get_query(ctx, &value, &length));
    report(ctx);
}

void run_after(u64 ctx) {
}
