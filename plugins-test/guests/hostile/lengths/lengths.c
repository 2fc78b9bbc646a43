/* Lengths of 2^31 and 2^32-1, and one that ends a byte behind the memory. */
#include "../../c/report.h"

#define START ((void *)8u)

void run_before(u64 ctx) {
    say_status("query", set_query(ctx, START, 0x80000000u));
    say_status("query", set_query(ctx, START, 0xffffffffu));
    say_status("query", set_query(ctx, START, 0x10000u - 8 + 1));
    say_status("error", set_error_message(ctx, START, 0x80000000u));
    say_status("error", set_error_message(ctx, START, 0xffffffffu));
    say_status("result", set_query_result(ctx, START, 0x80000000u));
    say_status("result", set_query_result(ctx, START, 0xffffffffu));
    say_status("info", info_log(START, 0x80000000u));
    say_status("info", info_log(START, 0xffffffffu));
    say_status("last", error_log((void *)0xffffffffu, 0xffffffffu));
    say_status("nothing", set_query(ctx, (void *)0xffffffffu, 0));
    report(ctx);
}

void run_after(u64 ctx) {
}
