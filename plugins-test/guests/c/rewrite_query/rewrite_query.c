/* Puts " limit 10" behind every query; an empty one becomes "select 1". */
#include "../guest.h"

void run_before(u64 ctx) {
    static const char more[] = " limit 10";
    u8 *query;
    u32 length;
    if (get_query(ctx, &query, &length) != OK) {
        set_query(ctx, TEXT("select 1"));
        return;
    }
    u8 *longer = malloc(length + sizeof more - 1);
    for (u32 i = 0; i < length; i++) {
        longer[i] = query[i];
    }
    for (u32 i = 0; i < sizeof more - 1; i++) {
        longer[length + i] = (u8)more[i];
    }
    set_query(ctx, longer, length + sizeof more - 1);
    free(longer);
    free(query);
}

void run_after(u64 ctx) {
}
