/* Sets and gets shared values in both scopes, once for each status that the host can answer, and reports the statuses. */
#include "../dialect_a.h"
#define REPORT_BYTES 2048
#include "../../c/report.h"

#define NOWHERE ((u8 *)0xfffffff0u)
#define NO_POINTER ((u8 **)0xfffffffeu)

static void try_module(u64 module) {
    u8 *value;
    u32 length;
    say_status("missing", get_module_value(module, TEXT("key"), &value, &length));
    say_status("set", set_module_value(module, TEXT("key"), TEXT("one")));
    u32 status = get_module_value(module, TEXT("key"), &value, &length);
    say_got("get", status, value, length);
    say_status("set empty", set_module_value(module, TEXT("key"), 0, 0));
    say_status("get empty", get_module_value(module, TEXT("key"), &value, &length));
    say_status("set no key", set_module_value(module, 0, 0, TEXT("one")));
    say_status("get no key", get_module_value(module, 0, 0, &value, &length));
    say_status("set forged", set_module_value(module ^ 0x5555, TEXT("key"), TEXT("one")));
    say_status("get forged", get_module_value(module ^ 0x5555, TEXT("key"), &value, &length));
    say_status("set key nowhere", set_module_value(module, NOWHERE, 100, TEXT("one")));
    say_status("set value nowhere", set_module_value(module, TEXT("key"), NOWHERE, 100));
    say_status("get key nowhere", get_module_value(module, NOWHERE, 100, &value, &length));
    set_module_value(module, TEXT("key"), TEXT("one"));
    say_status("get to nowhere", get_module_value(module, TEXT("key"), NO_POINTER, &length));
}

static void try_global(void) {
    u8 *value;
    u32 length;
    say_status("missing", get_global_value(TEXT("key"), &value, &length));
    say_status("set", set_global_value(TEXT("key"), TEXT("one")));
    u32 status = get_global_value(TEXT("key"), &value, &length);
    say_got("get", status, value, length);
    say_status("set empty", set_global_value(TEXT("key"), 0, 0));
    say_status("get empty", get_global_value(TEXT("key"), &value, &length));
    say_status("set no key", set_global_value(0, 0, TEXT("one")));
    say_status("get no key", get_global_value(0, 0, &value, &length));
    say_status("set key nowhere", set_global_value(NOWHERE, 100, TEXT("one")));
    say_status("set value nowhere", set_global_value(TEXT("key"), NOWHERE, 100));
    say_status("get key nowhere", get_global_value(NOWHERE, 100, &value, &length));
    set_global_value(TEXT("key"), TEXT("one"));
    say_status("get to nowhere", get_global_value(TEXT("key"), NO_POINTER, &length));
}

void run_before(u64 ctx, u64 module) {
    say("module: ");
    try_module(module);
    say("global: ");
    try_global();
    report(ctx);
}

void run_after(void) {
}
