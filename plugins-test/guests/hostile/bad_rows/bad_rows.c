/* After the query, tries to answer with rows that cannot be cut, each kind once; what the host answered goes to the log. */
#include "../../c/report.h"

/* A field of no content, twice, so that a row has two values. */
#define FIELDS "\x0a\x00\x0a\x00"
#define TRY(name, row) say_status(name, set_query_result(query, TEXT(FIELDS row)))

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    u64 query = ctx;
    TRY("good", "\x22\x08\x0a\x02\x02\x02\x12\x02" "ab");
    TRY("two nulls", "\x22\x04\x0a\x02\x01\x01");
    TRY("no rows", "");
    TRY("lengths too short", "\x22\x08\x0a\x02\x02\x00\x12\x02" "ab");
    TRY("lengths too long", "\x22\x08\x0a\x02\x02\x04\x12\x02" "ab");
    TRY("negative", "\x22\x08\x0a\x02\x03\x04\x12\x02" "ab");
    TRY("overflow", "\x22\x1a\x0a\x14\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x02" "ab");
    TRY("overflow to the sum", "\x22\x12\x0a\x0c\x06\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x12\x02" "ab");
    TRY("fewer than fields", "\x22\x07\x0a\x01\x04\x12\x02" "ab");
    TRY("more than fields", "\x22\x09\x0a\x03\x02\x02\x00\x12\x02" "ab");
    TRY("cut off", "\x22\x08\x0a\x02\x02\x02\x12\x02" "a");
    say_status("good", set_query_result(ctx, TEXT("\x10\x07")));
    log_report();
}
