/* Dialect C with shared values at addresses that are no good. */
#include "../shared_state.h"
#include "../report.h"

#define NOWHERE ((u8 *)0xfffffff0u)

void run_before(u64 ctx) {
    u8 *value;
    u32 length;
    say_status("set", set_value(MODULE, 0, NOWHERE, 100, TEXT("one")));
    say_status("set", set_value(MODULE, 0, TEXT("key"), NOWHERE, 100));
    say_status("get", get_value(MODULE, 0, NOWHERE, 100, &value, &length));
    set_value(MODULE, 0, TEXT("key"), TEXT("one"));
    say_status("get", get_value(MODULE, 0, TEXT("key"), (u8 **)0xfffffffeu, &length));
    report(ctx);
}

void run_after(u64 ctx) {
}
