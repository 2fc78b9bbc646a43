package io.sluice.sql;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What a query gave: fields and rows, or counts; read from the bytes in which plugins see and make it.
 *
 * <p>The bytes are checked as a whole when they are read: what a plugin made cannot fail later. Rows are decoded when they are asked for.
 *
 * <p><b>Threads.</b> Shared; immutable as long as nobody changes the bytes. <b>Ownership.</b> Keeps the array it was read from. <b>Cost.</b>
 * Reading keeps four bytes a row beside the array; a row allocates its lengths, a value its copy.
 *
 * @see <a href="https://github.com/vitessio/vitess/blob/main/proto/query.proto">Vitess' query.proto</a>
 */
public final class QueryResult {
    static final int FIELDS = 1;
    static final int ROWS_AFFECTED = 2;
    static final int INSERT_ID = 3;
    static final int ROWS = 4;
    static final int ROW_LENGTHS = 1;
    static final int ROW_VALUES = 2;
    private static final int INFO = 6;
    private static final int SESSION_STATE_CHANGES = 7;

    private final byte[] bytes;
    private final List<ResultField> fields = new ArrayList<>();
    private int[] rowEnds = new int[16];
    private int[] rowStarts = new int[16];
    private int rowCount;
    private long rowsAffected;
    private long insertId;
    private String info = "";
    private String sessionStateChanges = "";

    private QueryResult(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a serialized result.
     *
     * @throws MalformedResultException if it is not one, or a row does not have one value for each field
     */
    public static QueryResult parse(byte[] serialized) {
        QueryResult result = new QueryResult(Objects.requireNonNull(serialized, "serialized"));
        try {
            result.readTopLevel();
        } catch (IOException e) {
            throw new MalformedResultException("it is not a QueryResult of query.proto: " + e.getMessage(), e);
        }
        for (int i = 0; i < result.rowCount; i++) {
            result.row(i);
        }
        return result;
    }

    private void readTopLevel() throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        while (true) {
            int tag = in.readTag();
            int number = WireFormat.getTagFieldNumber(tag);
            if (tag == 0) {
                return;
            } else if (isMessage(tag, FIELDS)) {
                int size = in.readRawVarint32();
                int outer = in.pushLimit(size);
                fields.add(readField(in));
                in.popLimit(outer);
            } else if (isMessage(tag, ROWS)) {
                int size = in.readRawVarint32();
                int start = in.getTotalBytesRead();
                in.skipRawBytes(size);
                addRow(start, start + size);
            } else if (isMessage(tag, INFO)) {
                info = in.readString();
            } else if (isMessage(tag, SESSION_STATE_CHANGES)) {
                sessionStateChanges = in.readString();
            } else if (number == ROWS_AFFECTED && isVarint(tag)) {
                rowsAffected = in.readUInt64();
            } else if (number == INSERT_ID && isVarint(tag)) {
                insertId = in.readUInt64();
            } else {
                in.skipField(tag);
            }
        }
    }

    private static ResultField readField(CodedInputStream in) throws IOException {
        String[] texts = new String[12];
        Arrays.fill(texts, "");
        int[] numbers = new int[12];
        while (true) {
            int tag = in.readTag();
            int number = WireFormat.getTagFieldNumber(tag);
            if (tag == 0) {
                break;
            }
            boolean text = number >= 1 && number <= 11 && (number == 1 || (number >= 3 && number <= 6) || number == 11);
            if (text && isMessage(tag, number)) {
                texts[number] = in.readString();
            } else if (!text && number >= 2 && number <= 10 && isVarint(tag)) {
                numbers[number] = in.readRawVarint32();
            } else {
                in.skipField(tag);
            }
        }
        return new ResultField(
                texts[1],
                numbers[2],
                texts[3],
                texts[4],
                texts[5],
                texts[6],
                numbers[7],
                numbers[8],
                numbers[9],
                numbers[10],
                texts[11]);
    }

    private static boolean isMessage(int tag, int number) {
        return tag == (number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private static boolean isVarint(int tag) {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT;
    }

    private void addRow(int start, int end) {
        if (rowCount == rowStarts.length) {
            rowStarts = Arrays.copyOf(rowStarts, rowCount * 2);
            rowEnds = Arrays.copyOf(rowEnds, rowCount * 2);
        }
        rowStarts[rowCount] = start;
        rowEnds[rowCount] = end;
        rowCount++;
    }

    /** The columns; empty for a statement without rows. */
    public List<ResultField> fields() {
        return List.copyOf(fields);
    }

    /** Whether this is a result of rows, be they none, and not of counts. */
    public boolean hasFields() {
        return !fields.isEmpty();
    }

    /** The rows. */
    public int rowCount() {
        return rowCount;
    }

    /**
     * The row of that index.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public ResultRow row(int index) {
        Objects.checkIndex(index, rowCount);
        try {
            return readRow(index);
        } catch (IOException e) {
            throw new MalformedResultException("row " + index + " is not a Row of query.proto: " + e.getMessage(), e);
        }
    }

    private ResultRow readRow(int index) throws IOException {
        int start = rowStarts[index];
        CodedInputStream in = CodedInputStream.newInstance(bytes, start, rowEnds[index] - start);
        RowLengths lengths = new RowLengths(index, fields.size());
        int valuesStart = start;
        int valuesLength = 0;
        while (true) {
            int tag = in.readTag();
            if (tag == 0) {
                break;
            } else if (isMessage(tag, ROW_VALUES)) {
                valuesLength = in.readRawVarint32();
                valuesStart = start + in.getTotalBytesRead();
                in.skipRawBytes(valuesLength);
            } else if (isMessage(tag, ROW_LENGTHS)) {
                int outer = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    lengths.add(in.readSInt64());
                }
                in.popLimit(outer);
            } else if (WireFormat.getTagFieldNumber(tag) == ROW_LENGTHS && isVarint(tag)) {
                lengths.add(in.readSInt64());
            } else {
                in.skipField(tag);
            }
        }
        return new ResultRow(bytes, valuesStart, lengths.checked(valuesLength));
    }

    /** The lengths of a row's values while they are read; what a plugin claims is believed of none of them. */
    private static final class RowLengths {
        private final int row;
        private final int[] lengths;
        private int found;
        private long sum;

        RowLengths(int row, int columns) {
            this.row = row;
            this.lengths = new int[columns];
        }

        void add(long length) {
            if (length < -1 || length > Integer.MAX_VALUE) {
                throw new MalformedResultException("row " + row + " has a value of length " + length);
            }
            if (found < lengths.length) {
                lengths[found] = (int) length;
                sum += Math.max(0, length);
            }
            found++;
        }

        int[] checked(int valuesLength) {
            if (lengths.length == 0) {
                throw new MalformedResultException("row " + row + " is there but the result has no fields");
            }
            if (found != lengths.length) {
                throw new MalformedResultException(
                        "row " + row + " has " + found + " values but the result has " + lengths.length + " fields");
            }
            if (sum != valuesLength) {
                throw new MalformedResultException("row " + row + " has lengths that add up to " + sum + " but "
                        + valuesLength + " bytes of values");
            }
            return lengths;
        }
    }

    /** The rows that the statement changed, as an unsigned number. */
    public long rowsAffected() {
        return rowsAffected;
    }

    /** The number that the statement generated, as an unsigned number; 0 if none. */
    public long insertId() {
        return insertId;
    }

    /** The server's remark. */
    public String info() {
        return info;
    }

    /** What the statement changed in the session. */
    public String sessionStateChanges() {
        return sessionStateChanges;
    }
}
