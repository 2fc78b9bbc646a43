/* After a query like "select 1000", answers with so many rows of one column: "x". */
#include "../guest.h"

static const u8 field[] = {0x0a, 0x06, 0x0a, 0x01, 'c', 0x10, 0x95, 0x30}; /* name, type VARCHAR */
static const u8 row[] = {0x22, 0x06, 0x0a, 0x01, 0x02, 0x12, 0x01, 'x'};   /* lengths 1, values */

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u8 *query;
    u32 length, rows = 0;
    if (get_query(ctx, &query, &length) != OK) {
        return;
    }
    for (u32 i = 0; i < length; i++) {
        if (query[i] >= '0' && query[i] <= '9') {
            rows = rows * 10 + (query[i] - '0');
        }
    }
    free(query);
    u32 size = sizeof field + rows * sizeof row;
    u8 *result = malloc(size);
    if (!result) {
        set_error_message(ctx, TEXT("no memory for the rows"));
        return;
    }
    for (u32 i = 0; i < sizeof field; i++) {
        result[i] = field[i];
    }
    u64 bytes;
    __builtin_memcpy(&bytes, row, sizeof bytes);
    for (u32 i = 0; i < rows; i++) {
        __builtin_memcpy(result + sizeof field + i * sizeof bytes, &bytes, sizeof bytes);
    }
    if (set_query_result(ctx, result, size) != OK) {
        set_error_message(ctx, TEXT("the host refuses the rows"));
    }
    free(result);
}
