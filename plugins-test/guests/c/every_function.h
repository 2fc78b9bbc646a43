/*
 * Calls every function that the dialects have in common, once for each status that it can answer. A guest includes it and calls
 * try_before and try_after from its own entry points.
 */
#define REPORT_BYTES 2048
#include "report.h"

static u8 *const NOWHERE = (u8 *)0xfffffff0u;
#define NO_POINTER ((u8 **)0xfffffffeu)
#define FORGED(ctx) ((ctx) ^ 0x5555555555555555ull)

static void try_host(void) {
    u8 *value;
    u32 length;
    u32 status = get_abi_version(&value, &length);
    say_got("version", status, value, length);
    status = get_runtime_type(&value, &length);
    say_got("runtime", status, value, length);
    say_status("version", get_abi_version(NO_POINTER, &length));
    say_status("runtime", get_runtime_type(NO_POINTER, &length));
    say_status("info", info_log(TEXT("an info")));
    say_status("info", info_log(NOWHERE, 100));
    say_status("error", error_log(TEXT("an error")));
    say_status("error", error_log(NOWHERE, 100));
}

static void try_query(u64 ctx) {
    u8 *value;
    u32 length;
    u32 status = get_query(ctx, &value, &length);
    say_got("get query", status, value, length);
    say_status("get query", get_query(FORGED(ctx), &value, &length));
    say_status("get query", get_query(ctx, NO_POINTER, &length));
    say_status("set query", set_query(ctx, TEXT("select 2")));
    say_status("set query", set_query(FORGED(ctx), TEXT("select 3")));
    say_status("set query", set_query(ctx, NOWHERE, 100));
    status = get_query(ctx, &value, &length);
    say_got("get query", status, value, length);
    say_status("set query", set_query(ctx, 0, 0));
    say_status("get query", get_query(ctx, &value, &length));
}

static void try_error(u64 ctx) {
    u8 *value;
    u32 length;
    say_status("get error", get_error_message(ctx, &value, &length));
    say_status("set error", set_error_message(ctx, TEXT("an error")));
    u32 status = get_error_message(ctx, &value, &length);
    say_got("get error", status, value, length);
    say_status("get error", get_error_message(FORGED(ctx), &value, &length));
    say_status("get error", get_error_message(ctx, NO_POINTER, &length));
    say_status("set error", set_error_message(FORGED(ctx), TEXT("another")));
    say_status("set error", set_error_message(ctx, NOWHERE, 100));
    say_status("set error", set_error_message(ctx, 0, 0));
    say_status("get error", get_error_message(ctx, &value, &length));
}

/* rows_affected = 7 */
static const u8 a_result[] = {0x10, 7};

static void try_result(u64 ctx) {
    u8 *value;
    u32 length;
    u32 status = get_query_result(ctx, &value, &length);
    say_status("get result", status);
    say_status("set result", set_query_result(ctx, a_result, sizeof a_result));
    status = get_query_result(ctx, &value, &length);
    say_status("get result", status == OK && length == sizeof a_result && value[1] == 7 ? OK : status | 0x100);
    say_status("get result", get_query_result(FORGED(ctx), &value, &length));
    say_status("get result", get_query_result(ctx, NO_POINTER, &length));
    say_status("set result", set_query_result(FORGED(ctx), a_result, sizeof a_result));
    say_status("set result", set_query_result(ctx, NOWHERE, 100));
    say_status("set result", set_query_result(ctx, TEXT("no protobuf")));
}

/* What it saw becomes the error message, so it must set that last. */
static void try_before(u64 ctx) {
    try_host();
    try_query(ctx);
    try_error(ctx);
    report(ctx);
}

static void try_after(u64 ctx) {
    try_error(ctx);
    try_result(ctx);
    log_report();
}
