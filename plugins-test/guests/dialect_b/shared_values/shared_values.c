/* Sets and gets shared values in both scopes, once for each status that the host can answer, and reports the statuses. */
#include "../dialect_b.h"
#define REPORT_BYTES 2048
#include "../../c/report.h"

#define NOWHERE ((u8 *)0xfffffff0u)
#define NO_POINTER ((u8 **)0xfffffffeu)

static void try_scope(u32 scope, u64 module) {
    u8 *value;
    u32 length;
    say_status("missing", get_value(scope, module, TEXT("key"), &value, &length));
    say_status("set", set_value(scope, module, TEXT("key"), TEXT("one")));
    u32 status = get_value(scope, module, TEXT("key"), &value, &length);
    say_got("get", status, value, length);
    say_status("set again", set_value(scope, module, TEXT("key"), TEXT("number two")));
    status = get_value(scope, module, TEXT("key"), &value, &length);
    say_got("get", status, value, length);
    say_status("set empty", set_value(scope, module, TEXT("key"), 0, 0));
    say_status("get empty", get_value(scope, module, TEXT("key"), &value, &length));
    say_status("set no key", set_value(scope, module, 0, 0, TEXT("one")));
    say_status("get no key", get_value(scope, module, 0, 0, &value, &length));
    say_status("set forged", set_value(scope, module ^ 0x5555, TEXT("key"), TEXT("one")));
    say_status("get forged", get_value(scope, module ^ 0x5555, TEXT("key"), &value, &length));
    say_status("set key nowhere", set_value(scope, module, NOWHERE, 100, TEXT("one")));
    say_status("set value nowhere", set_value(scope, module, TEXT("key"), NOWHERE, 100));
    say_status("get key nowhere", get_value(scope, module, NOWHERE, 100, &value, &length));
    set_value(scope, module, TEXT("key"), TEXT("one"));
    say_status("get to nowhere", get_value(scope, module, TEXT("key"), NO_POINTER, &length));
}

void run_before(u64 ctx, u64 module) {
    u8 *value;
    u32 length;
    say("module: ");
    try_scope(MODULE, module);
    say("global: ");
    try_scope(GLOBAL, module);
    say("scope 2: ");
    say_status("set", set_value(2, module, TEXT("key"), TEXT("one")));
    say_status("get", get_value(2, module, TEXT("key"), &value, &length));
    report(ctx);
}

void run_after(void) {
}
