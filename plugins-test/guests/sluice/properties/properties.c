/* Reports every property of the query, before it is executed and, to the log, after. */
#include "../sluice.h"
#include "../../c/report.h"

static void say_property(const char *name) {
    u8 *value;
    u32 length = 0;
    while (name[length]) {
        length++;
    }
    u32 status = get_property(name, length, &value, &length);
    say_got(name, status, value, length);
}

static void say_all(void) {
    say_property("user");
    say_property("client_address");
    say_property("database");
    say_property("kind");
    say_property("tables");
    say_property("bind_values");
}

void run_before(u64 ctx) {
    say_all();
    report(ctx);
}

void run_after(u64 ctx) {
    say_all();
    log_report();
}
