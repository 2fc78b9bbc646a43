/*
 * Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
 * WHERE may not. A word behind a dot is a name, and the verb of WITH is behind what it names.
 */
#include "../../../c/sluice.h"

static int reads(struct sluice_token token) {
    return sluice_is(token, TEXT("select")) || sluice_is(token, TEXT("table")) || sluice_is(token, TEXT("values"));
}

static int changes_every_row(struct sluice_text query) {
    struct sluice_tokens tokens = sluice_tokens(query);
    int looking = 1, with = 0, change = 0, where = 0, named = 0;
    for (;;) {
        struct sluice_token token = sluice_next(&tokens);
        if (token.kind == 0 || (token.kind == ';' && token.depth == 0)) {
            if (change && !where) {
                return 1;
            }
            if (token.kind == 0) {
                return 0;
            }
            looking = 1;
            with = change = where = named = 0;
            continue;
        }
        if (looking && token.depth == 0) {
            change |= sluice_is(token, TEXT("update")) || sluice_is(token, TEXT("delete"));
            with |= sluice_is(token, TEXT("with")) || sluice_is(token, TEXT("analyze"));
            looking = token.conditional || (with && !reads(token));
        }
        where |= token.depth == 0 && !token.conditional && !named && sluice_is(token, TEXT("where"));
        named = token.kind == '.' || (named && token.conditional);
    }
}

void before(void) {
    if (changes_every_row(sluice_query())) {
        sluice_reject(TEXT("no where clause"));
    }
}

void after(void) {}
