/*
 * A SQL plugin in C: this header is all of the SDK.
 *
 *     #include "sluice.h"
 *
 *     void before(void) { ... }   runs before a query is executed
 *     void after(void)  { ... }   runs after it was, or was refused
 *
 * Memory: what a function here returns is good until the end of the call in which it was asked for; nothing has to be freed. Data that
 * must last lies in static variables. Isolation per request clears those too; what requests share goes into shared values.
 *
 * Which functions of the host a plugin imports follows from what it calls. One that calls nothing of the last part of this header,
 * "only on Sluice", and no shared values and locks runs on WeScale as well.
 */
#ifndef SLUICE_H
#define SLUICE_H

typedef unsigned char sluice_byte;
typedef unsigned int sluice_u32;
typedef unsigned long long sluice_u64;

/* Bytes, most often UTF-8, not ended by a zero. `data` is 0 for "there is none", such as SQL's NULL. */
struct sluice_text {
    const char *data;
    sluice_u32 length;
};

/* A string constant as a text. */
#define TEXT(literal) ((struct sluice_text){(literal), sizeof(literal) - 1})
#define SLUICE_NONE ((struct sluice_text){0, 0})

/* What the host answers. */
enum sluice_status { SLUICE_OK = 0, SLUICE_NOT_FOUND = 1, SLUICE_BAD_ARGUMENT = 2, SLUICE_FAILED = 10 };

/* What the plugin defines. */
void before(void);
void after(void);

#define SLUICE_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define SLUICE_EXPORT(name) __attribute__((export_name(name)))
#define SLUICE_API static inline __attribute__((unused))

/* -- Memory: one stack of blocks, emptied when a call begins. ------------------------------------------------------------------------ */

extern sluice_byte __heap_base;
static sluice_u32 sluice_heap_floor, sluice_heap_top;

SLUICE_EXPORT("malloc") void *malloc(sluice_u32 length) {
    if (!sluice_heap_top) {
        sluice_heap_floor = sluice_heap_top = ((sluice_u32)&__heap_base + 15) & ~15u;
    }
    sluice_u32 start = sluice_heap_top, end = start + ((length + 15) & ~15u);
    sluice_u32 have = (sluice_u32)__builtin_wasm_memory_size(0) << 16;
    if (length > 0x7fff0000u || end < start
        || (end > have && (int)__builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == -1)) {
        return 0;
    }
    sluice_heap_top = end;
    return (void *)start;
}

/* Memory until the end of the call; the plugin traps if there is none. */
SLUICE_API void *sluice_alloc(sluice_u32 length) {
    void *made = malloc(length);
    if (!made) {
        __builtin_trap();
    }
    return made;
}

/* Has everything that was allocated so far stay for as long as the instance lives. */
SLUICE_API void sluice_keep(void) { sluice_heap_floor = sluice_heap_top; }

/* Clang calls these for copies and comparisons of its own. */
__attribute__((weak)) void *memcpy(void *to, const void *from, unsigned long length) {
    for (unsigned long i = 0; i < length; i++) {
        ((sluice_byte *)to)[i] = ((const sluice_byte *)from)[i];
    }
    return to;
}

__attribute__((weak)) void *memset(void *to, int value, unsigned long length) {
    for (unsigned long i = 0; i < length; i++) {
        ((sluice_byte *)to)[i] = (sluice_byte)value;
    }
    return to;
}

static sluice_u64 sluice_ctx;

SLUICE_EXPORT("RunBeforeExecutionOnGuest") void sluice_run_before(sluice_u64 ctx) {
    sluice_ctx = ctx;
    sluice_heap_top = sluice_heap_floor;
    before();
}

SLUICE_EXPORT("RunAfterExecutionOnGuest") void sluice_run_after(sluice_u64 ctx) {
    sluice_ctx = ctx;
    sluice_heap_top = sluice_heap_floor;
    after();
}

/* -- Texts. -------------------------------------------------------------------------------------------------------------------------- */

