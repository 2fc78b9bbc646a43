/*
 * Wants the token of the plugin's configuration, {"token": "..."}, in the query's leading comment, as token=..., and takes the comment
 * away, so that no log of the database has it.
 */
#include "../../../c/sluice.h"

static void deny(struct sluice_text why) {
    sluice_reject_with_code(1045, TEXT("28000"), sluice_concat(TEXT("access denied: "), why));
}

/* What stands between the first `from` and the `to` behind it; none if they are not there. */
static struct sluice_text between(struct sluice_text text, struct sluice_text from, struct sluice_text to) {
    for (sluice_u32 start = 0; start + from.length <= text.length; start++) {
        if (!sluice_equal((struct sluice_text){text.data + start, from.length}, from)) {
            continue;
        }
        start += from.length;
        for (sluice_u32 end = start; end + to.length <= text.length; end++) {
            if (sluice_equal((struct sluice_text){text.data + end, to.length}, to)) {
                return (struct sluice_text){text.data + start, end - start};
            }
        }
        return SLUICE_NONE;
    }
    return SLUICE_NONE;
}

/* In a time that does not tell how much of it is right. */
static int same(struct sluice_text secret, struct sluice_text token) {
    sluice_u32 difference = secret.length ^ token.length;
    for (sluice_u32 i = 0; i < token.length; i++) {
        difference |= (sluice_u32)(token.data[i] ^ (secret.length ? secret.data[i % secret.length] : 0));
    }
    return difference == 0;
}

void before(void) {
    struct sluice_text query = sluice_query();
    struct sluice_text comment = query.length > 2 && query.data[0] == '/' && query.data[1] == '*'
        ? between(query, TEXT("/*"), TEXT("*/"))
        : SLUICE_NONE;
    struct sluice_text token = comment.data ? between(sluice_concat(comment, TEXT(" ")), TEXT("token="), TEXT(" ")) : SLUICE_NONE;
    if (!token.data) {
        deny(TEXT("no token in the leading comment"));
        return;
    }
    struct sluice_text value = between(sluice_configuration(), TEXT("\"token\":\""), TEXT("\""));
    if (!value.length || !same(value, token)) {
        deny(TEXT("the token is wrong"));
        return;
    }
    sluice_u32 end = comment.length + 4;
    sluice_set_query((struct sluice_text){query.data + end, query.length - end});
}

void after(void) {}
