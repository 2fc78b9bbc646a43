/* Out-pointers that are no good: behind the memory, across its end, at 2^32-1, both at one place. */
#include "../../c/report.h"

#define AT(address) ((void *)(address))

void run_before(u64 ctx) {
    u32 good;
    say_status("past", get_query(ctx, AT(0x10000u), &good));
    say_status("past length", get_query(ctx, AT(&good), AT(0x10000u)));
    say_status("across", get_query(ctx, AT(0xfffeu), &good));
    say_status("last", get_query(ctx, AT(0xffffffffu), AT(0xffffffffu)));
    say_status("version", get_abi_version(AT(0xffffffffu), AT(0xffffffffu)));
    report(ctx);
}

void run_after(u64 ctx) {
    u8 *error;
    u32 same;
    say_status("one place", get_error_message(ctx, (u8 **)&same, &same));
    say_status("across each other", get_error_message(ctx, &error, (u32 *)((u8 *)&error + 2)));
    info_log(said, said_length);
}
