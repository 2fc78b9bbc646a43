package io.sluice.runtime.abi;

/**
 * What the values of one {@link SharedScope} may take. Immutable: each {@code with…} returns a copy and refuses what makes no
 * sense.
 *
 * <p>Defaults: keys of 1 KiB, values of 64 KiB, 10,000 entries, 16 MiB of keys and values together.
 */
public final class SharedLimits {
    private static final int MAX_KEY_BYTES = 64 << 10;
    private static final int MAX_VALUE_BYTES = 16 << 20;
    private static final int MAX_ENTRIES = 10_000_000;
    private static final long MAX_TOTAL_BYTES = 1L << 40;

    private static final SharedLimits DEFAULTS = new SharedLimits(1 << 10, 64 << 10, 10_000, 16 << 20);

    private final int maxKeyBytes;
    private final int maxValueBytes;
    private final int maxEntries;
    private final long maxTotalBytes;

    private SharedLimits(int maxKeyBytes, int maxValueBytes, int maxEntries, long maxTotalBytes) {
        this.maxKeyBytes = maxKeyBytes;
        this.maxValueBytes = maxValueBytes;
        this.maxEntries = maxEntries;
        this.maxTotalBytes = maxTotalBytes;
    }

    /** The limits that suit most. */
    public static SharedLimits defaults() {
        return DEFAULTS;
    }

    /** Bytes that a key may have. */
    public int maxKeyBytes() {
        return maxKeyBytes;
    }

    /** A copy with another {@link #maxKeyBytes()}: 1 to 64 KiB. */
    public SharedLimits withMaxKeyBytes(int bytes) {
        check("maxKeyBytes", bytes, 1, MAX_KEY_BYTES);
        return new SharedLimits(bytes, maxValueBytes, maxEntries, maxTotalBytes);
    }

    /** Bytes that a value may have. */
    public int maxValueBytes() {
        return maxValueBytes;
    }

    /** A copy with another {@link #maxValueBytes()}: 0 to 16 MiB. */
    public SharedLimits withMaxValueBytes(int bytes) {
        check("maxValueBytes", bytes, 0, MAX_VALUE_BYTES);
        return new SharedLimits(maxKeyBytes, bytes, maxEntries, maxTotalBytes);
    }

    /** Entries that there may be. */
    public int maxEntries() {
        return maxEntries;
    }

    /** A copy with another {@link #maxEntries()}: 0 to 10,000,000. */
    public SharedLimits withMaxEntries(int entries) {
        check("maxEntries", entries, 0, MAX_ENTRIES);
        return new SharedLimits(maxKeyBytes, maxValueBytes, entries, maxTotalBytes);
    }

    /** Bytes that all keys and values together may have. */
    public long maxTotalBytes() {
        return maxTotalBytes;
    }

    /** A copy with another {@link #maxTotalBytes()}: 0 to 1 TiB. */
    public SharedLimits withMaxTotalBytes(long bytes) {
        check("maxTotalBytes", bytes, 0, MAX_TOTAL_BYTES);
        return new SharedLimits(maxKeyBytes, maxValueBytes, maxEntries, bytes);
    }

    private static void check(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be " + low + " to " + high);
        }
    }

    /** In the order of the boundary; a test compares it with the native library's. */
    long[] values() {
        return new long[] {maxKeyBytes, maxValueBytes, maxEntries, maxTotalBytes};
    }

    @Override
    public String toString() {
        return "SharedLimits[maxKeyBytes=" + maxKeyBytes + ", maxValueBytes=" + maxValueBytes + ", maxEntries="
                + maxEntries + ", maxTotalBytes=" + maxTotalBytes + "]";
    }
}
