package io.sluice.mysql;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often values of a size came, by which percentiles are told to an eighth: each power of two has eight boxes.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> One atomic addition a value.
 */
final class Distribution {
    private static final int BOX_BITS = 3;
    private static final int BOXES = 1 << BOX_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - BOX_BITS) * BOXES);

    void add(long value) {
        counts.getAndIncrement(boxOf(Math.max(0, value)));
    }

    /** The least value that this share of all values, from 0 to 1, does not exceed, rounded up to the end of its box; 0 if there are none. */
    long percentile(double share) {
        long all = 0;
        for (int i = 0; i < counts.length(); i++) {
            all += counts.get(i);
        }
        long wanted = (long) Math.ceil(all * share);
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= wanted && seen > 0) {
                return endOf(i);
            }
        }
        return 0;
    }

    private static int boxOf(long value) {
        if (value < BOXES) {
            return (int) value;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        int shift = power - BOX_BITS;
        return (shift + 1) * BOXES + (int) ((value >>> shift) & (BOXES - 1));
    }

    private static long endOf(int box) {
        if (box < BOXES) {
            return box;
        }
        int shift = box / BOXES - 1;
        long low = (long) (BOXES + box % BOXES) << shift;
        return low + (1L << shift) - 1;
    }
}