SLUICE_API int sluice_equal(struct sluice_text a, struct sluice_text b) {
    if (a.length != b.length) {
        return 0;
    }
    for (sluice_u32 i = 0; i < a.length; i++) {
        if (a.data[i] != b.data[i]) {
            return 0;
        }
    }
    return 1;
}

/* As sluice_equal, without regard to the case of ASCII letters. */
SLUICE_API int sluice_equal_ignoring_case(struct sluice_text a, struct sluice_text b) {
    if (a.length != b.length) {
        return 0;
    }
    for (sluice_u32 i = 0; i < a.length; i++) {
        char x = a.data[i], y = b.data[i];
        x += x >= 'A' && x <= 'Z' ? 32 : 0;
        y += y >= 'A' && y <= 'Z' ? 32 : 0;
        if (x != y) {
            return 0;
        }
    }
    return 1;
}

/* Both, one behind the other. */
SLUICE_API struct sluice_text sluice_concat(struct sluice_text a, struct sluice_text b) {
    char *made = sluice_alloc(a.length + b.length);
    memcpy(made, a.data, a.length);
    memcpy(made + a.length, b.data, b.length);
    return (struct sluice_text){made, a.length + b.length};
}

/* A number in decimal digits. */
SLUICE_API struct sluice_text sluice_number(sluice_u64 number) {
    char *digits = (char *)sluice_alloc(20) + 20;
    sluice_u32 length = 0;
    do {
        *--digits = (char)('0' + number % 10);
        length++;
    } while (number /= 10);
    return (struct sluice_text){digits, length};
}

/* -- The words of a query. ----------------------------------------------------------------------------------------------------------- */

/*
 * One token: a word, a quoted text with its quotes, or a single sign. Spaces and comments are between them.
 *
 * Of a comment that begins with an exclamation mark, or with M and one, the server executes what its version and kind allow. The tokens
 * in one are conditional. Where even the end of such a comment depends on whether it is executed, all that follows is conditional, and
 * words and signs are told apart no further: quotes and marks of comments are signs, and no parentheses are counted.
 */
struct sluice_token {
    struct sluice_text text;
    char kind; /* 'w' a word, the quote itself, or the sign itself; 0 at the end */
    int depth; /* the parentheses around it */
    int conditional; /* whether the server may leave it out */
};

struct sluice_tokens {
    const char *at, *end;
    int depth, outer_depth;
    int conditional; /* 0 no, 1 to the end of the comment, 2 to the end of the text */
};

SLUICE_API struct sluice_tokens sluice_tokens(struct sluice_text text) {
    return (struct sluice_tokens){text.data, text.data + text.length, 0, 0, 0};
}

SLUICE_API int sluice_is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '@' || c < 0;
}

SLUICE_API int sluice_is_at(const struct sluice_tokens *in, struct sluice_text mark) {
    return (sluice_u32)(in->end - in->at) >= mark.length && sluice_equal((struct sluice_text){in->at, mark.length}, mark);
}

/* Goes behind a mark, or to the end. Whether a conditional comment may have ended on the way. */
SLUICE_API int sluice_skip_behind(struct sluice_tokens *in, struct sluice_text mark) {
    int ends = 0;
    while (in->at < in->end && !sluice_is_at(in, mark)) {
        ends |= sluice_is_at(in, TEXT("*/"));
        in->at++;
    }
    in->at += in->at < in->end ? mark.length : 0;
    return ends;
}

SLUICE_API void sluice_skip_blank(struct sluice_tokens *in) {
    while (in->at < in->end) {
        const char *at = in->at;
        char third = at + 2 < in->end ? at[2] : ' ';
        if (*at >= 0 && *at <= ' ') {
            in->at++;
        } else if (in->conditional == 2) {
            return;
        } else if (sluice_is_at(in, TEXT("/*")) && in->conditional) {
            in->conditional = 2;
        } else if (sluice_is_at(in, TEXT("/*!")) || sluice_is_at(in, TEXT("/*M!"))) {
            in->conditional = 1;
            in->outer_depth = in->depth;
            for (in->at += third == '!' ? 3 : 4; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
            }
        } else if (in->conditional && sluice_is_at(in, TEXT("*/"))) {
            in->conditional = in->depth == in->outer_depth ? 0 : 2;
            in->at += 2;
        } else if (sluice_is_at(in, TEXT("/*"))) {
            in->at += 2;
            sluice_skip_behind(in, TEXT("*/"));
        } else if (*at == '#' || (sluice_is_at(in, TEXT("--")) && third <= ' ' && third >= 0)) {
            if (sluice_skip_behind(in, TEXT("\n")) && in->conditional) {
                in->at = at;
                in->conditional = 2;
            }
        } else {
            return;
        }
    }
}

