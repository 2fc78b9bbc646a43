/* After the query, wraps the error that there is: "seen: <error>"; without one it logs the status of the call. */
#include "../report.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u8 *error;
    u32 length;
    u32 status = get_error_message(ctx, &error, &length);
    if (status == OK) {
        say("seen: ");
        say_bytes(error, length);
        free(error);
        report(ctx);
    } else {
        say_status("error", status);
        info_log(said, said_length);
        said_length = 0;
    }
}
