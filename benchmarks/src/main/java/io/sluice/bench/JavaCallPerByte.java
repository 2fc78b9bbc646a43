package io.sluice.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/** Pure Java: the algorithm of the guest {@code reject_call_per_byte}, without a sandbox. */
final class JavaCallPerByte implements Contestant {

    private static final int GUEST_MEMORY_BYTES = 4 * 64 * 1024;
    private static final int GUEST_HEAP_BASE = 1024;
    private static final byte[] MESSAGE = JavaContestant.NO_WHERE.getBytes(US_ASCII);
    private static final byte[] UPDATE = "update".getBytes(US_ASCII);
    private static final byte[] WHERE = "where".getBytes(US_ASCII);

    private final InstanceUse use;

    JavaCallPerByte(InstanceUse use) {
        this.use = use;
    }

    @Override
    public byte @Nullable [] before(byte[] query) {
        byte[] memory = query;
        int begin = 0;
        if (use == InstanceUse.FRESH) {
            memory = new byte[Math.max(GUEST_MEMORY_BYTES, GUEST_HEAP_BASE + query.length)];
            begin = GUEST_HEAP_BASE;
            System.arraycopy(query, 0, memory, begin, query.length);
        }
        int end = begin + query.length;
        boolean rejected =
                query.length >= UPDATE.length && begins(memory, begin, UPDATE) && !hasWhere(memory, begin, end);
        return rejected ? MESSAGE.clone() : null;
    }

    @Override
    public void close() {}

    private static int lower(int b) {
        return b - 'A' >= 0 && b - 'A' < 26 ? b | 32 : b;
    }

    private static boolean begins(byte[] text, int at, byte[] word) {
        for (int i = 0; i < word.length; i++) {
            if (lower(text[at + i]) != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasWhere(byte[] text, int begin, int end) {
        for (int at = begin; at + WHERE.length <= end; at++) {
            if (lower(text[at]) == 'w' && begins(text, at, WHERE)) {
                return true;
            }
        }
        return false;
    }
}
