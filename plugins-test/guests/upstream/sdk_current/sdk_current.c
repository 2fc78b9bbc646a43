/*
 * A plugin as the current SDK's compiler builds them, dialect C: a WASI command whose _start runs main and leaves the instance ready, the
 * C library's malloc, calloc, realloc and free as exports, output through WASI. After each query it masks the word "secret" and hands
 * result and error back, the error only if there is one, as that SDK does.
 */
#define GUEST_OWN_MALLOC
#include "../../c/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int count, char **arguments) {
    printf("%s of %d started\n", count ? "one" : "none", count);
    return time(0) == 0 || getenv("NOTHING") != 0 || !arguments;
}

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u8 *result, *error;
    u32 length;
    if (get_query_result(ctx, &result, &length) == OK) {
        for (u8 *at = result; (at = memmem(at, result + length - at, "secret", 6)) != 0;) {
            memset(at, '*', 6);
        }
        set_query_result(ctx, result, length);
        free(result);
    }
    if (get_error_message(ctx, &error, &length) == OK) {
        set_error_message(ctx, error, length);
        free(error);
    }
}
