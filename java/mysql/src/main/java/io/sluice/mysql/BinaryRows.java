package io.sluice.mysql;

import io.sluice.sql.ResultRow;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Values between the protocol's binary form, that of prepared statements, and its text form, that of plugins. */
final class BinaryRows {
    private static final int NULL_BITS_OFFSET = 2;
    private static final BigInteger UNSIGNED_LIMIT = BigInteger.ONE.shiftLeft(64);

    private BinaryRows() {}

    /** Reads a row's values into their text form. */
    static void read(byte[] payload, List<ColumnDefinition> columns, byte[] @Nullable [] values) {
        PayloadReader in = new PayloadReader(payload, "binary row of the server");
        in.skip(1);
        byte[] nulls = in.bytes((columns.size() + 7 + NULL_BITS_OFFSET) / 8);
        for (int i = 0; i < values.length; i++) {
            int bit = i + NULL_BITS_OFFSET;
            boolean isNull = ((nulls[bit / 8] >> (bit % 8)) & 1) != 0;
            ColumnDefinition column = columns.get(i);
            values[i] = isNull
                    ? null
                    : text(
                            in,
                            column.type(),
                            column.isUnsigned(),
                            column.field().decimals());
        }
        if (in.remaining() > 0) {
            throw in.malformed(in.remaining() + " bytes after the last value");
        }
    }

    /** Reads one value into its text form. */
    static byte[] text(PayloadReader in, int type, boolean unsigned, int decimals) {
        return switch (type) {
            case ColumnDefinition.TINY -> ascii(unsigned ? in.u8() : (byte) in.u8());
            case ColumnDefinition.SHORT, ColumnDefinition.YEAR -> ascii(unsigned ? in.u16() : (short) in.u16());
            case ColumnDefinition.LONG, ColumnDefinition.INT24 -> ascii(unsigned ? in.i32() & 0xffff_ffffL : in.i32());
            case ColumnDefinition.LONGLONG ->
                (unsigned ? Long.toUnsignedString(in.i64()) : Long.toString(in.i64()))
                        .getBytes(StandardCharsets.US_ASCII);
            case ColumnDefinition.FLOAT -> number(Float.toString(Float.intBitsToFloat(in.i32())), decimals);
            case ColumnDefinition.DOUBLE -> number(Double.toString(Double.longBitsToDouble(in.i64())), decimals);
            case ColumnDefinition.DATE -> date(in, true, decimals);
            case ColumnDefinition.DATETIME, ColumnDefinition.TIMESTAMP -> date(in, false, decimals);
            case ColumnDefinition.TIME -> time(in, decimals);
            case ColumnDefinition.NULL -> new byte[0];
            default -> in.lenencBytes();
        };
    }

