/* Refuses each query. */
#include "../guest.h"

void run_before(u64 ctx) {
    set_error_message(ctx, TEXT("refused"));
}

void run_after(u64 ctx) {
}
