/*
 * Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like. What stands in a
 * comment for some servers only is no limit, and where it could change the place of one the query is refused.
 */
#include "../../../c/sluice.h"

static const char unclear;

static int is_harmless(struct sluice_token token) {
    return token.kind == 'w' && !sluice_is(token, TEXT("limit")) && !sluice_is(token, TEXT("into")) && !sluice_is(token, TEXT("procedure"))
        && !sluice_is(token, TEXT("for")) && !sluice_is(token, TEXT("lock"));
}

/* Where the limit goes; 0 if the query is no single SELECT, or has a limit; &unclear if that depends on the server. */
static const char *place(struct sluice_text query) {
    struct sluice_tokens tokens = sluice_tokens(query);
    struct sluice_token token = sluice_next(&tokens);
    int selects = 0;
    for (; token.kind && token.conditional; token = sluice_next(&tokens)) {
        selects |= sluice_is(token, TEXT("select"));
    }
    if (selects) {
        return &unclear;
    }
    if (!sluice_is(token, TEXT("select"))) {
        return 0;
    }
    const char *end = token.text.data + token.text.length, *locking = 0;
    int ended = 0, last = 0;
    while ((token = sluice_next(&tokens)).kind) {
        last = token.conditional;
        if (last) {
            if (!is_harmless(token)) {
                return &unclear;
            }
            continue;
        }
        if (ended) {
            return 0;
        }
        if (token.depth == 0) {
            if (sluice_is(token, TEXT("limit")) || sluice_is(token, TEXT("into")) || sluice_is(token, TEXT("procedure"))) {
                return 0;
            }
            if (token.kind == ';') {
                ended = 1;
                continue;
            }
            if (sluice_is(token, TEXT("for")) || sluice_is(token, TEXT("lock"))) {
                struct sluice_tokens ahead = tokens;
                struct sluice_token next = sluice_next(&ahead);
                if (sluice_is(next, TEXT("update")) || sluice_is(next, TEXT("share")) || sluice_is(next, TEXT("in"))) {
                    locking = end;
                }
            }
        }
        end = token.text.data + token.text.length;
    }
    return last ? &unclear : locking ? locking : end;
}

void before(void) {
    struct sluice_text query = sluice_query();
    const char *at = query.data ? place(query) : 0;
    if (at == &unclear) {
        sluice_reject(TEXT("the query has a comment for some servers only that may change where its limit goes"));
    } else if (at) {
        sluice_u32 head = (sluice_u32)(at - query.data);
        struct sluice_text limited = sluice_concat((struct sluice_text){query.data, head}, TEXT(" LIMIT 100"));
        sluice_set_query(sluice_concat(limited, (struct sluice_text){at, query.length - head}));
    }
}

void after(void) {}
