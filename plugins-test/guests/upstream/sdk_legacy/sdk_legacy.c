/*
 * A plugin as the first SDKs built them, dialect B: a WASI command whose _start runs main, an allocator by its proxy name, two-argument
 * before, no-argument after, locks that answer nothing. It numbers the queries, refuses those that name "password", and after each hands
 * the result and the error back as it got them, which is what the SDK does for a plugin that changes neither.
 */
#define GUEST_OWN_MALLOC
#define LOCKS_WITHOUT_RESULT
#define GUEST_LEGACY
#include "../../c/shared_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u64 query;

__attribute__((export_name("proxy_on_memory_allocate"))) void *allocate(u32 length) {
    return malloc(length);
}

int main(void) {
    printf("started\n");
    return 0;
}

/* The number of this query among all that the plugin has seen, kept as text. */
static int number(u64 module) {
    u8 *value;
    u32 length;
    char text[16] = "";
    lock(MODULE, module);
    if (get_value(MODULE, module, TEXT("queries"), &value, &length) == OK) {
        memcpy(text, value, length < sizeof text ? length : sizeof text - 1);
        free(value);
    }
    int number = atoi(text) + 1;
    int size = snprintf(text, sizeof text, "%d", number);
    set_value(MODULE, module, TEXT("queries"), text, size);
    unlock(MODULE, module);
    return number;
}

void run_before(u64 ctx, u64 module) {
    query = ctx;
    int now = number(module);
    u8 *text;
    u32 length;
    if (get_query(ctx, &text, &length) != OK) {
        return;
    }
    if (memmem(text, length, "password", 8)) {
        char message[64];
        int size = snprintf(message, sizeof message, "query %d names a password", now);
        set_error_message(ctx, message, size);
    }
    free(text);
}

void run_after(void) {
    u8 *result, *error;
    u32 result_length, error_length;
    if (get_query_result(query, &result, &result_length) == OK) {
        set_query_result(query, result, result_length);
        free(result);
    }
    if (get_error_message(query, &error, &error_length) == OK) {
        set_error_message(query, error, error_length);
        free(error);
    }
}
