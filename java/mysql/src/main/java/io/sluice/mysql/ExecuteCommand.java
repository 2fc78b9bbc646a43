package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import io.sluice.mysql.PreparedStatements.Prepared;
import io.sluice.sql.SqlRequest;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A COM_STMT_EXECUTE, taken apart as far as its values; it can be written for another statement with the same parameters. */
final class ExecuteCommand {
    private static final int UNSIGNED = 0x80;
    private static final int TYPES_FOLLOW = 1;
    private static final int CURSOR_AT = 5;

    private final Prepared statement;
    private final int cursor;
    private final int iterations;
    private final byte[] nulls;
    private final byte[] values;

    private ExecuteCommand(Prepared statement, int cursor, int iterations, byte[] nulls, byte[] values) {
        this.statement = statement;
        this.cursor = cursor;
        this.iterations = iterations;
        this.nulls = nulls;
        this.values = values;
    }

    /** The statement's number in a command that begins with it. */
    static int idIn(byte[] payload, String command) {
        PayloadReader in = new PayloadReader(payload, command);
        in.skip(1);
        return in.i32();
    }

    /** Makes an execute one without a cursor: its rows come at once. */
    static byte[] withoutCursor(byte[] payload) {
        byte[] copy = payload.clone();
        copy[CURSOR_AT] = 0;
        return copy;
    }

    /** Takes an execute apart; the statement remembers the types that it brings. */
    static ExecuteCommand parse(byte[] payload, Prepared statement) {
        PayloadReader in = new PayloadReader(payload, "COM_STMT_EXECUTE");
        in.skip(5);
        int cursor = in.u8();
        int iterations = in.i32();
        if (statement.parameters == 0) {
            return new ExecuteCommand(statement, cursor, iterations, new byte[0], new byte[0]);
        }
        byte[] nulls = in.bytes((statement.parameters + 7) / 8);
        if (in.u8() != 0) { // servers take every number but 0 for it
            statement.types = in.bytes(2 * statement.parameters);
        } else if (statement.types.length == 0) {
            throw in.malformed("no types, and none were sent before");
        }
        return new ExecuteCommand(statement, cursor, iterations, nulls, in.rest());
    }

    /** The bind values: numbers, texts, null for NULL, and what is not known. */
    List<@Nullable Object> bindValues(Charset charset) {
        List<@Nullable Object> list = new ArrayList<>(statement.parameters);
        PayloadReader in = new PayloadReader(values, "values of COM_STMT_EXECUTE");
        for (int i = 0; i < statement.parameters; i++) {
            boolean isNull = ((nulls[i / 8] >> (i % 8)) & 1) != 0;
            if (statement.streamed[i]) {
                list.add(SqlRequest.UNKNOWN_VALUE);
            } else if (isNull) {
                list.add(null);
            } else {
                list.add(value(
                        in, statement.types[2 * i] & 0xff, (statement.types[2 * i + 1] & UNSIGNED) != 0, charset));
            }
        }
        return list;
    }

    private static @Nullable Object value(PayloadReader in, int type, boolean unsigned, Charset charset) {
        return switch (type) {
            case ColumnDefinition.NULL -> null;
            case ColumnDefinition.TINY -> unsigned ? in.u8() : (int) (byte) in.u8();
            case ColumnDefinition.SHORT, ColumnDefinition.YEAR -> unsigned ? in.u16() : (int) (short) in.u16();
            case ColumnDefinition.LONG, ColumnDefinition.INT24 ->
                unsigned ? (Object) (in.i32() & 0xffff_ffffL) : (Object) in.i32();
            case ColumnDefinition.LONGLONG -> {
                long number = in.i64();
                yield unsigned && number < 0 ? new BigInteger(Long.toUnsignedString(number)) : (Object) number;
            }
            case ColumnDefinition.FLOAT -> Float.intBitsToFloat(in.i32());
            case ColumnDefinition.DOUBLE -> Double.longBitsToDouble(in.i64());
            case ColumnDefinition.DATE, ColumnDefinition.DATETIME, ColumnDefinition.TIMESTAMP, ColumnDefinition.TIME ->
                new String(BinaryRows.text(in, type, unsigned, 6), StandardCharsets.US_ASCII);
            case ColumnDefinition.TINY_BLOB,
                    ColumnDefinition.MEDIUM_BLOB,
                    ColumnDefinition.LONG_BLOB,
                    ColumnDefinition.BLOB,
                    ColumnDefinition.BIT,
                    ColumnDefinition.GEOMETRY -> in.lenencBytes();
            default -> new String(in.lenencBytes(), charset);
        };
    }

    /**
     * The execute for a statement that has these parameters. It always brings the types, for the server may not have seen the execute that
     * brought them, or have seen others since.
     */
    byte[] payloadFor(int id) {
        PacketWriter out = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        out.u8(Command.STMT_EXECUTE.code()).i32(id).u8(cursor).i32(iterations);
        if (statement.parameters > 0) {
            out.bytes(nulls).u8(TYPES_FOLLOW).bytes(statement.types).bytes(values);
        }
        return out.takePayload();
    }

    /** A command of that statement number and nothing else but the rest of another. */
    static byte[] withId(byte[] payload, int id) {
        byte[] copy = Arrays.copyOf(payload, payload.length);
        for (int i = 0; i < 4; i++) {
            copy[1 + i] = (byte) (id >>> (8 * i));
        }
        return copy;
    }
}