/* Goes behind a quoted text; back to its quote if in a conditional comment it may not be one. */
SLUICE_API void sluice_skip_quoted(struct sluice_tokens *in, char quote) {
    const char *start = in->at;
    int ends = 0;
    for (int escaped = 0; in->at < in->end && (escaped || *in->at != quote); in->at++) {
        ends |= sluice_is_at(in, TEXT("*/"));
        escaped = !escaped && *in->at == '\\' && quote != '`';
    }
    in->at += in->at < in->end;
    if (ends && in->conditional) {
        in->at = start;
        in->conditional = 2;
    }
}

/* The next token; its kind is 0 when there is none. */
SLUICE_API struct sluice_token sluice_next(struct sluice_tokens *in) {
    sluice_skip_blank(in);
    const char *start = in->at;
    if (start == in->end) {
        return (struct sluice_token){{start, 0}, 0, in->depth, 0};
    }
    char kind = *in->at++;
    int depth = in->depth;
    if (sluice_is_word(kind)) {
        kind = 'w';
        while (in->at < in->end && sluice_is_word(*in->at)) {
            in->at++;
        }
    } else if (in->conditional < 2 && (kind == '\'' || kind == '"' || kind == '`')) {
        sluice_skip_quoted(in, kind);
    } else if (in->conditional < 2 && kind == '(') {
        in->depth++;
    } else if (in->conditional < 2 && kind == ')') {
        depth = --in->depth;
    }
    struct sluice_text text = {start, (sluice_u32)(in->at - start)};
    return (struct sluice_token){text, kind, in->conditional == 2 ? 0 : depth, in->conditional != 0};
}

/* Whether a token is a keyword, in any case. */
SLUICE_API int sluice_is(struct sluice_token token, struct sluice_text keyword) {
    return token.kind == 'w' && sluice_equal_ignoring_case(token.text, keyword);
}

/* -- Query, error, log. -------------------------------------------------------------------------------------------------------------- */

SLUICE_IMPORT("env", "InfoLogOnHost") sluice_u32 sluice_host_info(const void *text, sluice_u32 length);
SLUICE_IMPORT("env", "ErrorLogOnHost") sluice_u32 sluice_host_error_log(const void *text, sluice_u32 length);
SLUICE_IMPORT("env", "GetQueryOnHost") sluice_u32 sluice_host_query(sluice_u64 ctx, char **value, sluice_u32 *length);
SLUICE_IMPORT("env", "SetQueryOnHost") sluice_u32 sluice_host_set_query(sluice_u64 ctx, const void *text, sluice_u32 length);
SLUICE_IMPORT("env", "GetErrorMessageOnHost") sluice_u32 sluice_host_error(sluice_u64 ctx, char **value, sluice_u32 *length);
SLUICE_IMPORT("env", "SetErrorMessageOnHost") sluice_u32 sluice_host_set_error(sluice_u64 ctx, const void *text, sluice_u32 length);
SLUICE_IMPORT("env", "GetQueryResultOnHost") sluice_u32 sluice_host_result(sluice_u64 ctx, char **value, sluice_u32 *length);
SLUICE_IMPORT("env", "SetQueryResultOnHost") sluice_u32 sluice_host_set_result(sluice_u64 ctx, const void *bytes, sluice_u32 length);

SLUICE_API void sluice_info(struct sluice_text text) { sluice_host_info(text.data, text.length); }
SLUICE_API void sluice_error_log(struct sluice_text text) { sluice_host_error_log(text.data, text.length); }

/*
 * Gives the query an error: before its execution it is refused, after it the client gets the error in place of the result. One that the
 * host does not take, because it is empty or too long, is replaced; if it takes no error at all, the plugin traps: the query must not go on.
 */
