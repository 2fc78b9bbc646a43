/* Makes of each query what stands in it behind "=> "; that may be nothing. */
#include "../guest.h"

void run_before(u64 ctx) {
    u8 *query;
    u32 length;
    if (get_query(ctx, &query, &length) != OK) {
        return;
    }
    for (u32 at = 0; at + 3 <= length; at++) {
        if (query[at] == '=' && query[at + 1] == '>' && query[at + 2] == ' ') {
            set_query(ctx, query + at + 3, length - at - 3);
            break;
        }
    }
    free(query);
}

void run_after(u64 ctx) {
}
