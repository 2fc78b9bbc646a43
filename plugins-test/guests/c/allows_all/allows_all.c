/* Does nothing. */
#include "../guest.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
}
