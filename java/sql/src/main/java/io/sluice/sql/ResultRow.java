package io.sluice.sql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row of a result.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Borrowed from its result's bytes. <b>Cost.</b> Every value that is read is a copy.
 */
public final class ResultRow {
    private final byte[] bytes;
    private final int[] ends;
    private final int[] starts;

    ResultRow(byte[] bytes, int valuesStart, int[] lengths) {
        this.bytes = bytes;
        this.starts = new int[lengths.length];
        this.ends = lengths;
        int at = valuesStart;
        for (int i = 0; i < lengths.length; i++) {
            starts[i] = lengths[i] < 0 ? -1 : at;
            at += Math.max(0, lengths[i]);
            ends[i] = at;
        }
    }

    /** The values. */
    public int size() {
        return starts.length;
    }

    /** Whether the value is NULL. */
    public boolean isNull(int column) {
        return starts[column] < 0;
    }

    /** The value's bytes in MySQL's text form; null for NULL. */
    public byte @Nullable [] copyBytes(int column) {
        return isNull(column) ? null : Arrays.copyOfRange(bytes, starts[column], ends[column]);
    }

    /** The value's text; null for NULL. */
    public @Nullable String text(int column) {
        return isNull(column)
                ? null
                : new String(bytes, starts[column], ends[column] - starts[column], StandardCharsets.UTF_8);
    }
}
