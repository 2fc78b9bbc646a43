/* After the query, makes any error one with a code and a state of its own. */
#include "../sluice.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u8 *error;
    u32 length;
    if (get_error_message(ctx, &error, &length) == OK) {
        free(error);
        set_error(1213, TEXT("40001"), TEXT("try again"));
    }
}
