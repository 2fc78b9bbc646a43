/*
 * Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
 * WHERE may not.
 */
#include "../../../c/sluice.h"

static int changes_every_row(struct sluice_text query) {
    struct sluice_tokens tokens = sluice_tokens(query);
    int first = 1, change = 0, where = 0;
    for (;;) {
        struct sluice_token token = sluice_next(&tokens);
        if (token.kind == 0 || (token.kind == ';' && token.depth == 0)) {
            if (change && !where) {
                return 1;
            }
            if (token.kind == 0) {
                return 0;
            }
            first = 1;
            change = where = 0;
        } else {
            change |= first && (sluice_is(token, TEXT("update")) || sluice_is(token, TEXT("delete")));
            where |= token.depth == 0 && !token.conditional && sluice_is(token, TEXT("where"));
            first &= token.conditional;
        }
    }
}

void before(void) {
    if (changes_every_row(sluice_query())) {
        sluice_reject(TEXT("no where clause"));
    }
}

void after(void) {}
