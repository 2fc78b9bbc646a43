package io.sluice.jdbc;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Calendar;
import javax.sql.rowset.serial.SerialBlob;
import javax.sql.rowset.serial.SerialClob;
import org.jspecify.annotations.Nullable;

/** The values of a copied result: to and from MySQL's text form, and as the type that the application asks for. */
final class Values {
    private static final BigDecimal MIN_LONG = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal MAX_LONG = BigDecimal.valueOf(Long.MAX_VALUE);

    private Values() {}

    /** The text form in which plugins see a value; null for NULL. */
    static byte @Nullable [] toText(@Nullable Object value) throws SQLException {
        if (value == null) {
            return null;
        }
        return toBytes(value);
    }

    static String toString(Object value) throws SQLException {
        if (value instanceof Boolean flag) {
            return flag ? "1" : "0";
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Timestamp timestamp) {
            String text = timestamp.toString();
            return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
        }
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        if (value instanceof Blob blob) {
            return new String(toBytes(blob), StandardCharsets.UTF_8);
        }
        if (value instanceof Clob clob) {
            return TextForm.textOf(clob, Integer.MAX_VALUE);
        }
        return value.toString();
    }

    /** What a plugin's text is for a column of that JDBC type; the text itself if it is none such, as after masking. */
    static Object ofText(byte[] bytes, int jdbcType) {
        if (jdbcType == Types.BINARY
                || jdbcType == Types.VARBINARY
                || jdbcType == Types.LONGVARBINARY
                || jdbcType == Types.BLOB) {
            return bytes;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            return switch (jdbcType) {
                case Types.BOOLEAN, Types.BIT -> (Object) (new BigDecimal(text).signum() != 0);
                case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> wholeNumber(text, jdbcType);
                case Types.REAL -> Float.valueOf(text);
                case Types.FLOAT, Types.DOUBLE -> Double.valueOf(text);
                case Types.DECIMAL, Types.NUMERIC -> new BigDecimal(text);
                case Types.DATE -> Date.valueOf(text);
                case Types.TIME -> Time.valueOf(text);
                case Types.TIMESTAMP -> Timestamp.valueOf(text);
                default -> text;
            };
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** The smallest type that an unsigned column's value has room in, too. */
    private static Number wholeNumber(String text, int jdbcType) {
        BigInteger number = new BigInteger(text);
        if (jdbcType != Types.BIGINT && number.bitLength() < Integer.SIZE) {
            return number.intValue();
        }
        return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
    }

    static BigDecimal toNumber(Object value) throws SQLException {
        try {
            if (value instanceof BigDecimal number) {
                return number;
            }
            if (value instanceof BigInteger number) {
                return new BigDecimal(number);
            }
            if (value instanceof Double || value instanceof Float) {
                return BigDecimal.valueOf(((Number) value).doubleValue());
            }
            if (value instanceof Number number) {
                return BigDecimal.valueOf(number.longValue());
            }
            if (value instanceof Boolean flag) {
                return flag ? BigDecimal.ONE : BigDecimal.ZERO;
            }
            return new BigDecimal(toString(value).trim());
        } catch (NumberFormatException e) {
            throw cannotBe(value, "a number", e);
        }
    }

    static long toLong(Object value, long min, long max) throws SQLException {
        BigDecimal number = toNumber(value).setScale(0, RoundingMode.DOWN);
        boolean fits = number.compareTo(MIN_LONG) >= 0 && number.compareTo(MAX_LONG) <= 0;
        long whole = fits ? number.longValue() : 0;
        if (!fits || whole < min || whole > max) {
            throw Errors.of("the value " + number + " is out of the range " + min + " to " + max);
        }
        return whole;
    }

    static double toDouble(Object value) throws SQLException {
        return value instanceof Double || value instanceof Float
                ? ((Number) value).doubleValue()
                : toNumber(value).doubleValue();
    }

    static boolean toBoolean(Object value) throws SQLException {
        if (value instanceof Boolean flag) {
            return flag;
        }
        String text = toString(value).trim();
        return switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "true", "t", "yes", "y" -> true;
            case "false", "f", "no", "n" -> false;
            default -> toNumber(value).signum() != 0;
        };
    }

    static byte[] toBytes(Object value) throws SQLException {
        if (value instanceof Blob blob) {
            return TextForm.bytesOf(blob, Integer.MAX_VALUE);
        }
        return value instanceof byte[] bytes ? bytes.clone() : toString(value).getBytes(StandardCharsets.UTF_8);
    }

    static Date toDate(Object value) throws SQLException {
        if (value instanceof Date date) {
            return date;
        }
        return Date.valueOf(toLocalDateTime(value).toLocalDate());
    }

    static Time toTime(Object value) throws SQLException {
        if (value instanceof Time time) {
            return time;
        }
        return Time.valueOf(toLocalDateTime(value).toLocalTime());
    }

    static Timestamp toTimestamp(Object value) throws SQLException {
        if (value instanceof Timestamp timestamp) {
            return timestamp;
        }
        if (value instanceof OffsetDateTime moment) {
            return Timestamp.from(moment.toInstant());
        }
        if (value instanceof ZonedDateTime moment) {
            return Timestamp.from(moment.toInstant());
        }
        if (value instanceof Instant moment) {
            return Timestamp.from(moment);
        }
        return Timestamp.valueOf(toLocalDateTime(value));
    }

    /** The moment that a date and time without a zone is in a calendar's zone. */
    static long toMillis(Object value, Calendar calendar) throws SQLException {
        return toLocalDateTime(value)
                .atZone(calendar.getTimeZone().toZoneId())
                .toInstant()
                .toEpochMilli();
    }

    private static LocalDateTime toLocalDateTime(Object value) throws SQLException {
        if (value instanceof LocalDateTime moment) {
            return moment;
        }
        if (value instanceof Timestamp timestamp) {
            return timestamp.toLocalDateTime();
        }
        if (value instanceof Date date) {
            return date.toLocalDate().atStartOfDay();
        }
        if (value instanceof Time time) {
            return time.toLocalTime().atDate(LocalDate.EPOCH);
        }
        if (value instanceof LocalDate date) {
            return date.atStartOfDay();
        }
        if (value instanceof LocalTime time) {
            return time.atDate(LocalDate.EPOCH);
        }
        if (value instanceof OffsetDateTime moment) {
            return moment.toLocalDateTime();
        }
        if (value instanceof ZonedDateTime moment) {
            return moment.toLocalDateTime();
        }
        String text = toString(value).trim();
        try {
            if (text.indexOf(':') < 0) {
                return LocalDate.parse(text).atStartOfDay();
            }
            return text.indexOf('-') < 0
                    ? LocalTime.parse(text).atDate(LocalDate.EPOCH)
                    : LocalDateTime.parse(text.replace(' ', 'T'));
        } catch (java.time.DateTimeException e) {
            throw cannotBe(value, "a date or time", e);
        }
    }

    /** The value as a type that the application names, as {@code ResultSet.getObject(int, Class)} wants it. */
    static <T> T toType(Object value, Class<T> type) throws SQLException {
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        Object converted;
        if (type == String.class) {
            converted = toString(value);
        } else if (type == Integer.class) {
            converted = (int) toLong(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
        } else if (type == Long.class) {
            converted = toLong(value, Long.MIN_VALUE, Long.MAX_VALUE);
        } else if (type == Short.class) {
            converted = (short) toLong(value, Short.MIN_VALUE, Short.MAX_VALUE);
        } else if (type == Byte.class) {
            converted = (byte) toLong(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
        } else if (type == Double.class) {
            converted = toDouble(value);
        } else if (type == Float.class) {
            converted = (float) toDouble(value);
        } else if (type == Boolean.class) {
            converted = toBoolean(value);
        } else if (type == BigDecimal.class) {
            converted = toNumber(value);
        } else if (type == BigInteger.class) {
            converted = toNumber(value).toBigInteger();
        } else if (type == byte[].class) {
            converted = toBytes(value);
        } else if (type == Date.class) {
            converted = toDate(value);
        } else if (type == Time.class) {
            converted = toTime(value);
        } else if (type == Timestamp.class) {
            converted = toTimestamp(value);
        } else if (type == LocalDate.class) {
            converted = toLocalDateTime(value).toLocalDate();
        } else if (type == LocalTime.class) {
            converted = toLocalDateTime(value).toLocalTime();
        } else if (type == LocalDateTime.class) {
            converted = toLocalDateTime(value);
        } else if (type == Instant.class) {
            converted = toTimestamp(value).toInstant();
        } else if (type == Blob.class) {
            converted = new SerialBlob(toBytes(value));
        } else if (type == Clob.class) {
            converted = new SerialClob(toString(value).toCharArray());
        } else if (type == java.io.InputStream.class) {
            converted = new ByteArrayInputStream(toBytes(value));
        } else if (type == java.io.Reader.class) {
            converted = new StringReader(toString(value));
        } else {
            throw cannotBe(value, type.getName(), null);
        }
        return type.cast(converted);
    }

    private static SQLException cannotBe(Object value, String wanted, @Nullable Throwable cause) throws SQLException {
        return new SQLException(
                "the value '" + toString(value) + "' was asked for as " + wanted + ", which it is not", "22018", cause);
    }
}
