package io.sluice.sql;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A query as the filters see it; made once for a connection and filled anew for every query.
 *
 * <p>Bytes are UTF-8. Where they are not, matching sees U+FFFD in the place of each fault, while plugins and the database get the bytes
 * as they are.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> {@link #text(byte[], int, int)} keeps the array and does not copy: it must not change
 * until the query's execution has ended. <b>Cost.</b> Filling with bytes allocates nothing.
 */
public final class SqlRequest {
    private byte @Nullable [] bytes;
    private int offset;
    private int length;
    private @Nullable String text;

    /** A request whose text is empty. */
    public SqlRequest() {
        text = "";
    }

    /** A request with that text. */
    public static SqlRequest of(String text) {
        return new SqlRequest().text(text);
    }

    /** Puts another text into this request. */
    public SqlRequest text(String value) {
        text = Objects.requireNonNull(value, "value");
        bytes = null;
        return this;
    }

    /** Puts another text into this request; the array is kept, not copied. */
    public SqlRequest text(byte[] utf8, int from, int count) {
        Objects.checkFromIndexSize(from, count, utf8.length);
        bytes = utf8;
        offset = from;
        length = count;
        text = null;
        return this;
    }

    /** The text. */
    public String text() {
        String known = text;
        if (known == null) {
            known = new String(bytes(), offset, length, StandardCharsets.UTF_8);
            text = known;
        }
        return known;
    }

    /** The array that the text's bytes lie in. */
    byte[] bytes() {
        byte[] known = bytes;
        if (known == null) {
            known = text().getBytes(StandardCharsets.UTF_8);
            bytes = known;
            offset = 0;
            length = known.length;
        }
        return known;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    @Override
    public String toString() {
        return text();
    }
}
