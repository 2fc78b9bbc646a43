/* Asks for properties by names that are none, and with addresses that are no good. */
#include "../sluice.h"
#include "../../c/report.h"

void run_before(u64 ctx) {
    u8 *value;
    u32 length;
    say_status("unknown", get_property(TEXT("password"), &value, &length));
    say_status("other case", get_property(TEXT("User"), &value, &length));
    say_status("no name", get_property(0, 0, &value, &length));
    say_status("name nowhere", get_property((u8 *)0xfffffff0u, 100, &value, &length));
    say_status("to nowhere", get_property(TEXT("user"), (u8 **)0xfffffffeu, &length));
    report(ctx);
}

void run_after(u64 ctx) {
}
