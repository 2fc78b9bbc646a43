/* Lets a guest say what it saw: text is gathered with say and say_number, then becomes the error message of the query. */
#ifndef REPORT_H
#define REPORT_H

#include "guest.h"

#ifndef REPORT_BYTES
#define REPORT_BYTES 512
#endif

static u8 said[REPORT_BYTES];
static u32 said_length;

static void say_bytes(const void *bytes, u32 length) {
    const u8 *from = bytes;
    for (u32 i = 0; i < length && said_length < sizeof said; i++) {
        said[said_length++] = from[i];
    }
}

static void say(const char *text) {
    while (*text) {
        say_bytes(text++, 1);
    }
}

static void say_number(u64 number) {
    u8 digits[20];
    u32 at = sizeof digits;
    do {
        digits[--at] = '0' + (u8)(number % 10);
        number /= 10;
    } while (number);
    say_bytes(digits + at, sizeof digits - at);
}

/* "name status; ": one answer of the host. */
static inline void say_status(const char *name, u32 status) {
    say(name);
    say(" ");
    say_number(status);
    say("; ");
}

/* The same, and the value if there is one: "name 0 value; ". The value stays allocated. */
static inline void say_got(const char *name, u32 status, u8 *value, u32 length) {
    say(name);
    say(" ");
    say_number(status);
    if (status == OK) {
        say(" ");
        say_bytes(value, length);
    }
    say("; ");
}

/* What was said goes to the log, for a guest whose error message is not its to set. */
static inline void log_report(void) {
    info_log(said, said_length);
    said_length = 0;
}

static inline void report(u64 ctx) {
    set_error_message(ctx, said, said_length);
    said_length = 0;
}

#endif