SLUICE_API void sluice_reject(struct sluice_text message) {
    if (!message.length || sluice_host_set_error(sluice_ctx, message.data, message.length) != SLUICE_OK) {
        struct sluice_text plain = TEXT("the plugin rejects the query for a reason that is empty or too long");
        if (sluice_host_set_error(sluice_ctx, plain.data, plain.length) != SLUICE_OK) {
            __builtin_trap();
        }
    }
}

/* What the host refuses to set becomes the query's error: left as it was, the query or its result would be what the plugin is against. */
SLUICE_API enum sluice_status sluice_done(sluice_u32 status, struct sluice_text what) {
    if (status != SLUICE_OK) {
        sluice_reject(sluice_concat(TEXT("the plugin cannot set the "), what));
    }
    return (enum sluice_status)status;
}

/* A status of the host that is neither a value nor "there is none" becomes the query's error. */
SLUICE_API struct sluice_text sluice_got(sluice_u32 status, const char *data, sluice_u32 length, struct sluice_text what) {
    if (status == SLUICE_OK) {
        return (struct sluice_text){data, length};
    }
    if (status != SLUICE_BAD_ARGUMENT && status != SLUICE_NOT_FOUND) {
        sluice_reject(sluice_concat(TEXT("the plugin cannot read the "), what));
    }
    return SLUICE_NONE;
}

/* The text of the query; none if it is empty. */
SLUICE_API struct sluice_text sluice_query(void) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_query(sluice_ctx, &data, &length);
    return sluice_got(status, data, length, TEXT("query"));
}

/* Replaces the text that is executed; for use in before. What the host does not take is refused. */
SLUICE_API enum sluice_status sluice_set_query(struct sluice_text text) {
    return sluice_done(sluice_host_set_query(sluice_ctx, text.data, text.length), TEXT("query"));
}

/* The text of the query's error; none if it has none. */
SLUICE_API struct sluice_text sluice_error(void) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_error(sluice_ctx, &data, &length);
    return sluice_got(status, data, length, TEXT("error"));
}

/* -- Values and locks that instances share: WeScale has no version with this header's entry points and these. ----------------------- */

/* With whom: the instances of this plugin, or all plugins of the host. */
enum sluice_scope { SLUICE_PLUGIN = 0, SLUICE_HOST = 1 };

SLUICE_IMPORT("env", "GetValueByKeyOnHost")
sluice_u32 sluice_host_value(sluice_u32 scope, sluice_u64 module, const void *key, sluice_u32 key_length, char **value, sluice_u32 *length);
SLUICE_IMPORT("env", "SetValueByKeyOnHost")
sluice_u32 sluice_host_set_value(sluice_u32 scope, sluice_u64 module, const void *key, sluice_u32 key_length, const void *value, sluice_u32 length);
SLUICE_IMPORT("env", "LockOnHost") sluice_u32 sluice_host_lock(sluice_u32 scope, sluice_u64 module);
SLUICE_IMPORT("env", "UnlockOnHost") sluice_u32 sluice_host_unlock(sluice_u32 scope, sluice_u64 module);

/* The shared value of a key; none if there is none. */
SLUICE_API struct sluice_text sluice_shared(enum sluice_scope scope, struct sluice_text key) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_value(scope, 0, key.data, key.length, &data, &length);
    return sluice_got(status, data, length, TEXT("shared value"));
}

SLUICE_API enum sluice_status sluice_set_shared(enum sluice_scope scope, struct sluice_text key, struct sluice_text value) {
    return (enum sluice_status)sluice_host_set_value(scope, 0, key.data, key.length, value.data, value.length);
}

/* Waits for the lock. It is not had if that is not SLUICE_OK. It belongs to the query, and the host releases it at the latest when that ends. */
SLUICE_API enum sluice_status sluice_lock(enum sluice_scope scope) { return (enum sluice_status)sluice_host_lock(scope, 0); }
SLUICE_API enum sluice_status sluice_unlock(enum sluice_scope scope) { return (enum sluice_status)sluice_host_unlock(scope, 0); }

