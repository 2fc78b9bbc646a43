/* Passes contexts that it was never given. */
#include "../../c/report.h"

void run_before(u64 ctx) {
    const u64 forged[] = {0, ctx + 1, ctx ^ (1ull << 63), ~0ull, 0x00007f0000000000ull, (u64)(u32)forged};
    for (u32 i = 0; i < sizeof forged / sizeof *forged; i++) {
        u8 *value;
        u32 length;
        u64 wrong = forged[i] == ctx ? ctx + 2 : forged[i];
        say_status("get", get_query(wrong, &value, &length));
        say_status("set", set_query(wrong, TEXT("drop table t")));
    }
    report(ctx);
}

void run_after(u64 ctx) {
}
