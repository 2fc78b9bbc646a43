/* Adds one to a count in each scope, under the scope's lock; "report" as the query tells the counts instead. */
#include "../dialect_a.h"
#include "../../c/shared_report.h"

static u64 module_count(u64 module) {
    u8 *value;
    u32 length;
    u32 status = get_module_value(module, TEXT("count"), &value, &length);
    return number_of(status, value, length);
}

static u64 global_count(void) {
    u8 *value;
    u32 length;
    u32 status = get_global_value(TEXT("count"), &value, &length);
    return number_of(status, value, length);
}

static int add_one_to_module(u64 module) {
    if (module_lock(module) != OK) {
        return 0;
    }
    u64 count = module_count(module) + 1;
    return set_module_value(module, TEXT("count"), &count, sizeof count) == OK && module_unlock(module) == OK;
}

static int add_one_to_global(void) {
    if (global_lock() != OK) {
        return 0;
    }
    u64 count = global_count() + 1;
    return set_global_value(TEXT("count"), &count, sizeof count) == OK && global_unlock() == OK;
}

void run_before(u64 ctx, u64 module) {
    if (query_begins(ctx, "report")) {
        say("module ");
        say_number(module_count(module));
        say("; global ");
        say_number(global_count());
        report(ctx);
    } else if (!add_one_to_module(module) || !add_one_to_global()) {
        set_error_message(ctx, TEXT("cannot count"));
    }
}

void run_after(void) {
}
