package io.sluice.sql;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a serialized QueryResult: the fields, then row by row, then the counts.
 *
 * <p><b>Threads.</b> Confined. <b>Cost.</b> Holds the bytes written so far and never more than its limit.
 */
public final class QueryResultWriter {
    private final int maxBytes;
    private final int columns;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    private QueryResultWriter(List<ResultField> fields, int maxBytes) {
        this.maxBytes = maxBytes;
        this.columns = fields.size();
        for (ResultField field : fields) {
            writeField(field);
        }
    }

    /**
     * Begins a result with rows.
     *
     * @throws ResultTooLargeException if the fields alone have more bytes than allowed
     */
    public static QueryResultWriter of(List<ResultField> fields, int maxBytes) {
        return new QueryResultWriter(fields, maxBytes);
    }

    /** Serializes the result of a statement without rows. */
    public static byte[] ofUpdate(long rowsAffected, long insertId) {
        return new QueryResultWriter(List.of(), Integer.MAX_VALUE).finish(rowsAffected, insertId);
    }

    /**
     * Adds a row.
     *
     * @param values one for each field, in MySQL's text form; null is NULL
     * @throws ResultTooLargeException if the result has more bytes than allowed
     */
    public void row(byte[] @Nullable [] values) {
        if (values.length != columns) {
            throw new IllegalArgumentException(
                    "the row has " + values.length + " values but the result has " + columns + " fields");
        }
        int lengthsSize = 0;
        long valuesSize = 0;
        for (byte[] value : values) {
            int length = value == null ? -1 : value.length;
            lengthsSize += CodedOutputStream.computeSInt64SizeNoTag(length);
            valuesSize += Math.max(0, length);
        }
        if (valuesSize > maxBytes) {
            throw new ResultTooLargeException(maxBytes);
        }
        int size = 0;
        if (columns > 0) {
            size += CodedOutputStream.computeTagSize(QueryResult.ROW_LENGTHS)
                    + CodedOutputStream.computeUInt32SizeNoTag(lengthsSize)
                    + lengthsSize;
        }
        if (valuesSize > 0) {
            size += CodedOutputStream.computeTagSize(QueryResult.ROW_VALUES)
                    + CodedOutputStream.computeUInt32SizeNoTag((int) valuesSize)
                    + (int) valuesSize;
        }
        try {
            beginMessage(QueryResult.ROWS, size);
            if (columns > 0) {
                out.writeTag(QueryResult.ROW_LENGTHS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(lengthsSize);
                for (byte[] value : values) {
                    out.writeSInt64NoTag(value == null ? -1 : value.length);
                }
            }
            if (valuesSize > 0) {
                out.writeTag(QueryResult.ROW_VALUES, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag((int) valuesSize);
                for (byte[] value : values) {
                    if (value != null) {
                        out.writeRawBytes(value);
                    }
                }
            }
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    /** Ends a result of rows and returns its bytes; the writer is used up. */
    public byte[] finish() {
        return finish(0, 0);
    }

    /** Ends a result of rows that goes with counts, as that of a statement with RETURNING, and returns its bytes; the writer is used up. */
    public byte[] finish(long rowsAffected, long insertId) {
        try {
            if (rowsAffected != 0) {
                out.writeUInt64(QueryResult.ROWS_AFFECTED, rowsAffected);
            }
            if (insertId != 0) {
                out.writeUInt64(QueryResult.INSERT_ID, insertId);
            }
            out.flush();
        } catch (IOException e) {
            throw inMemory(e);
        }
        return bytes.toByteArray();
    }

    private void writeField(ResultField field) {
        int size = sizeOf(1, field.name())
                + (field.typeCode() == 0 ? 0 : CodedOutputStream.computeEnumSize(2, field.typeCode()))
                + sizeOf(3, field.table())
                + sizeOf(4, field.orgTable())
                + sizeOf(5, field.database())
                + sizeOf(6, field.orgName())
                + sizeOf(7, field.columnLength())
                + sizeOf(8, field.charset())
                + sizeOf(9, field.decimals())
                + sizeOf(10, field.flags())
                + sizeOf(11, field.columnType());
        try {
            beginMessage(QueryResult.FIELDS, size);
            write(1, field.name());
            if (field.typeCode() != 0) {
                out.writeEnum(2, field.typeCode());
            }
            write(3, field.table());
            write(4, field.orgTable());
            write(5, field.database());
            write(6, field.orgName());
            write(7, field.columnLength());
            write(8, field.charset());
            write(9, field.decimals());
            write(10, field.flags());
            write(11, field.columnType());
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    private void beginMessage(int number, int size) throws IOException {
        if ((long) out.getTotalBytesWritten() + size + 12 > maxBytes) {
            throw new ResultTooLargeException(maxBytes);
        }
        out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(size);
    }

    private static int sizeOf(int number, String text) {
        return text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(number, text);
    }

    private static int sizeOf(int number, int value) {
        return value == 0 ? 0 : CodedOutputStream.computeUInt32Size(number, value);
    }

    private void write(int number, String text) throws IOException {
        if (!text.isEmpty()) {
            out.writeString(number, text);
        }
    }

    private void write(int number, int value) throws IOException {
        if (value != 0) {
            out.writeUInt32(number, value);
        }
    }

    private static UncheckedIOException inMemory(IOException e) {
        return new UncheckedIOException("writing to memory failed", e);
    }
}