/* -- Results. ------------------------------------------------------------------------------------------------------------------------ */

/* MySQL's types, by their numbers in query.proto. */
enum sluice_type {
    SLUICE_NULL = 0, SLUICE_INT8 = 257, SLUICE_UINT8 = 770, SLUICE_INT16 = 259, SLUICE_UINT16 = 772, SLUICE_INT24 = 261,
    SLUICE_UINT24 = 774, SLUICE_INT32 = 263, SLUICE_UINT32 = 776, SLUICE_INT64 = 265, SLUICE_UINT64 = 778, SLUICE_FLOAT32 = 1035,
    SLUICE_FLOAT64 = 1036, SLUICE_TIMESTAMP = 2061, SLUICE_DATE = 2062, SLUICE_TIME = 2063, SLUICE_DATETIME = 2064, SLUICE_YEAR = 785,
    SLUICE_DECIMAL = 18, SLUICE_TEXT = 6163, SLUICE_BLOB = 10260, SLUICE_VARCHAR = 6165, SLUICE_VARBINARY = 10262, SLUICE_CHAR = 6167,
    SLUICE_BINARY = 10264, SLUICE_BIT = 2073, SLUICE_ENUM = 2074, SLUICE_SET = 2075, SLUICE_GEOMETRY = 2077, SLUICE_JSON = 2078
};

struct sluice_column {
    struct sluice_text name; /* as the query calls it */
    struct sluice_text org_name; /* as its table calls it; none for an expression */
    struct sluice_text table;
    sluice_u32 type; /* enum sluice_type */
    const sluice_byte *at, *end; /* its bytes */
    int changed;
};

struct sluice_row {
    const sluice_byte *at, *end; /* its bytes; none of a row that the plugin made */
    struct sluice_text *values; /* one for each column; 0 until they are asked for */
    int changed;
};

struct sluice_result {
    const sluice_byte *at, *end; /* the bytes it was read from */
    struct sluice_column *columns;
    struct sluice_row *rows;
    sluice_u32 column_count, row_count, row_room;
    sluice_u64 rows_affected, insert_id; /* counts; read them, and set them in results that the plugin makes */
};

/* What is left to read of a message. A number that does not end, or a length beyond the end, makes it malformed. */
struct sluice_reader {
    const sluice_byte *at, *end;
    int malformed;
};

struct sluice_field {
    sluice_u32 number, kind;
    sluice_u64 value; /* of a number */
    const sluice_byte *start, *at, *end; /* the whole field; its content */
};

SLUICE_API sluice_u64 sluice_read_number(struct sluice_reader *in) {
    sluice_u64 number = 0;
    for (int shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        sluice_byte byte = *in->at++;
        number |= (sluice_u64)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return number;
        }
    }
    in->malformed = 1;
    return 0;
}

SLUICE_API int sluice_read_field(struct sluice_reader *in, struct sluice_field *field) {
    if (in->malformed || in->at == in->end) {
        return 0;
    }
    field->start = in->at;
    sluice_u64 tag = sluice_read_number(in), size = 0;
    field->number = (sluice_u32)(tag >> 3);
    field->kind = tag & 7;
    field->at = in->at;
    switch (field->kind) {
        case 0: field->value = sluice_read_number(in); break;
        case 1: size = 8; break;
        case 2: size = sluice_read_number(in), field->at = in->at; break;
        case 5: size = 4; break;
        default: in->malformed = 1;
    }
    if (in->malformed || size > (sluice_u64)(in->end - in->at)) {
        in->malformed = 1;
        return 0;
    }
    in->at += size;
    field->end = in->at;
    return 1;
}

SLUICE_API struct sluice_text sluice_content(const struct sluice_field *field) {
    return (struct sluice_text){(const char *)field->at, (sluice_u32)(field->end - field->at)};
}

