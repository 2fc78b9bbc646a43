/* Refuses what each query gave, once it is executed. */
#include "../guest.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    set_error_message(ctx, TEXT("refused after"));
}
