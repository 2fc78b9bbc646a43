/* Takes both locks and never ends. */
#include "../dialect_b.h"

void run_before(u64 ctx, u64 module) {
    lock(MODULE, module);
    lock(GLOBAL, module);
    for (volatile u32 round = 0;;) {
        round++;
    }
}

void run_after(void) {
}