SLUICE_API int sluice_read_column(const struct sluice_field *whole, struct sluice_column *column) {
    struct sluice_reader in = {whole->at, whole->end, 0};
    struct sluice_field field;
    column->at = whole->at;
    column->end = whole->end;
    while (sluice_read_field(&in, &field)) {
        switch (field.number) {
            case 1: column->name = sluice_content(&field); break;
            case 2: column->type = (sluice_u32)field.value; break;
            case 3: column->table = sluice_content(&field); break;
            case 6: column->org_name = sluice_content(&field); break;
        }
    }
    return !in.malformed;
}

/* An empty result, to be filled. */
SLUICE_API struct sluice_result *sluice_new_result(void) {
    struct sluice_result *made = sluice_alloc(sizeof *made);
    memset(made, 0, sizeof *made);
    return made;
}

/* The query's result; 0 if it has none. One that cannot be read becomes the query's error. */
SLUICE_API struct sluice_result *sluice_result(void) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_result(sluice_ctx, &data, &length);
    struct sluice_text bytes = sluice_got(status, data, length, TEXT("result"));
    if (!bytes.data) {
        return 0;
    }
    struct sluice_result *result = sluice_new_result();
    result->at = (const sluice_byte *)bytes.data;
    result->end = result->at + bytes.length;
    struct sluice_reader in = {result->at, result->end, 0};
    struct sluice_field field;
    while (sluice_read_field(&in, &field)) {
        result->column_count += field.number == 1;
        result->row_room += field.number == 4;
    }
    result->columns = sluice_alloc(result->column_count * sizeof *result->columns);
    memset(result->columns, 0, result->column_count * sizeof *result->columns);
    result->rows = sluice_alloc(result->row_room * sizeof *result->rows);
    in.at = result->at;
    sluice_u32 column = 0;
    while (sluice_read_field(&in, &field)) {
        switch (field.number) {
            case 1: in.malformed |= !sluice_read_column(&field, &result->columns[column++]); break;
            case 2: result->rows_affected = field.value; break;
            case 3: result->insert_id = field.value; break;
            case 4: result->rows[result->row_count++] = (struct sluice_row){field.at, field.end, 0, 0}; break;
        }
    }
    if (in.malformed) {
        sluice_reject(TEXT("the plugin cannot read the result: it is malformed"));
        return 0;
    }
    return result;
}

/* The values of a row, one for each column, decoded when they are asked for first. */
SLUICE_API struct sluice_text *sluice_row(struct sluice_result *result, sluice_u32 index) {
    struct sluice_row *row = &result->rows[index];
    if (row->values) {
        return row->values;
    }
    row->values = sluice_alloc(result->column_count * sizeof *row->values);
    memset(row->values, 0, result->column_count * sizeof *row->values);
    struct sluice_reader in = {row->at, row->end, 0};
    struct sluice_field field;
    const sluice_byte *value = 0, *end = 0;
    while (sluice_read_field(&in, &field)) {
        if (field.number == 2) {
            value = field.at;
            end = field.end;
        }
    }
    in.at = row->at;
    sluice_u32 column = 0;
    while (sluice_read_field(&in, &field)) {
        struct sluice_reader lengths = {field.at, field.end, 0};
        while (field.number == 1 && lengths.at < lengths.end && !lengths.malformed && column < result->column_count) {
            sluice_u64 zigzag = sluice_read_number(&lengths), length = zigzag >> 1;
            if (!(zigzag & 1) && length <= (sluice_u64)(end - value)) {
                row->values[column] = (struct sluice_text){value ? (const char *)value : "", (sluice_u32)length};
                value += length;
            }
            column++;
        }
    }
    return row->values;
}

SLUICE_API struct sluice_text sluice_value(struct sluice_result *result, sluice_u32 row, sluice_u32 column) {
    return sluice_row(result, row)[column];
}

/* Changes one value; SLUICE_NONE for NULL. Rows that are not changed are not encoded again. */
SLUICE_API void sluice_set_value(struct sluice_result *result, sluice_u32 row, sluice_u32 column, struct sluice_text value) {
    sluice_row(result, row)[column] = value;
    result->rows[row].changed = 1;
}

SLUICE_API void sluice_set_type(struct sluice_result *result, sluice_u32 column, enum sluice_type type) {
    result->columns[column].type = type;
    result->columns[column].changed = 1;
}

