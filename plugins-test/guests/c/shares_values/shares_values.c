/* Dialect C with the older dialects' shared values and locks: the module argument is 0, and no other number will do. */
#include "../shared_state.h"
#include "../report.h"

static void try_scope(u32 scope) {
    u8 *value;
    u32 length;
    say_status("missing", get_value(scope, 0, TEXT("key"), &value, &length));
    say_status("lock", lock(scope, 0));
    say_status("set", set_value(scope, 0, TEXT("key"), TEXT("one")));
    u32 status = get_value(scope, 0, TEXT("key"), &value, &length);
    say_got("get", status, value, length);
    say_status("unlock", unlock(scope, 0));
    say_status("lock 1", lock(scope, 1));
    say_status("set 1", set_value(scope, 1, TEXT("key"), TEXT("one")));
    say_status("get 1", get_value(scope, 1, TEXT("key"), &value, &length));
    say_status("unlock 1", unlock(scope, 1));
}

void run_before(u64 ctx) {
    say("module: ");
    try_scope(0);
    say("global: ");
    try_scope(1);
    report(ctx);
}

void run_after(u64 ctx) {
}
