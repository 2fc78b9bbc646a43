/*
 * What the groups "crossing" and "compute" call: functions from doing nothing to matching a regular expression. `JavaWorkloads` has the
 * same algorithms in Java, statement by statement, as the reference.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("env", "sum") u32 host_sum(u32 a, u32 b);                      /* defined by the host in Java */
IMPORT("wasi_snapshot_preview1", "sched_yield") u32 sched_yield(void); /* defined by Sluice in Rust */

/* Where the host puts what the functions read. */
static u8 input[(1 << 20) + 64] __attribute__((aligned(64)));

EXPORT(buffer) u8 *buffer(void) { return input; }

EXPORT(noop) void noop(void) {}

EXPORT(add) u32 add(u32 a, u32 b) { return a + b; }

EXPORT(java_import) u32 java_import(u32 a, u32 b) { return host_sum(a, b); }

EXPORT(native_import) u32 native_import(void) { return sched_yield(); }

/* Looks at the ends of what the host wrote, and changes one byte of what it will read. */
EXPORT(touch) u32 touch(u8 *at, u32 length) {
    u32 ends = at[0] + at[length - 1];
    at[length - 1] ^= 1;
    return ends;
}

EXPORT(fib) __attribute__((noinline)) u32 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

EXPORT(fnv) u32 fnv(const u8 *at, u32 length) {
    u32 hash = 0x811c9dc5u;
    for (u32 i = 0; i < length; i++) {
        hash = (hash ^ at[i]) * 0x01000193u;
    }
    return hash;
}

static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotated(u32 x, u32 n) { return x >> n | x << (32 - n); }

static void sha_block(u32 *h, const u8 *at) {
    u32 w[64];
    for (u32 i = 0; i < 16; i++) {
        w[i] = (u32)at[4 * i] << 24 | (u32)at[4 * i + 1] << 16 | (u32)at[4 * i + 2] << 8 | at[4 * i + 3];
    }
    for (u32 i = 16; i < 64; i++) {
        u32 x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotated(x, 7) ^ rotated(x, 18) ^ x >> 3) + w[i - 7] + (rotated(y, 17) ^ rotated(y, 19) ^ y >> 10);
    }
    u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (u32 i = 0; i < 64; i++) {
        u32 t = k + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
        u32 s = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        k = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + s;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += k;
}

/* The first four bytes of the SHA-256 of a text whose length is a multiple of 64. */
EXPORT(sha256) u32 sha256(const u8 *at, u32 length) {
    u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (u32 i = 0; i < length; i += 64) {
        sha_block(h, at + i);
    }
    u8 last[64];
    for (u32 i = 0; i < 64; i++) {
        last[i] = 0;
    }
    last[0] = 0x80;
    for (u32 i = 0; i < 4; i++) {
        last[60 + i] = (u8)(length << 3 >> (24 - 8 * i));
    }
    sha_block(h, last);
    return h[0];
}

/* JSON: reads a text by recursive descent; a checksum of what it found, or 0 if it is not JSON. */
static const u8 *json_at, *json_end;
static u32 json_sum;
static int json_value(u32 depth);

static void json_space(void) {
    while (json_at < json_end && (*json_at == ' ' || *json_at == '\n' || *json_at == '\t' || *json_at == '\r')) {
        json_at++;
    }
}

static int json_string(void) {
    json_at++;
    while (json_at < json_end && *json_at != '"') {
        if (*json_at < ' ') {
            return 0;
        }
        if (*json_at == '\\') {
            json_at++;
            if (json_at == json_end) {
                return 0;
            }
        }
        json_sum = json_sum * 31 + *json_at++;
    }
    if (json_at == json_end) {
        return 0;
    }
    json_at++;
    return 1;
}

static int json_number(void) {
    const u8 *start = json_at;
    u32 value = 0;
    if (*json_at == '-') {
        json_at++;
    }
    while (json_at < json_end && ((*json_at >= '0' && *json_at <= '9') || *json_at == '.')) {
        value = value * 10 + (*json_at++ & 15);
    }
    json_sum = json_sum * 31 + value;
    return json_at > start;
}

static int json_word(const char *word, u32 length) {
    if ((u32)(json_end - json_at) < length) {
        return 0;
    }
    for (u32 i = 0; i < length; i++) {
        if (json_at[i] != (u8)word[i]) {
            return 0;
        }
    }
    json_at += length;
    json_sum = json_sum * 31 + length;
    return 1;
}

static int json_members(u32 depth, u8 close, int named) {
    json_at++;
    json_space();
    if (json_at < json_end && *json_at == close) {
        json_at++;
        return 1;
    }
    while (json_at < json_end) {
        if (named) {
            json_space();
            if (json_at == json_end || *json_at != '"' || !json_string()) {
                return 0;
            }
            json_space();
            if (json_at == json_end || *json_at++ != ':') {
                return 0;
            }
        }
        if (!json_value(depth + 1)) {
            return 0;
        }
        json_space();
        if (json_at == json_end) {
            return 0;
        }
        u8 next = *json_at++;
        if (next == close) {
            json_sum += depth;
            return 1;
        }
        if (next != ',') {
            return 0;
        }
    }
    return 0;
}

static int json_value(u32 depth) {
    json_space();
    if (json_at == json_end || depth > 64) {
        return 0;
    }
    switch (*json_at) {
        case '{': return json_members(depth, '}', 1);
        case '[': return json_members(depth, ']', 0);
        case '"': return json_string();
        case 't': return json_word("true", 4);
        case 'f': return json_word("false", 5);
        case 'n': return json_word("null", 4);
        default: return json_number();
    }
}

EXPORT(json) u32 json(const u8 *at, u32 length) {
    json_at = at;
    json_end = at + length;
    json_sum = 1;
    return json_value(0) ? json_sum : 0;
}

/* A backtracking matcher of [a-z0-9]+@[a-z0-9]+[.][a-z]+ given as a program: class, then once (0) or once and more (1). */
enum { LETTER = 1, DIGIT = 2, AT = 4, DOT = 8 };
static const u8 program[] = {LETTER | DIGIT, 1, AT, 0, LETTER | DIGIT, 1, DOT, 0, LETTER, 1, 0};

static u8 class_of(u8 c) {
    return c >= 'a' && c <= 'z' ? LETTER : c >= '0' && c <= '9' ? DIGIT : c == '@' ? AT : c == '.' ? DOT : 0;
}

/* The end of the longest match of the program's rest, or 0. */
static const u8 *match(const u8 *step, const u8 *at, const u8 *end) {
    if (!*step) {
        return at;
    }
    const u8 *most = at;
    while (most < end && (class_of(*most) & step[0])) {
        most++;
        if (!step[1]) {
            break;
        }
    }
    while (most > at) {
        const u8 *found = match(step + 2, most, end);
        if (found) {
            return found;
        }
        most--;
    }
    return 0;
}

/* The matches, their number in the upper half and the sum of their lengths in the lower. */
EXPORT(regex) u32 regex(const u8 *at, u32 length) {
    const u8 *end = at + length;
    u32 found = 0;
    while (at < end) {
        const u8 *to = match(program, at, end);
        if (to) {
            found += 0x10000u + (u32)(to - at);
            at = to;
        } else {
            at++;
        }
    }
    return found;
}
