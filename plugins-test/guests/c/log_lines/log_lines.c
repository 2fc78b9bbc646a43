/* Logs each query at both levels, before and after. */
#include "../guest.h"

void run_before(u64 ctx) {
    u8 *query;
    u32 length;
    if (get_query(ctx, &query, &length) == OK) {
        info_log(query, length);
        error_log(TEXT("seen before"));
        free(query);
    }
}

void run_after(u64 ctx) {
    info_log(TEXT("seen after"));
}
