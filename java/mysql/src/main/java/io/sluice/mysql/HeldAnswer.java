package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultRow;
import io.sluice.sql.SqlError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server's answer as plugins see it, and a plugin's result as clients see it.
 *
 * <p><b>Cost.</b> Every value is copied twice: this is the path of statements whose results a plugin reads.
 */
final class HeldAnswer {
    private static final byte[] NO_WARNINGS = {0, 0};
    private static final int SESSION_STATE_CHANGED = 0x4000;

    private final List<ColumnDefinition> columns;
    private final List<byte[]> trailing;
    private final byte @Nullable [] result;
    private final @Nullable SqlError error;

    /** The number of warnings, and what the server's last packet has behind it: a text for who looks on, changes of the session. */
    private final byte[] ending;

    private HeldAnswer(
            List<ColumnDefinition> columns,
            List<byte[]> trailing,
            byte @Nullable [] result,
            @Nullable SqlError error,
            byte[] ending) {
        this.ending = ending;
        this.columns = columns;
        this.trailing = trailing;
        this.result = result;
        this.error = error;
    }

    /** An answer that was not read. */
    static HeldAnswer unread() {
        return new HeldAnswer(List.of(), List.of(), null, null, NO_WARNINGS);
    }

    /** The result as {@link QueryResult} serializes it; null if there is an error. */
    byte @Nullable [] result() {
        return result;
    }

    /** The server's error; null if there is a result. */
    @Nullable
    SqlError error() {
        return error;
    }

    /**
     * Reads a complete answer.
     *
     * @throws io.sluice.sql.ResultTooLargeException if plugins would be shown more bytes than that
     * @throws SeveralResultsException if there is more than one result of rows
     */
    static HeldAnswer read(List<byte[]> payloads, boolean binary, boolean deprecateEof, int maxBytes) {
        byte[] first = payloads.get(0);
        if (Payloads.isError(first)) {
            return new HeldAnswer(List.of(), List.of(), null, Payloads.error(first), NO_WARNINGS);
        }
        if (first[0] == 0) {
            PayloadReader in = new PayloadReader(first, "OK of the server");
            in.skip(1);
            byte[] counts = QueryResultWriter.ofUpdate(in.lenenc(), in.lenenc());
            List<byte[]> more = List.copyOf(payloads.subList(1, payloads.size()));
            checkTrailing(more);
            in.skip(2); // the status, which is known
            return new HeldAnswer(List.of(), more, counts, null, in.rest());
        }
        int count = (int) new PayloadReader(first, "result of the server").lenenc();
        List<ColumnDefinition> columns = new ArrayList<>(count);
        List<ResultField> fields = new ArrayList<>(count);
        int at = 1;
        for (int i = 0; i < count; i++) {
            ColumnDefinition column = ColumnDefinition.parse(payloads.get(at++));
            columns.add(column);
            fields.add(column.field());
        }
        if (!deprecateEof) {
            at++;
        }
        QueryResultWriter writer = QueryResultWriter.of(fields, maxBytes);
        byte[][] values = new byte[count][];
        byte[] ending = NO_WARNINGS;
        for (; at < payloads.size(); at++) {
            byte[] payload = payloads.get(at);
            if (Payloads.isError(payload)) {
                return new HeldAnswer(List.of(), List.of(), null, Payloads.error(payload), NO_WARNINGS);
            }
            if ((payload[0] & 0xff) == 0xfe && payload.length < (deprecateEof ? PacketWriter.MAX_PAYLOAD : 9)) {
                ending = endingOf(payload, deprecateEof);
                at++;
                break;
            }
            if (binary) {
                BinaryRows.read(payload, columns, values);
            } else {
                readText(payload, values);
            }
            writer.row(values);
        }
        List<byte[]> more = List.copyOf(payloads.subList(at, payloads.size()));
        checkTrailing(more);
        return new HeldAnswer(columns, more, writer.finish(), null, ending);
    }

    private static byte[] endingOf(byte[] eof, boolean deprecateEof) {
        PayloadReader in = new PayloadReader(eof, "end of the server's rows");
        in.skip(1);
        if (!deprecateEof) {
            return in.bytes(2);
        }
        in.lenenc();
        in.lenenc();
        in.skip(2);
        return in.rest();
    }

