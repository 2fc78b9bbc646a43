/* Says which ABI version and which runtime the host names. */
#include "../report.h"

static void say_value(u32 (*get)(u8 **, u32 *)) {
    u8 *value;
    u32 length;
    if (get(&value, &length) == OK) {
        say_bytes(value, length);
        free(value);
    }
    say(" ");
}

void run_before(u64 ctx) {
    say_value(get_abi_version);
    say_value(get_runtime_type);
    report(ctx);
}

void run_after(u64 ctx) {
}
