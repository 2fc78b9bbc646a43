/*
 * A plugin by the list of functions in the design document, dialect A, as its first host knew them: ModuleUnLockOnHost, locks that answer
 * nothing. It counts its queries in both scopes and puts both counts behind the query, as a comment.
 */
#define GUEST_OWN_MALLOC
#define LOCKS_WITHOUT_RESULT
#define EARLY_SPELLING
#include "../../dialect_a/dialect_a.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((export_name("proxy_on_memory_allocate"))) void *allocate(u32 length) {
    return malloc(length);
}

int main(void) {
    return 0;
}

/* The number that follows the text of a value, which is freed. */
static int next(u32 status, u8 *value, u32 length, char text[16]) {
    int number = 0;
    if (status == OK) {
        memcpy(text, value, length < 15 ? length : 15);
        number = atoi(text);
        free(value);
    }
    return snprintf(text, 16, "%d", number + 1);
}

void run_before(u64 ctx, u64 module) {
    char own[16] = "", all[16] = "";
    u8 *value, *query;
    u32 length, status;
    module_lock(module);
    status = get_module_value(module, TEXT("count"), &value, &length);
    set_module_value(module, TEXT("count"), own, next(status, value, length, own));
    module_unlock(module);
    global_lock();
    status = get_global_value(TEXT("count"), &value, &length);
    set_global_value(TEXT("count"), all, next(status, value, length, all));
    global_unlock();
    if (get_query(ctx, &query, &length) == OK) {
        char *longer = malloc(length + 64);
        int size = snprintf(longer, length + 64, "%.*s /* %s of this plugin, %s of all */", (int)length, query, own, all);
        set_query(ctx, longer, size);
        free(longer);
        free(query);
    }
}

void run_after(void) {
}
