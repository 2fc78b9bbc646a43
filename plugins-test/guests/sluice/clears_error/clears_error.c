/* After the query, takes back whatever error there is and answers that three rows changed; the statuses go to the log. */
#include "../sluice.h"
#include "../../c/report.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    static const u8 result[] = {0x10, 3}; /* rows_affected */
    u8 *error;
    u32 length;
    if (get_error_message(ctx, &error, &length) == OK) {
        free(error);
        say_status("clear", clear_error());
        say_status("get", get_error_message(ctx, &error, &length));
        say_status("result", set_query_result(ctx, result, sizeof result));
    } else {
        say_status("nothing to clear", clear_error());
    }
    log_report();
}
