/* For guests about values that queries share: how a count is kept in one, and what is asked of each scope in turn. */
#ifndef SHARED_REPORT_H
#define SHARED_REPORT_H

#include "report.h"

/* The number that a value holds; 0 for one that is not there. Frees the value. */
static inline u64 number_of(u32 status, u8 *value, u32 length) {
    u64 number = 0;
    if (status != OK) {
        return 0;
    }
    if (length == sizeof number) {
        __builtin_memcpy(&number, value, sizeof number);
    }
    free(value);
    return number;
}

/* Whether the query begins with the word. */
static inline int query_begins(u64 ctx, const char *word) {
    u8 *query;
    u32 length, same = 0;
    if (get_query(ctx, &query, &length) != OK) {
        return 0;
    }
    while (same < length && word[same] && query[same] == (u8)word[same]) {
        same++;
    }
    free(query);
    return !word[same];
}

#endif
