/* Sets an error with a code and a state, after having tried ones that are no good; what the host answered goes to the log. */
#include "../sluice.h"
#include "../../c/report.h"

void run_before(u64 ctx) {
    say_status("code 0", set_error(0, TEXT("42000"), TEXT("no")));
    say_status("code 65536", set_error(65536, TEXT("42000"), TEXT("no")));
    say_status("state of 4", set_error(1142, TEXT("4200"), TEXT("no")));
    say_status("state of 6", set_error(1142, TEXT("420000"), TEXT("no")));
    say_status("lower case", set_error(1142, TEXT("42s01"), TEXT("no")));
    say_status("no message", set_error(1142, TEXT("42000"), 0, 0));
    say_status("state nowhere", set_error(1142, (u8 *)0xfffffff0u, 5, TEXT("no")));
    say_status("message nowhere", set_error(1142, TEXT("42000"), (u8 *)0xfffffff0u, 100));
    say_status("good", set_error(1142, TEXT("42000"), TEXT("denied by the plugin")));
    log_report();
}

void run_after(u64 ctx) {
}
