/* Adds to counters: its queries, the bytes of their texts, and once for each status that the host can answer. */
#include "../sluice.h"
#include "../../c/report.h"

void run_before(u64 ctx) {
    u8 *query;
    u32 length;
    if (get_query(ctx, &query, &length) == OK) {
        free(query);
        add_counter(TEXT("query_bytes"), length);
    }
    say_status("good", add_counter(TEXT("queries"), 1));
    say_status("nothing", add_counter(TEXT("queries"), 0));
    say_status("negative", add_counter(TEXT("queries"), -1));
    say_status("no name", add_counter(0, 0, 1));
    say_status("upper case", add_counter(TEXT("Queries"), 1));
    say_status("digit first", add_counter(TEXT("1queries"), 1));
    say_status("64 letters", add_counter(TEXT("a234567890123456789012345678901234567890123456789012345678901234"), 1));
    say_status("65 letters", add_counter(TEXT("a2345678901234567890123456789012345678901234567890123456789012345"), 1));
    say_status("name nowhere", add_counter((u8 *)0xfffffff0u, 10, 1));
    log_report();
}

void run_after(u64 ctx) {
}
