/*
 * Rejects an UPDATE or DELETE statement that has no WHERE of its own.
 *
 * One pass over the bytes. Words are compared whole and in any case; what is inside quotes, backquotes and comments does not count, and a
 * WHERE between parentheses belongs to a subquery. Several statements divided by semicolons are judged one by one.
 * Every comment is skipped, the ones that MySQL executes included.
 */
#include "../guest.h"

enum kind { OTHER, WORD, QUOTE, OPEN, CLOSE, SEMICOLON, SLASH, DASH, HASH };

static const u8 kinds[256] = {
    ['a' ... 'z'] = WORD, ['A' ... 'Z'] = WORD, ['0' ... '9'] = WORD, ['_'] = WORD, ['$'] = WORD, ['@'] = WORD, ['.'] = WORD,
    [0x80 ... 0xff] = WORD, ['\''] = QUOTE, ['"'] = QUOTE, ['`'] = QUOTE, ['('] = OPEN, [')'] = CLOSE, [';'] = SEMICOLON,
    ['/'] = SLASH, ['-'] = DASH, ['#'] = HASH,
};

/* Whether the word is the keyword, which is given in lower case. */
static int is(const u8 *word, u32 length, const char *keyword, u32 keyword_length) {
    if (length != keyword_length) {
        return 0;
    }
    for (u32 i = 0; i < length; i++) {
        if ((word[i] | 0x20) != (u8)keyword[i]) {
            return 0;
        }
    }
    return 1;
}

static const u8 *after_line(const u8 *at, const u8 *end) {
    while (at < end && *at != '\n') {
        at++;
    }
    return at;
}

static const u8 *after_comment(const u8 *at, const u8 *end) {
    for (; at < end; at++) {
        if (*at == '*' && at + 1 < end && at[1] == '/') {
            return at + 2;
        }
    }
    return end;
}

static const u8 *after_quote(const u8 *at, const u8 *end, u8 quote) {
    for (; at < end; at++) {
        if (*at == quote) {
            return at + 1;
        }
        if (*at == '\\' && quote != '`') {
            at++;
        }
    }
    return end;
}

static int changes_every_row(const u8 *at, const u8 *end) {
    int first = 1, change = 0, where = 0, depth = 0;
    while (at < end) {
        const u8 *start = at++;
        switch (kinds[*start]) {
            case WORD:
                while (at < end && kinds[*at] == WORD && *at != '.' && *at != '@') {
                    at++;
                }
                if (first) {
                    first = 0;
                    change = is(start, at - start, "update", 6) || is(start, at - start, "delete", 6);
                } else if (change && depth == 0 && is(start, at - start, "where", 5)) {
                    where = 1;
                }
                break;
            case QUOTE:
                at = after_quote(at, end, *start);
                break;
            case OPEN:
                depth++;
                break;
            case CLOSE:
                depth--;
                break;
            case SEMICOLON:
                if (change && !where) {
                    return 1;
                }
                first = 1;
                change = where = depth = 0;
                break;
            case SLASH:
                if (at < end && *at == '*') {
                    at = after_comment(at + 1, end);
                }
                break;
            case DASH:
                if (at < end && *at == '-' && (at + 1 == end || at[1] <= ' ')) {
                    at = after_line(at, end);
                }
                break;
            case HASH:
                at = after_line(at, end);
                break;
        }
    }
    return change && !where;
}

void run_before(u64 ctx) {
    u8 *query;
    u32 length;
    u32 status = get_query(ctx, &query, &length);
    if (status == BAD_ARGUMENT) {
        return; /* an empty query */
    }
    if (status != OK) {
        set_error_message(ctx, TEXT("cannot read the query"));
        return;
    }
    int reject = changes_every_row(query, query + length);
    free(query);
    if (reject) {
        set_error_message(ctx, TEXT("no where clause"));
    }
}

void run_after(u64 ctx) {
}
