/* Takes and gives back the lock of each scope, also twice and without having it, and reports the statuses. */
#include "../dialect_b.h"
#include "../../c/report.h"

static void try_scope(u32 scope, u64 module) {
    say_status("unlock unheld", unlock(scope, module));
    say_status("lock", lock(scope, module));
    say_status("lock twice", lock(scope, module));
    say_status("unlock", unlock(scope, module));
    say_status("unlock twice", unlock(scope, module));
    say_status("lock forged", lock(scope, module ^ 0x5555));
    say_status("unlock forged", unlock(scope, module ^ 0x5555));
}

void run_before(u64 ctx, u64 module) {
    say("module: ");
    try_scope(MODULE, module);
    say("global: ");
    try_scope(GLOBAL, module);
    say("scope 2: ");
    say_status("lock", lock(2, module));
    say_status("unlock", unlock(2, module));
    report(ctx);
}

void run_after(void) {
}
