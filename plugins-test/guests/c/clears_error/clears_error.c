/* Refuses each query, and takes back whatever error there is after it. */
#include "../guest.h"

void run_before(u64 ctx) {
    set_error_message(ctx, TEXT("refused for now"));
}

void run_after(u64 ctx) {
    set_error_message(ctx, 0, 0);
}
