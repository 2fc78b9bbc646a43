/*
 * A plugin on wasi-libc that uses what the query names: args, env, clock, random, stdio, file, yield, sleep, exit.
 * The error message says what it saw.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

IMPORT(GetQueryOnHost) uint32_t get_query(uint64_t ctx, char **value, uint32_t *length);
IMPORT(SetErrorMessageOnHost) uint32_t set_error_message(uint64_t ctx, const void *text, uint32_t length);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("args_sizes_get"))) uint32_t args_sizes(uint32_t *count, uint32_t *bytes);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("args_get"))) uint32_t args(char **list, char *bytes);

static long long nanos(clockid_t clock) {
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? now.tv_sec * 1000000000LL + now.tv_nsec : -1;
}

static void see_args(char *text, size_t size) {
    uint32_t count = 0, bytes = 0;
    args_sizes(&count, &bytes);
    char *list[16] = {0};
    char buffer[256];
    if (count > 16 || bytes > sizeof buffer || args(list, buffer) != 0) {
        snprintf(text, size, "no arguments");
        return;
    }
    int length = snprintf(text, size, "%u:", count);
    for (uint32_t i = 0; i < count; i++) {
        length += snprintf(text + length, size - length, " %s", list[i]);
    }
}

static void see(const char *what, char *text, size_t size) {
    if (strcmp(what, "args") == 0) {
        see_args(text, size);
    } else if (strcmp(what, "env") == 0) {
        const char *value = getenv("GREETING");
        snprintf(text, size, "%s", value ? value : "nothing");
    } else if (strcmp(what, "clock") == 0) {
        struct timespec step;
        int known = clock_getres(CLOCK_MONOTONIC, &step) == 0;
        snprintf(text, size, "%lld %lld %lld", known ? step.tv_sec * 1000000000LL + step.tv_nsec : -1, nanos(CLOCK_MONOTONIC), nanos(CLOCK_REALTIME));
    } else if (strcmp(what, "random") == 0) {
        uint64_t number = 0;
        snprintf(text, size, getentropy(&number, sizeof number) == 0 ? "%016llx" : "refused", (unsigned long long)number);
    } else if (strcmp(what, "stdio") == 0) {
        printf("to stdout\n");
        fflush(stdout);
        fprintf(stderr, "to stderr\n");
        snprintf(text, size, "written");
    } else if (strcmp(what, "file") == 0) {
        int read = open("/etc/passwd", O_RDONLY), first = errno;
        int write = open("escaped.txt", O_CREAT | O_WRONLY, 0600), second = errno;
        snprintf(text, size, "%d %d %s, %s", read, write, strerror(first), strerror(second));
    } else if (strcmp(what, "yield") == 0) {
        snprintf(text, size, "%d", sched_yield());
    } else if (strcmp(what, "sleep") == 0) {
        long long before = nanos(CLOCK_MONOTONIC);
        struct timespec nap = {0, 5000000};
        int answer = nanosleep(&nap, 0);
        snprintf(text, size, "%d %lld", answer, nanos(CLOCK_MONOTONIC) - before);
    } else if (strcmp(what, "exit") == 0) {
        exit(5);
    }
}

EXPORT(RunBeforeExecutionOnGuest) void run_before(uint64_t ctx) {
    char *query, what[16] = "", text[512] = "unknown";
    uint32_t length;
    if (get_query(ctx, &query, &length) == 0 && length < sizeof what) {
        memcpy(what, query, length);
        free(query);
    }
    see(what, text, sizeof text);
    set_error_message(ctx, text, strlen(text));
}

EXPORT(RunAfterExecutionOnGuest) void run_after(uint64_t ctx) {
    (void)ctx;
}
