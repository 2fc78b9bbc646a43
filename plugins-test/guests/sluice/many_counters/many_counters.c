/* Adds to ever new counters until the host refuses, and reports how many there are. */
#include "../sluice.h"
#include "../../c/report.h"

void run_before(u64 ctx) {
    u8 name[] = "counter_000";
    u32 made = 0, status = OK;
    while (made < 1000) {
        name[8] = '0' + made / 100;
        name[9] = '0' + made / 10 % 10;
        name[10] = '0' + made % 10;
        status = add_counter(name, sizeof name - 1, 1);
        if (status != OK) {
            break;
        }
        made++;
    }
    say_status("made", made);
    say_status("then", status);
    say_status("an old one", add_counter(TEXT("counter_000"), 1));
    report(ctx);
}

void run_after(u64 ctx) {
}