/* Adds a column; before the first row. */
SLUICE_API void sluice_add_column(struct sluice_result *result, struct sluice_text name, enum sluice_type type) {
    sluice_u32 count = result->column_count + 1;
    struct sluice_column *columns = sluice_alloc(count * sizeof *columns);
    memcpy(columns, result->columns, result->column_count * sizeof *columns);
    columns[count - 1] = (struct sluice_column){name, SLUICE_NONE, SLUICE_NONE, type, 0, 0, 1};
    result->columns = columns;
    result->column_count = count;
}

/* Adds a row; `values` has one for each column and must stay as it is until the result is set. */
SLUICE_API void sluice_add_row(struct sluice_result *result, struct sluice_text *values) {
    if (result->row_count == result->row_room) {
        sluice_u32 room = result->row_room ? result->row_room * 2 : 4;
        struct sluice_row *rows = sluice_alloc(room * sizeof *rows);
        memcpy(rows, result->rows, result->row_count * sizeof *rows);
        result->rows = rows;
        result->row_room = room;
    }
    result->rows[result->row_count++] = (struct sluice_row){0, 0, values, 1};
}

struct sluice_writer {
    sluice_byte *at;
    sluice_u32 length;
};

/* With at == 0 a writer only counts, so that everything is written twice by the same code: once for its size. */
SLUICE_API void sluice_write(struct sluice_writer *out, const void *bytes, sluice_u32 length) {
    if (out->at) {
        memcpy(out->at + out->length, bytes, length);
    }
    out->length += length;
}

SLUICE_API void sluice_write_number(struct sluice_writer *out, sluice_u64 number) {
    sluice_byte bytes[10];
    sluice_u32 length = 0;
    do {
        bytes[length++] = (sluice_byte)(number | 0x80);
    } while (number >>= 7);
    bytes[length - 1] &= 0x7f;
    sluice_write(out, bytes, length);
}

SLUICE_API void sluice_write_bytes(struct sluice_writer *out, sluice_u32 number, struct sluice_text bytes) {
    sluice_write_number(out, number << 3 | 2);
    sluice_write_number(out, bytes.length);
    sluice_write(out, bytes.data, bytes.length);
}

SLUICE_API void sluice_write_column(struct sluice_writer *out, const struct sluice_column *column) {
    struct sluice_reader in = {column->at, column->end, 0};
    struct sluice_field field;
    if (!column->at) {
        sluice_write_bytes(out, 1, column->name);
    }
    while (sluice_read_field(&in, &field)) {
        if (field.number != 2) {
            sluice_write(out, field.start, (sluice_u32)(field.end - field.start));
        }
    }
    sluice_write_number(out, 2 << 3);
    sluice_write_number(out, column->type);
}

SLUICE_API void sluice_write_row(struct sluice_writer *out, const struct sluice_text *values, sluice_u32 count) {
    struct sluice_writer lengths = {0, 0};
    sluice_u32 total = 0;
    for (sluice_u32 i = 0; i < count; i++) {
        sluice_write_number(&lengths, values[i].data ? (sluice_u64)values[i].length << 1 : 1);
        total += values[i].data ? values[i].length : 0;
    }
    sluice_write_number(out, 1 << 3 | 2);
    sluice_write_number(out, lengths.length);
    for (sluice_u32 i = 0; i < count; i++) {
        sluice_write_number(out, values[i].data ? (sluice_u64)values[i].length << 1 : 1);
    }
    sluice_write_number(out, 2 << 3 | 2);
    sluice_write_number(out, total);
    for (sluice_u32 i = 0; i < count; i++) {
        if (values[i].data) {
            sluice_write(out, values[i].data, values[i].length);
        }
    }
}

SLUICE_API void sluice_write_part(struct sluice_writer *out, struct sluice_result *result, sluice_u32 number, sluice_u32 index) {
    struct sluice_writer size = {0, 0};
    sluice_write_number(out, number << 3 | 2);
    if (number == 1) {
        sluice_write_column(&size, &result->columns[index]);
        sluice_write_number(out, size.length);
        sluice_write_column(out, &result->columns[index]);
    } else {
        sluice_write_row(&size, result->rows[index].values, result->column_count);
        sluice_write_number(out, size.length);
        sluice_write_row(out, result->rows[index].values, result->column_count);
    }
}

