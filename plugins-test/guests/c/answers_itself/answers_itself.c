/* After the query, whatever came of it, answers with a result of its own: one row, ("a secret", NULL), and no error. */
#include "../guest.h"

static const u8 result[] =
    "\x0a\x09\x0a\x04" "text" "\x10\x95\x30"         /* field: name, type VARCHAR */
    "\x0a\x0b\x0a\x06" "number" "\x10\x89\x02"       /* field: name, type INT64 */
    "\x22\x0e\x0a\x02\x10\x01\x12\x08" "a secret";   /* row: lengths 8 and -1, values */

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    set_error_message(ctx, 0, 0);
    set_query_result(ctx, result, sizeof result - 1);
}
