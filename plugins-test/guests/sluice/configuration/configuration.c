/* Reads its configuration in its start, and again before each query; reports the version of the imports and both. */
#include "../sluice.h"
#include "../../c/report.h"

static u8 *at_start;
static u32 at_start_length, at_start_status;

EXPORT(_initialize) void start(void) {
    at_start_status = get_configuration(&at_start, &at_start_length);
}

void run_before(u64 ctx) {
    u8 *value;
    u32 length;
    say_status("version", version());
    say_got("start", at_start_status, at_start, at_start_length);
    u32 status = get_configuration(&value, &length);
    say_got("before", status, value, length);
    say_status("nowhere", get_configuration((u8 **)0xfffffffeu, &length));
    report(ctx);
}

void run_after(u64 ctx) {
}