    private static byte[] ascii(long value) {
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    /** A number as MySQL writes it: plain below 10^15, without a final ".0". */
    private static byte[] number(String java, int decimals) {
        BigDecimal value;
        try {
            value = new BigDecimal(java);
        } catch (NumberFormatException e) {
            return java.getBytes(StandardCharsets.US_ASCII); // not a number: MySQL has none
        }
        String text;
        if (decimals < 31) {
            text = value.setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
        } else if (value.signum() == 0) {
            text = "0";
        } else {
            BigDecimal bare = value.stripTrailingZeros();
            int exponent = bare.precision() - bare.scale() - 1;
            text = exponent < -15 || exponent > 14
                    ? bare.unscaledValue().toString().length() == 1 || bare.precision() == 1
                            ? bare.unscaledValue() + "e" + exponent
                            : bare.movePointLeft(exponent).toPlainString() + "e" + exponent
                    : bare.toPlainString();
        }
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] date(PayloadReader in, boolean dayOnly, int decimals) {
        int length = in.u8();
        int[] parts = new int[7];
        if (length != 0 && length != 4 && length != 7 && length != 11) {
            throw in.malformed("a date of " + length + " bytes");
        }
        if (length >= 4) {
            parts[0] = in.u16();
            parts[1] = in.u8();
            parts[2] = in.u8();
        }
        if (length >= 7) {
            parts[3] = in.u8();
            parts[4] = in.u8();
            parts[5] = in.u8();
        }
        if (length >= 11) {
            parts[6] = in.i32();
        }
        String day = String.format(Locale.ROOT, "%04d-%02d-%02d", parts[0], parts[1], parts[2]);
        String text = dayOnly
                ? day
                : day
                        + String.format(Locale.ROOT, " %02d:%02d:%02d", parts[3], parts[4], parts[5])
                        + fraction(parts[6], decimals);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] time(PayloadReader in, int decimals) {
        int length = in.u8();
        if (length != 0 && length != 8 && length != 12) {
            throw in.malformed("a time of " + length + " bytes");
        }
        boolean negative = length > 0 && in.u8() != 0;
        long days = length > 0 ? in.i32() & 0xffff_ffffL : 0;
        int hours = length > 0 ? in.u8() : 0;
        int minutes = length > 0 ? in.u8() : 0;
        int seconds = length > 0 ? in.u8() : 0;
        int micros = length == 12 ? in.i32() : 0;
        String text = (negative ? "-" : "")
                + String.format(Locale.ROOT, "%02d:%02d:%02d", days * 24 + hours, minutes, seconds)
                + fraction(micros, decimals);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String fraction(int micros, int decimals) {
        if (decimals < 1 || decimals > 6) {
            return decimals == 0 || micros == 0 ? "" : String.format(Locale.ROOT, ".%06d", micros);
        }
        return "." + String.format(Locale.ROOT, "%06d", micros).substring(0, decimals);
    }

    /**
     * Writes a row without ending its packet.
     *
     * @throws IllegalArgumentException if a value is not one of its column's type
     */
    static void write(PacketWriter out, ResultRow row, List<ColumnDefinition> columns) {
        byte[] nulls = new byte[(row.size() + 7 + NULL_BITS_OFFSET) / 8];
        for (int i = 0; i < row.size(); i++) {
            int bit = i + NULL_BITS_OFFSET;
            if (row.isNull(i)) {
                nulls[bit / 8] |= (byte) (1 << (bit % 8));
            }
        }
        out.u8(0).bytes(nulls);
        for (int i = 0; i < row.size(); i++) {
            byte[] value = row.copyBytes(i);
            if (value != null) {
                writeValue(out, value, columns.get(i));
            }
        }
    }

    private static void writeValue(PacketWriter out, byte[] value, ColumnDefinition column) {
        int type = column.type();
        try {
            switch (type) {
                case ColumnDefinition.TINY -> out.u8((int) whole(value, 8));
                case ColumnDefinition.SHORT, ColumnDefinition.YEAR -> out.u16((int) whole(value, 16));
                case ColumnDefinition.LONG, ColumnDefinition.INT24 -> out.i32((int) whole(value, 32));
                case ColumnDefinition.LONGLONG -> out.i64(whole(value, 64));
                case ColumnDefinition.FLOAT -> out.i32(Float.floatToRawIntBits(Float.parseFloat(ascii(value))));
                case ColumnDefinition.DOUBLE -> out.i64(Double.doubleToRawLongBits(Double.parseDouble(ascii(value))));
                case ColumnDefinition.DATE, ColumnDefinition.DATETIME, ColumnDefinition.TIMESTAMP ->
                    writeDate(out, ascii(value), type == ColumnDefinition.DATE);
                case ColumnDefinition.TIME -> writeTime(out, ascii(value));
                case ColumnDefinition.NULL -> {}
                default -> out.lenencBytes(value);
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "column '" + column.field().name() + "' of type "
                            + column.field().type() + " has a value of a plugin's that is not one of that type",
                    e);
        }
    }

    private static String ascii(byte[] value) {
        return new String(value, StandardCharsets.US_ASCII).strip();
    }

    private static long whole(byte[] value, int bits) {
        BigInteger number = new BigInteger(ascii(value));
        BigInteger limit = bits == 64 ? UNSIGNED_LIMIT : BigInteger.ONE.shiftLeft(bits);
        if (number.compareTo(limit) >= 0 || number.compareTo(limit.shiftRight(1).negate()) < 0) {
            throw new NumberFormatException("out of range");
        }
        return number.longValue();
    }

    /** As the server writes them: without what is zero at the end. */
    private static void writeDate(PacketWriter out, String text, boolean dayOnly) {
        int year = Integer.parseInt(text.substring(0, 4));
        int month = Integer.parseInt(text.substring(5, 7));
        int day = Integer.parseInt(text.substring(8, 10));
        String clock = dayOnly || text.length() == 10 ? "00:00:00" : text.substring(11);
        boolean midnight = isZero(clock);
        if (midnight && year == 0 && month == 0 && day == 0) {
            out.u8(0);
            return;
        }
        out.u8(midnight ? 4 : clockBytes(clock, 4)).u16(year).u8(month).u8(day);
        if (!midnight) {
            writeClock(out, clock);
        }
    }

    private static boolean isZero(String clock) {
        return clock.chars().allMatch(c -> c == '0' || c == ':' || c == '.');
    }

    private static int clockBytes(String clock, int before) {
        return before + (micros(clock) == 0 ? 3 : 7);
    }

    private static void writeClock(PacketWriter out, String clock) {
        out.u8(Integer.parseInt(clock.substring(0, 2)));
        out.u8(Integer.parseInt(clock.substring(3, 5)));
        out.u8(Integer.parseInt(clock.substring(6, 8)));
        int micros = micros(clock);
        if (micros != 0) {
            out.i32(micros);
        }
    }

    private static int micros(String clock) {
        return clock.length() > 8 ? Integer.parseInt((clock.substring(9) + "000000").substring(0, 6)) : 0;
    }

    private static void writeTime(PacketWriter out, String value) {
        boolean negative = value.startsWith("-");
        String text = negative ? value.substring(1) : value;
        int colon = text.indexOf(':');
        int hours = Integer.parseInt(text.substring(0, colon));
        String clock = String.format(Locale.ROOT, "%02d", hours % 24) + text.substring(colon);
        if (hours == 0 && isZero(clock)) {
            out.u8(0);
            return;
        }
        out.u8(clockBytes(clock, 5)).u8(negative ? 1 : 0).i32(hours / 24);
        writeClock(out, clock);
    }
}
