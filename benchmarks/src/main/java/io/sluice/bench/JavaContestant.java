package io.sluice.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * Pure Java: the algorithm of the C guest {@code reject_without_where}, line for line, without a sandbox.
 *
 * <p>Reused, it scans the caller's array in place: no copy in. Fresh, it does what a fresh instance of the guest stands
 * for: it takes a new zeroed memory of the guest's size (one page of 64 KiB), puts the query into it, and scans it there.
 */
final class JavaContestant implements Contestant {

    static final String NO_WHERE = "no where clause";

    private static final int GUEST_MEMORY_BYTES = 64 * 1024;
    /** Where the guest's allocator would put the query: above its stack and constants. */
    private static final int GUEST_HEAP_BASE = 8 * 1024;

    private static final byte[] NO_WHERE_BYTES = NO_WHERE.getBytes(US_ASCII);
    private static final byte[] UPDATE = "update".getBytes(US_ASCII);
    private static final byte[] DELETE = "delete".getBytes(US_ASCII);
    private static final byte[] WHERE = "where".getBytes(US_ASCII);

    private static final byte OTHER = 0;
    private static final byte WORD = 1;
    private static final byte QUOTE = 2;
    private static final byte OPEN = 3;
    private static final byte CLOSE = 4;
    private static final byte SEMICOLON = 5;
    private static final byte SLASH = 6;
    private static final byte DASH = 7;
    private static final byte HASH = 8;
    private static final byte[] KINDS = kinds();

    private final InstanceUse use;

    private JavaContestant(InstanceUse use) {
        this.use = use;
    }

    static Contestant reused() {
        return new JavaContestant(InstanceUse.REUSED);
    }

    static Contestant fresh() {
        return new JavaContestant(InstanceUse.FRESH);
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        boolean rejected;
        if (use == InstanceUse.REUSED) {
            rejected = changesEveryRow(query, 0, query.length);
        } else {
            byte[] memory = new byte[Math.max(GUEST_MEMORY_BYTES, GUEST_HEAP_BASE + query.length)];
            System.arraycopy(query, 0, memory, GUEST_HEAP_BASE, query.length);
            rejected = changesEveryRow(memory, GUEST_HEAP_BASE, GUEST_HEAP_BASE + query.length);
        }
        return rejected ? NO_WHERE_BYTES.clone() : null;
    }

    @Override
    public void close() {}

    private static boolean changesEveryRow(byte[] text, int begin, int end) {
        boolean first = true;
        boolean change = false;
        boolean where = false;
        int depth = 0;
        int at = begin;
        while (at < end) {
            int start = at++;
            switch (KINDS[text[start] & 0xff]) {
                case WORD -> {
                    while (at < end && continuesWord(text[at])) {
                        at++;
                    }
                    if (first) {
                        first = false;
                        change = is(text, start, at, UPDATE) || is(text, start, at, DELETE);
                    } else if (change && depth == 0 && is(text, start, at, WHERE)) {
                        where = true;
                    }
                }
                case QUOTE -> at = afterQuote(text, at, end, text[start]);
                case OPEN -> depth++;
                case CLOSE -> depth--;
                case SEMICOLON -> {
                    if (change && !where) {
                        return true;
                    }
                    first = true;
                    change = false;
                    where = false;
                    depth = 0;
                }
                case SLASH -> {
                    if (at < end && text[at] == '*') {
                        at = afterComment(text, at + 1, end);
                    }
                }
                case DASH -> {
                    if (at < end && text[at] == '-' && (at + 1 == end || (text[at + 1] & 0xff) <= ' ')) {
                        at = afterLine(text, at, end);
                    }
                }
                case HASH -> at = afterLine(text, at, end);
                default -> {}
            }
        }
        return change && !where;
    }

    private static boolean continuesWord(byte b) {
        return KINDS[b & 0xff] == WORD && b != '.' && b != '@';
    }

    private static boolean is(byte[] text, int start, int end, byte[] keyword) {
        if (end - start != keyword.length) {
            return false;
        }
        for (int i = 0; i < keyword.length; i++) {
            if ((text[start + i] | 0x20) != keyword[i]) {
                return false;
            }
        }
        return true;
    }

    private static int afterLine(byte[] text, int from, int end) {
        int at = from;
        while (at < end && text[at] != '\n') {
            at++;
        }
        return at;
    }

    private static int afterComment(byte[] text, int from, int end) {
        for (int at = from; at < end; at++) {
            if (text[at] == '*' && at + 1 < end && text[at + 1] == '/') {
                return at + 2;
            }
        }
        return end;
    }

    private static int afterQuote(byte[] text, int from, int end, byte quote) {
        for (int at = from; at < end; at++) {
            if (text[at] == quote) {
                return at + 1;
            }
            if (text[at] == '\\' && quote != '`') {
                at++;
            }
        }
        return end;
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int b = 0; b < kinds.length; b++) {
            kinds[b] = b >= 0x80 || isAsciiWord(b) ? WORD : OTHER;
        }
        kinds['\''] = QUOTE;
        kinds['"'] = QUOTE;
        kinds['`'] = QUOTE;
        kinds['('] = OPEN;
        kinds[')'] = CLOSE;
        kinds[';'] = SEMICOLON;
        kinds['/'] = SLASH;
        kinds['-'] = DASH;
        kinds['#'] = HASH;
        return kinds;
    }

    private static boolean isAsciiWord(int b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || "_$@.".indexOf(b) >= 0;
    }
}
