package io.sluice.runtime.abi;

import io.sluice.runtime.internal.WescaleNative;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a plugin's calls are made through: fields at fixed offsets, then inputs or outputs. Native code checks
 * whatever it reads here, so nothing that is written wrongly can do harm.
 */
final class ExchangeBlock {
    static final int FUEL_USED = 0;
    static final int MEMORY_BYTES = 8;
    static final int OUTCOME = 16;
    static final int QUERY_LENGTH = 20;
    static final int ERROR_LENGTH = 24;
    static final int RESULT_LENGTH = 28;
    static final int QUERY_OFFSET = 32;
    static final int ERROR_OFFSET = 36;
    static final int RESULT_OFFSET = 40;
    static final int LOG_OFFSET = 44;
    static final int LOG_LENGTH = 48;
    static final int LOG_DROPPED = 52;
    static final int NEEDED_BYTES = 56;
    static final int LIVE = 60;
    static final int PROPERTIES_OFFSET = 64;
    static final int PROPERTIES_LENGTH = 68;
    static final int ERROR_CODE = 72;
    static final int SQL_STATE = 76;
    static final int DATA = 128;

    static final int SQL_STATE_BYTES = 5;
    static final int PROPERTY_HEADER_BYTES = 8;

    static final int INITIAL_BYTES = 16 << 10;
    /** A block of up to this size is kept; a larger one is given back when it was not needed for so many calls. */
    static final int KEPT_BYTES = 256 << 10;

    static final int SMALL_CALLS_BEFORE_SHRINKING = 256;

    private static final int MAX_BYTES = 1 << 30;
    private static final int LOG_HEADER_BYTES = 8;
    private static final int NONE = -1;

    private ByteBuffer bytes = allocate(INITIAL_BYTES);
    private int smallCalls;

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    /** Tells native code about the block, once at the beginning. */
    void bind(long slot) {
        WescaleNative.bind(slot, bytes);
    }

    int capacity() {
        return bytes.capacity();
    }

    /** Makes room for so many bytes of input, and gives back what an unusually large call took. */
    void makeRoom(long slot, long dataBytes) {
        long needed = DATA + dataBytes;
        int capacity = bytes.capacity();
        if (needed > capacity) {
            resize(slot, needed);
        } else if (capacity > KEPT_BYTES) {
            smallCalls = needed <= KEPT_BYTES ? smallCalls + 1 : 0;
            if (smallCalls > SMALL_CALLS_BEFORE_SHRINKING) {
                resize(slot, Math.max(needed, INITIAL_BYTES));
            }
        }
    }

    /** Binds a block of at least so many bytes; what is in the fields stays, what is in the data does not. */
    void resize(long slot, long needed) {
        if (needed > MAX_BYTES) {
            throw new IllegalArgumentException("a call would exchange " + needed + " bytes, it can exchange up to "
                    + MAX_BYTES + ": use smaller queries and results");
        }
        int size = needed <= INITIAL_BYTES ? INITIAL_BYTES : Integer.highestOneBit((int) needed - 1) << 1;
        ByteBuffer larger = allocate(size);
        larger.put(0, bytes, 0, DATA);
        WescaleNative.bind(slot, larger);
        bytes = larger;
        smallCalls = 0;
    }

    int getInt(int field) {
        return bytes.getInt(field);
    }

    long getLong(int field) {
        return bytes.getLong(field);
    }

    void putInt(int field, int value) {
        bytes.putInt(field, value);
    }

    void putQuery(byte[] query, int offset, int length) {
        bytes.put(DATA, query, offset, length);
        bytes.putInt(QUERY_LENGTH, length);
    }

    void putQuery(ByteBuffer query) {
        int length = query.remaining();
        bytes.put(DATA, query, query.position(), length);
        bytes.putInt(QUERY_LENGTH, length);
    }

    /** Behind a query of {@code queryLength} bytes; each property with its number, those that are null left out. */
    void putProperties(byte[] @Nullable [] properties, int queryLength) {
        int offset = (DATA + queryLength + 7) & -8;
        int at = offset;
        for (int i = 0; i < properties.length; i++) {
            byte[] text = properties[i];
            if (text != null) {
                // The length is any number: the records are not aligned, which a ByteBuffer does not mind.
                bytes.putInt(at, i);
                bytes.putInt(at + Integer.BYTES, text.length);
                bytes.put(at + PROPERTY_HEADER_BYTES, text, 0, text.length);
                at += PROPERTY_HEADER_BYTES + text.length;
            }
        }
        bytes.putInt(PROPERTIES_OFFSET, offset);
        bytes.putInt(PROPERTIES_LENGTH, at - offset);
    }

    /** The bytes that {@link #putProperties} takes behind a query, with room to align them. */
    static long propertiesBytes(byte[] @Nullable [] properties) {
        long sum = 7;
        for (byte[] text : properties) {
            if (text != null) {
                sum += PROPERTY_HEADER_BYTES + text.length;
            }
        }
        return sum;
    }

    String sqlState() {
        byte[] state = new byte[SQL_STATE_BYTES];
        bytes.get(SQL_STATE, state);
        return new String(state, StandardCharsets.US_ASCII);
    }

    void putError(byte[] error) {
        bytes.put(DATA, error, 0, error.length);
        bytes.putInt(ERROR_OFFSET, DATA);
        bytes.putInt(ERROR_LENGTH, error.length);
    }

    void putNoError() {
        bytes.putInt(ERROR_LENGTH, NONE);
    }

    /** Behind an error of {@code errorLength} bytes. */
    void putResult(byte[] result, int errorLength) {
        int offset = DATA + errorLength;
        bytes.put(offset, result, 0, result.length);
        bytes.putInt(RESULT_OFFSET, offset);
        bytes.putInt(RESULT_LENGTH, result.length);
    }

    void putNoResult() {
        bytes.putInt(RESULT_LENGTH, NONE);
    }

    byte[] copy(int offsetField, int lengthField) {
        byte[] copy = new byte[bytes.getInt(lengthField)];
        bytes.get(bytes.getInt(offsetField), copy);
        return copy;
    }

    int copy(int offsetField, int lengthField, byte[] dst, int dstOffset) {
        int length = bytes.getInt(lengthField);
        if (dstOffset < 0 || dstOffset > dst.length - length) {
            throw new IndexOutOfBoundsException("dst: " + length + " bytes at offset " + dstOffset
                    + " do not lie inside its " + dst.length + " bytes");
        }
        bytes.get(bytes.getInt(offsetField), dst, dstOffset, length);
        return length;
    }

    void forEachLogRecord(WescaleInstance.LogSink sink) {
        byte[] log = copy(LOG_OFFSET, LOG_LENGTH);
        ByteBuffer records = ByteBuffer.wrap(log).order(ByteOrder.nativeOrder());
        int at = 0;
        while (at + LOG_HEADER_BYTES <= log.length) {
            int start = at + LOG_HEADER_BYTES;
            int end = start + records.getInt(at + Integer.BYTES);
            sink.log(log[at], Arrays.copyOfRange(log, start, end));
            at = end;
        }
    }
}
