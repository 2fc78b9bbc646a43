/* Answers with 32 MiB: as the query, then as the error message. */
#include "../../c/guest.h"

void run_before(u64 ctx) {
    const u32 length = 32u << 20;
    u8 *large = malloc(length);
    if (!large) {
        set_error_message(ctx, TEXT("no memory"));
        return;
    }
    set_query(ctx, large, length);
    set_error_message(ctx, large, length);
}

void run_after(u64 ctx) {
}
