/* The same as lock_states, with the name that the first hosts gave to the function that unlocks: ModuleUnLockOnHost. */
#define EARLY_SPELLING
#include "../dialect_a.h"
#include "../../c/report.h"

void run_before(u64 ctx, u64 module) {
    say("module: ");
    say_status("unlock unheld", module_unlock(module));
    say_status("lock", module_lock(module));
    say_status("lock twice", module_lock(module));
    say_status("unlock", module_unlock(module));
    say_status("unlock twice", module_unlock(module));
    say_status("lock forged", module_lock(module ^ 0x5555));
    say_status("unlock forged", module_unlock(module ^ 0x5555));
    say("global: ");
    say_status("unlock unheld", global_unlock());
    say_status("lock", global_lock());
    say_status("lock twice", global_lock());
    say_status("unlock", global_unlock());
    say_status("unlock twice", global_unlock());
    report(ctx);
}

void run_after(void) {
}
