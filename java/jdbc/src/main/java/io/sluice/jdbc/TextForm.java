package io.sluice.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a column's values are written in MySQL's text form, in which plugins see them.
 *
 * <p>It is the driver's own text wherever that is MySQL's, too; JSON, arrays and rows of values come as their text, so that nothing in a
 * result is out of a plugin's sight.
 */
enum TextForm {
    /** The driver's text is right. */
    TEXT,
    /** Bytes without a character set. */
    BYTES,
    BLOB,
    CLOB,
    /** 1 and 0, not the words that some drivers have. */
    BOOLEAN,
    /** Four digits; some drivers make a date of it. */
    YEAR;

    /** The forms of a result's columns. */
    static TextForm[] of(ResultSetMetaData metaData) throws SQLException {
        TextForm[] forms = new TextForm[metaData.getColumnCount()];
        for (int i = 0; i < forms.length; i++) {
            String typeName = Objects.requireNonNullElse(metaData.getColumnTypeName(i + 1), "");
            forms[i] = of(metaData.getColumnType(i + 1), typeName.toUpperCase(Locale.ROOT));
        }
        return forms;
    }

    private static TextForm of(int jdbcType, String typeName) {
        switch (typeName) {
            case "BIT", "GEOMETRY" -> {
                // MySQL has bytes for both; other databases have a text for them and another JDBC type.
                return jdbcType == Types.OTHER ? TEXT : BYTES;
            }
            case "YEAR" -> {
                return YEAR;
            }
            case "UUID" -> {
                return TEXT;
            }
            default -> {
                return switch (jdbcType) {
                    case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> BYTES;
                    case Types.BLOB -> BLOB;
                    case Types.CLOB, Types.NCLOB -> CLOB;
                    case Types.BOOLEAN, Types.BIT -> BOOLEAN;
                    default -> TEXT;
                };
            }
        }
    }

    /** The value of the current row; null for NULL. Of a large object no more than one byte above the limit is read. */
    byte @Nullable [] read(ResultSet rows, int column, int maxBytes) throws SQLException {
        return switch (this) {
            case BYTES -> rows.getBytes(column);
            case BLOB -> {
                Blob blob = rows.getBlob(column);
                yield blob == null ? null : bytesOf(blob, maxBytes);
            }
            case CLOB -> {
                Clob clob = rows.getClob(column);
                yield clob == null ? null : utf8(textOf(clob, maxBytes));
            }
            case TEXT, BOOLEAN, YEAR -> {
                String text = rows.getString(column);
                yield text == null ? null : utf8(adapt(text));
            }
        };
    }

    private String adapt(String text) {
        if (this == YEAR && text.length() > 4) {
            return text.substring(0, 4);
        }
        if (this == BOOLEAN) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true", "t" -> "1";
                case "false", "f" -> "0";
                default -> text;
            };
        }
        return text;
    }

    /** The bytes of a large object, no more than one above the limit; an empty one has no position to read from. */
    static byte[] bytesOf(Blob blob, int maxBytes) throws SQLException {
        int length = atMost(blob.length(), maxBytes);
        return length == 0 ? new byte[0] : blob.getBytes(1, length);
    }

    /** As {@link #bytesOf} for characters. */
    static String textOf(Clob clob, int maxBytes) throws SQLException {
        int length = atMost(clob.length(), maxBytes);
        return length == 0 ? "" : clob.getSubString(1, length);
    }

    private static int atMost(long length, int maxBytes) {
        return (int) Math.min(length, Math.min(maxBytes, Integer.MAX_VALUE - 1) + 1L);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
