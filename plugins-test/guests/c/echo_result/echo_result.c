/* After the query, sets the result to the bytes that it got; without one it logs the status of the call. */
#include "../report.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u8 *result;
    u32 length;
    u32 status = get_query_result(ctx, &result, &length);
    if (status == OK) {
        status = set_query_result(ctx, result, length);
        free(result);
    }
    say_status("result", status);
    info_log(said, said_length);
    said_length = 0;
}
