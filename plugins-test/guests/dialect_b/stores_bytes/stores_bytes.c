/*
 * Stores as many bytes under one key as the query says, or under a key of as many bytes, or under new keys until the host refuses:
 * "value 1024", "key 1024", "fill 1024".
 */
#include "../dialect_b.h"
#include "../../c/report.h"

void run_before(u64 ctx, u64 module) {
    u8 *query;
    u32 length, size = 0, status = OK, stored = 0;
    if (get_query(ctx, &query, &length) != OK) {
        return;
    }
    for (u32 i = 0; i < length; i++) {
        if (query[i] >= '0' && query[i] <= '9') {
            size = size * 10 + (query[i] - '0');
        }
    }
    u8 *bytes = malloc(size);
    if (!bytes) {
        set_error_message(ctx, TEXT("no memory"));
        return;
    }
    switch (query[0]) {
        case 'v':
            say_status("value", set_value(MODULE, module, TEXT("key"), bytes, size));
            break;
        case 'k':
            say_status("key", set_value(MODULE, module, bytes, size, TEXT("value")));
            break;
        default:
            for (; status == OK && stored < 10000000; stored++) {
                status = set_value(MODULE, module, &stored, sizeof stored, bytes, size);
            }
            say("after ");
            say_number(stored - 1);
            say_status(" values", status);
    }
    report(ctx);
}

void run_after(void) {
}
