/* Keeps a number in its memory from call to call: "before 1", "after 2" and so on. It shows who shares an instance with whom. */
#include "../report.h"

static u32 calls;

void run_before(u64 ctx) {
    say("before ");
    say_number(++calls);
    report(ctx);
}

void run_after(u64 ctx) {
    say("after ");
    say_number(++calls);
    report(ctx);
}
