package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Every getter's answer for every column of a row, to compare a copied result with the driver's own. */
final class DriverAnswers {
    private static final Calendar TOKYO = Calendar.getInstance(TimeZone.getTimeZone("Asia/Tokyo"));
    private static final Class<?>[] TYPES = {
        String.class,
        Integer.class,
        Long.class,
        Short.class,
        Byte.class,
        Double.class,
        Float.class,
        Boolean.class,
        BigDecimal.class,
        BigInteger.class,
        byte[].class,
        java.sql.Date.class,
        java.sql.Time.class,
        java.sql.Timestamp.class,
        LocalDate.class,
        LocalTime.class,
        LocalDateTime.class,
        OffsetDateTime.class,
        ZonedDateTime.class,
        Instant.class,
        UUID.class,
        Blob.class,
        Clob.class,
        Object.class
    };

    private interface Getter {
        @Nullable
        Object get() throws Exception;
    }

    private final Map<String, String> answers = new LinkedHashMap<>();

    private DriverAnswers() {}

    /** The answers of all rows from here on. */
    static Map<String, String> of(ResultSet rows) throws SQLException {
        DriverAnswers all = new DriverAnswers();
        ResultSetMetaData metaData = rows.getMetaData();
        for (int row = 1; rows.next(); row++) {
            for (int column = 1; column <= metaData.getColumnCount(); column++) {
                all.ask(row + " " + metaData.getColumnLabel(column), rows, column, metaData.getColumnLabel(column));
            }
        }
        return all.answers;
    }

    private void ask(String where, ResultSet rows, int column, String label) {
        put(where + " getString", rows, () -> rows.getString(column));
        put(where + " getNString", rows, () -> rows.getNString(column));
        put(where + " getString by label", rows, () -> rows.getString(label));
        put(where + " getObject", rows, () -> rows.getObject(column));
        put(where + " getObject by label", rows, () -> rows.getObject(label));
        put(where + " getObject by map", rows, () -> rows.getObject(column, Map.of()));
        put(where + " getInt", rows, () -> rows.getInt(column));
        put(where + " getLong", rows, () -> rows.getLong(column));
        put(where + " getShort", rows, () -> rows.getShort(column));
        put(where + " getByte", rows, () -> rows.getByte(column));
        put(where + " getDouble", rows, () -> rows.getDouble(column));
        put(where + " getFloat", rows, () -> rows.getFloat(column));
        put(where + " getBoolean", rows, () -> rows.getBoolean(column));
        put(where + " getBigDecimal", rows, () -> rows.getBigDecimal(column));
        put(where + " getBytes", rows, () -> rows.getBytes(column));
        put(where + " getDate", rows, () -> rows.getDate(column));
        put(where + " getTime", rows, () -> rows.getTime(column));
        put(where + " getTimestamp", rows, () -> rows.getTimestamp(column));
        put(where + " getDate in Tokyo", rows, () -> rows.getDate(column, TOKYO));
        put(where + " getTime in Tokyo", rows, () -> rows.getTime(column, TOKYO));
        put(where + " getTimestamp in Tokyo", rows, () -> rows.getTimestamp(column, TOKYO));
        put(where + " getBinaryStream", rows, () -> rows.getBinaryStream(column));
        put(where + " getAsciiStream", rows, () -> rows.getAsciiStream(column));
        put(where + " getCharacterStream", rows, () -> rows.getCharacterStream(column));
        put(where + " getBlob", rows, () -> rows.getBlob(column));
        put(where + " getClob", rows, () -> rows.getClob(column));
        put(where + " getNClob", rows, () -> rows.getNClob(column));
        put(where + " getArray", rows, () -> rows.getArray(column));
        put(where + " getURL", rows, () -> rows.getURL(column));
        put(where + " getSQLXML", rows, () -> rows.getSQLXML(column) == null ? null : "an SQLXML");
        for (Class<?> type : TYPES) {
            put(where + " as " + type.getSimpleName(), rows, () -> rows.getObject(column, type));
        }
    }

    private void put(String what, ResultSet rows, Getter getter) {
        String answer;
        try {
            answer = text(getter.get()) + (rows.wasNull() ? " and NULL" : "");
        } catch (Exception e) {
            // Some drivers name their object in a message.
            answer = e.getClass().getName() + ": "
                    + String.valueOf(e.getMessage())
                            .replaceAll("@[0-9a-f]+", "@…")
                            .replaceAll("\\(conn=\\d+\\)", "(conn)");
        }
        answers.put(what, answer);
    }

    private static String text(@Nullable Object value) throws Exception {
        if (value == null) {
            return "null";
        }
        if (value instanceof byte[] bytes) {
            return "bytes " + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof InputStream stream) {
            try (stream) {
                return "stream " + HexFormat.of().formatHex(stream.readAllBytes());
            }
        }
        if (value instanceof Reader reader) {
            try (reader) {
                java.io.StringWriter all = new java.io.StringWriter();
                reader.transferTo(all);
                return "reader " + all;
            }
        }
        if (value instanceof Clob clob) {
            return value.getClass().getSimpleName() + " " + text(clob.getCharacterStream());
        }
        if (value instanceof Blob blob) {
            return value.getClass().getSimpleName() + " " + text(blob.getBinaryStream());
        }
        if (value instanceof Array array) {
            Object elements = array.getArray();
            String shown = elements instanceof Object[] objects
                    ? Arrays.deepToString(objects)
                    : elements.getClass().getName();
            return "array " + shown.replaceAll("(lob|rs)\\d+|@[0-9a-f]+", "…");
        }
        if (value instanceof ResultSet rows) {
            return "rows " + rows.getMetaData().getColumnCount();
        }
        return value.getClass().getName() + " " + value;
    }

    /** Asserts that both gave the same answers to everything. */
    static void assertSame(Map<String, String> actual, Map<String, String> expected) {
        assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
        assertThat(actual.size()).isGreaterThan(50);
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            assertThat(actual.get(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
        }
    }
}
