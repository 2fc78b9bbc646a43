/* Says and logs bytes that are no UTF-8, with a NUL, and a line break that would forge a line of the log. */
#include "../../c/guest.h"

void run_before(u64 ctx) {
    info_log(TEXT("one\nERROR forged\x1b[2J\xff"));
    set_error_message(ctx, TEXT("bad \xff\xc0 text\0end"));
}

void run_after(u64 ctx) {
}
