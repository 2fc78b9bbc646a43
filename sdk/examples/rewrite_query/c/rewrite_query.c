/* Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like. */
#include "../../../c/sluice.h"

/* Where the limit goes; 0 if the query is no single SELECT, or has a limit. */
static const char *place(struct sluice_text query) {
    struct sluice_tokens tokens = sluice_tokens(query);
    struct sluice_token token = sluice_next(&tokens);
    if (!sluice_is(token, TEXT("select"))) {
        return 0;
    }
    const char *end = token.text.data + token.text.length, *locking = 0;
    int ended = 0;
    while ((token = sluice_next(&tokens)).kind) {
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
    return locking ? locking : end;
}

void before(void) {
    struct sluice_text query = sluice_query();
    const char *at = query.data ? place(query) : 0;
    if (at) {
        sluice_u32 head = (sluice_u32)(at - query.data);
        struct sluice_text limited = sluice_concat((struct sluice_text){query.data, head}, TEXT(" LIMIT 100"));
        sluice_set_query(sluice_concat(limited, (struct sluice_text){at, query.length - head}));
    }
}

void after(void) {}