    /** More than one result of rows cannot be shown to plugins. */
    static final class SeveralResultsException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SeveralResultsException() {
            super("statement has several results, and a plugin that reads results can be shown one only");
        }
    }

    private static void checkTrailing(List<byte[]> payloads) {
        for (byte[] payload : payloads) {
            if (payload[0] != 0) {
                throw new SeveralResultsException();
            }
        }
    }

    private static void readText(byte[] payload, byte[] @Nullable [] values) {
        PayloadReader in = new PayloadReader(payload, "row of the server");
        for (int i = 0; i < values.length; i++) {
            values[i] = in.skipNull() ? null : in.lenencBytes();
        }
        if (in.remaining() > 0) {
            throw in.malformed(in.remaining() + " bytes after the last value");
        }
    }

    /** One row of text, as the answer to a question of the gateway's own has it. */
    static List<byte @Nullable []> textRow(byte[] payload, int columns) {
        byte[][] values = new byte[columns][];
        readText(payload, values);
        return Arrays.asList(values);
    }

    /**
     * Writes a plugin's result in the place of this answer.
     *
     * @return the packets
     * @throws io.sluice.sql.MalformedResultException if it is not a result
     * @throws IllegalArgumentException if a value does not fit its column's type
     */
    ByteBuf replacement(byte[] serialized, int firstSequence, boolean binary, boolean deprecateEof, int serverStatus) {
        QueryResult made = QueryResult.parse(serialized);
        int status = serverStatus & ~(ResponseTracker.MORE_RESULTS | ResponseTracker.CURSOR_EXISTS);
        boolean sameKind = made.hasFields() != columns.isEmpty() && made.info().isEmpty();
        byte[] end = sameKind ? ending : NO_WARNINGS;
        if (end.length <= 2) {
            status &= ~SESSION_STATE_CHANGED; // what changed would have to follow
        }
        int firstStatus = trailing.isEmpty() ? status : status | ResponseTracker.MORE_RESULTS;
        ByteBuf out = Unpooled.buffer(serialized.length + 256);
        PacketWriter writer = new PacketWriter(out, firstSequence);
        try {
            if (made.hasFields()) {
                writeRows(writer, made, binary, deprecateEof, firstStatus, end);
            } else {
                writer.u8(0).lenenc(made.rowsAffected()).lenenc(made.insertId()).u16(firstStatus);
                writer.bytes(end);
                if (!made.info().isEmpty()) {
                    writer.lenencBytes(made.info().getBytes(StandardCharsets.UTF_8));
                }
                writer.end();
            }
            for (byte[] payload : trailing) {
                writer.bytes(payload).end();
            }
            return out;
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    private void writeRows(
            PacketWriter writer, QueryResult made, boolean binary, boolean deprecateEof, int status, byte[] end) {
        List<ColumnDefinition> definitions = new ArrayList<>();
        List<ResultField> fields = made.fields();
        for (int i = 0; i < fields.size(); i++) {
            ResultField field = fields.get(i);
            boolean known = i < columns.size() && columns.get(i).field().equals(field);
            definitions.add(known ? columns.get(i) : ColumnDefinition.of(field));
        }
        writer.lenenc(fields.size()).end();
        for (ColumnDefinition definition : definitions) {
            writer.bytes(definition.packet()).end();
        }
        if (!deprecateEof) {
            writer.u8(0xfe).u16(0).u16(status).end();
        }
        for (int i = 0; i < made.rowCount(); i++) {
            ResultRow row = made.row(i);
            if (binary) {
                BinaryRows.write(writer, row, definitions);
            } else {
                writeText(writer, row);
            }
            writer.end();
        }
        if (deprecateEof) {
            writer.u8(0xfe).lenenc(0).lenenc(0).u16(status).bytes(end).end();
        } else {
            writer.u8(0xfe).bytes(end).u16(status).end();
        }
    }

    private static void writeText(PacketWriter writer, ResultRow row) {
        for (int i = 0; i < row.size(); i++) {
            byte[] value = row.copyBytes(i);
            if (value == null) {
                writer.u8(0xfb);
            } else {
                writer.lenencBytes(value);
            }
        }
    }
}
