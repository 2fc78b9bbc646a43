/* Uses locks whose functions answer nothing. */
#define LOCKS_WITHOUT_RESULT
#include "../dialect_a.h"

void run_before(u64 ctx, u64 module) {
    module_unlock(module);
    module_lock(module);
    module_lock(module);
    module_unlock(module);
    global_lock();
    global_unlock();
    set_error_message(ctx, TEXT("all called"));
}

void run_after(void) {
}
