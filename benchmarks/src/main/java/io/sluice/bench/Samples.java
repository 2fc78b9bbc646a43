package io.sluice.bench;

import java.util.Arrays;
import java.util.Locale;

/** Times of single events in nanoseconds, kept all: a percentile of them is one that was measured. */
final class Samples {

    private final long[] nanos;
    private int size;

    Samples(int capacity) {
        nanos = new long[capacity];
    }

    /** What does not fit any more is left out. */
    void add(long value) {
        if (size < nanos.length) {
            nanos[size++] = value;
        }
    }

    int size() {
        return size;
    }

    /**
     * The smallest sample that so many per cent of them do not exceed.
     *
     * @param percent above 0, at most 100
     */
    long percentile(double percent) {
        long[] sorted = sorted();
        if (sorted.length == 0) {
            throw new IllegalStateException("a percentile of no samples was asked for; measure first");
        }
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.max(1, rank) - 1];
    }

    long largest() {
        return percentile(100);
    }

    private long[] sorted() {
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted;
    }

    /** As a JSON object with the percentiles that the tables show. */
    String json() {
        return String.format(
                Locale.ROOT,
                "{\"samples\": %d, \"p50\": %d, \"p90\": %d, \"p99\": %d, \"p99.9\": %d, \"max\": %d}",
                size,
                percentile(50),
                percentile(90),
                percentile(99),
                percentile(99.9),
                largest());
    }
}
