/* Adds one to a count in each scope, under the scope's lock; "report" as the query tells the counts instead. */
#include "../dialect_b.h"
#include "../../c/shared_report.h"

static u64 count_of(u32 scope, u64 module) {
    u8 *value;
    u32 length;
    u32 status = get_value(scope, module, TEXT("count"), &value, &length);
    return number_of(status, value, length);
}

static int add_one(u32 scope, u64 module) {
    if (lock(scope, module) != OK) {
        return 0;
    }
    u64 count = count_of(scope, module) + 1;
    return set_value(scope, module, TEXT("count"), &count, sizeof count) == OK && unlock(scope, module) == OK;
}

void run_before(u64 ctx, u64 module) {
    if (query_begins(ctx, "report")) {
        say("module ");
        say_number(count_of(MODULE, module));
        say("; global ");
        say_number(count_of(GLOBAL, module));
        report(ctx);
    } else if (!add_one(MODULE, module) || !add_one(GLOBAL, module)) {
        set_error_message(ctx, TEXT("cannot count"));
    }
}

void run_after(void) {
}