SLUICE_API void sluice_write_result(struct sluice_writer *out, struct sluice_result *result) {
    struct sluice_reader in = {result->at, result->end, 0};
    struct sluice_field field;
    sluice_u32 column = 0, row = 0;
    while (sluice_read_field(&in, &field)) {
        if (field.number == 1 && result->columns[column++].changed) {
            sluice_write_part(out, result, 1, column - 1);
        } else if (field.number == 4 && result->rows[row++].changed) {
            sluice_write_part(out, result, 4, row - 1);
        } else if (field.number != 2 && field.number != 3) {
            sluice_write(out, field.start, (sluice_u32)(field.end - field.start));
        }
    }
    while (column < result->column_count) {
        sluice_write_part(out, result, 1, column++);
    }
    while (row < result->row_count) {
        sluice_write_part(out, result, 4, row++);
    }
    if (result->rows_affected) {
        sluice_write_number(out, 2 << 3);
        sluice_write_number(out, result->rows_affected);
    }
    if (result->insert_id) {
        sluice_write_number(out, 3 << 3);
        sluice_write_number(out, result->insert_id);
    }
}

/* Gives the client this result; for use in after. One that the host does not take becomes an error: the client gets neither. */
SLUICE_API enum sluice_status sluice_set_result(struct sluice_result *result) {
    struct sluice_writer out = {0, 0};
    sluice_write_result(&out, result);
    out.at = sluice_alloc(out.length);
    out.length = 0;
    sluice_write_result(&out, result);
    return sluice_done(sluice_host_set_result(sluice_ctx, out.at, out.length), TEXT("result"));
}

/* -- Only on Sluice: the imports of the module "sluice". ----------------------------------------------------------------------------- */

SLUICE_IMPORT("sluice", "get_configuration") sluice_u32 sluice_host_configuration(char **value, sluice_u32 *length);
SLUICE_IMPORT("sluice", "get_property")
sluice_u32 sluice_host_property(const void *name, sluice_u32 name_length, char **value, sluice_u32 *length);
SLUICE_IMPORT("sluice", "set_error")
sluice_u32 sluice_host_set_coded_error(sluice_u32 code, const void *state, sluice_u32 state_length, const void *message, sluice_u32 length);
SLUICE_IMPORT("sluice", "clear_error") sluice_u32 sluice_host_clear_error(void);
SLUICE_IMPORT("sluice", "add_counter") sluice_u32 sluice_host_add_counter(const void *name, sluice_u32 name_length, sluice_u64 delta);

/* The plugin's configuration, a JSON object; none if it was given none. */
SLUICE_API struct sluice_text sluice_configuration(void) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_configuration(&data, &length);
    return sluice_got(status, data, length, TEXT("configuration"));
}

/* A property of the query: user, client_address, database, kind, tables, bind_values; none if the plugin is not granted it. */
SLUICE_API struct sluice_text sluice_property(struct sluice_text name) {
    char *data = 0;
    sluice_u32 length = 0, status = sluice_host_property(name.data, name.length, &data, &length);
    return sluice_got(status, data, length, TEXT("property"));
}

/* As sluice_reject, with MySQL's code and SQLSTATE; without them if the host does not take them. */
SLUICE_API enum sluice_status sluice_reject_with_code(sluice_u32 code, struct sluice_text state, struct sluice_text message) {
    sluice_u32 status = sluice_host_set_coded_error(code, state.data, state.length, message.data, message.length);
    if (status != SLUICE_OK) {
        sluice_reject(message);
    }
    return (enum sluice_status)status;
}

SLUICE_API enum sluice_status sluice_clear_error(void) { return (enum sluice_status)sluice_host_clear_error(); }

/* Adds to a counter of the plugin. */
SLUICE_API enum sluice_status sluice_count(struct sluice_text name, sluice_u64 delta) {
    return (enum sluice_status)sluice_host_add_counter(name.data, name.length, delta);
}

#endif
