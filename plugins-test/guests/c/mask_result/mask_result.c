/* After the query, overwrites the word "secret" wherever the result has it; lengths stay, so the encoding stays valid. */
#include "../guest.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    static const char word[] = "secret";
    const u32 word_length = sizeof word - 1;
    u8 *result;
    u32 length;
    if (get_query_result(ctx, &result, &length) != OK) {
        return;
    }
    for (u32 at = 0; at + word_length <= length; at++) {
        u32 same = 0;
        while (same < word_length && result[at + same] == (u8)word[same]) {
            same++;
        }
        for (u32 i = 0; same == word_length && i < word_length; i++) {
            result[at + i] = '*';
        }
    }
    set_query_result(ctx, result, length);
    free(result);
}
