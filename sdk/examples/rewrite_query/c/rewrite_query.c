/*
 * Puts LIMIT 100 to a SELECT that has no limit of its own, also to TABLE, VALUES and what WITH or a parenthesis begins: behind its last
 * word, or before FOR UPDATE and its like. What stands in a comment for some servers only is no limit, and where it could change the place
 * of one the query is refused. A word behind a dot is a name.
 */
#include "../../../c/sluice.h"

static const char unclear;

static int is_harmless(struct sluice_token token) {
    return token.kind == 'w' && !sluice_is(token, TEXT("limit")) && !sluice_is(token, TEXT("into")) && !sluice_is(token, TEXT("procedure"))
        && !sluice_is(token, TEXT("for")) && !sluice_is(token, TEXT("lock"));
}

static int reads(struct sluice_token token) {
    return sluice_is(token, TEXT("select")) || sluice_is(token, TEXT("table")) || sluice_is(token, TEXT("values"));
}

static int begins(struct sluice_token token) {
    return token.kind == '(' || sluice_is(token, TEXT("with")) || reads(token);
}

static int locks(struct sluice_token token, struct sluice_token next) {
    return (sluice_is(token, TEXT("for")) || sluice_is(token, TEXT("lock")))
        && (sluice_is(next, TEXT("update")) || sluice_is(next, TEXT("share")) || sluice_is(next, TEXT("in")));
}

static int ends_conditional(struct sluice_tokens tokens) {
    int conditional = 0;
    for (struct sluice_token token = sluice_next(&tokens); token.kind; token = sluice_next(&tokens)) {
        conditional = token.conditional;
    }
    return conditional;
}

/* Where the limit goes; 0 if the query is no single SELECT or its like, or has a limit; &unclear if that depends on the server. */
static const char *place(struct sluice_text query) {
    struct sluice_tokens tokens = sluice_tokens(query);
    struct sluice_token token = sluice_next(&tokens);
    int maybe = 0;
    for (; token.kind && token.conditional; token = sluice_next(&tokens)) {
        maybe |= begins(token);
    }
    if (maybe) {
        return &unclear;
    }
    if (!begins(token)) {
        return 0;
    }
    if (ends_conditional(tokens)) {
        return &unclear;
    }
    int looking = sluice_is(token, TEXT("with")); /* for the verb of WITH */
    struct sluice_token previous = token;
    const char *end = token.text.data + token.text.length, *locking = 0;
    while ((token = sluice_next(&tokens)).kind) {
        if (token.conditional) {
            if (!is_harmless(token) || (looking && token.depth == 0)) {
                return &unclear;
            }
            continue;
        }
        struct sluice_tokens ahead = tokens;
        struct sluice_token next = sluice_next(&ahead);
        if (token.depth == 0 && token.kind == ';') {
            if (next.kind) {
                return 0;
            }
            break;
        }
        if (token.depth == 0 && previous.kind != '.') {
            if (sluice_is(token, TEXT("limit")) || sluice_is(token, TEXT("into")) || sluice_is(token, TEXT("procedure"))) {
                return 0;
            }
            if (looking && !sluice_is(previous, TEXT("for")) && (sluice_is(token, TEXT("update")) || sluice_is(token, TEXT("delete")))) {
                return 0;
            }
            looking &= !reads(token);
            if (locks(token, next)) {
                locking = end;
            }
        }
        previous = token;
        end = token.text.data + token.text.length;
    }
    return locking ? locking : end;
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
