/* Uses locks whose functions answer nothing, as most plugins of this dialect declare them; also twice and without having them. */
#define LOCKS_WITHOUT_RESULT
#include "../dialect_b.h"

void run_before(u64 ctx, u64 module) {
    unlock(MODULE, module);
    lock(MODULE, module);
    lock(MODULE, module);
    unlock(MODULE, module);
    lock(GLOBAL, module);
    unlock(GLOBAL, module);
    lock(2, module);
    set_error_message(ctx, TEXT("all called"));
}

void run_after(void) {
}
