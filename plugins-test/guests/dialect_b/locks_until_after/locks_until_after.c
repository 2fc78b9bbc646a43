/* Takes the lock before the query is executed and gives it back after; what the unlock answers goes to the log. */
#include "../dialect_b.h"
#include "../../c/report.h"

static u64 plugin;

void run_before(u64 ctx, u64 module) {
    plugin = module;
    lock(MODULE, module);
}

void run_after(void) {
    say_status("unlock", unlock(MODULE, plugin));
    log_report();
}
