package io.sluice.runtime;

import io.sluice.runtime.internal.MemoryNative;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A linear memory of a store. Offsets and sizes are unsigned 32-bit numbers in {@code long}s; values are little-endian.
 *
 * <p>Every access is checked against the size that the memory has at that moment. One that does not fit throws
 * {@code IndexOutOfBoundsException} with offset, length and size, and changes nothing.
 *
 * <p><b>Threads.</b> Confined with its store: {@code IllegalStateException} if that is closed or in use.
 *
 * <p><b>Ownership.</b> Borrowed from its store, dead with it.
 *
 * <p><b>Cost.</b> One crossing and at most one copy each; only {@link #readUtf8} and {@link #writeUtf8} allocate.
 */
public final class Memory {
    private static final int PAGE_SHIFT = 16;

    private final Store store;
    private final int index;

    Memory(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    /** The bytes that it has. */
    public long byteSize() {
        try {
            return MemoryNative.byteSize(store.raw(), index);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** The pages of 64 KiB that it has. */
    public long pages() {
        return byteSize() >>> PAGE_SHIFT;
    }

    /**
     * Makes it larger, filled with zeros, if its own maximum and every limit allow.
     *
     * @return the pages that it had before, or -1 if it may not grow so far
     * @throws IllegalArgumentException if {@code deltaPages} is negative
     */
    public long grow(long deltaPages) {
        Check.range("deltaPages", deltaPages, 0, Long.MAX_VALUE);
        try {
            return MemoryNative.grow(store.raw(), index, deltaPages);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** The byte at an offset. */
    public byte readByte(long offset) {
        return (byte) load(offset, Byte.BYTES);
    }

    /** The 16-bit integer at an offset. */
    public short readShort(long offset) {
        return (short) load(offset, Short.BYTES);
    }

    /** The 32-bit integer at an offset. */
    public int readInt(long offset) {
        return (int) load(offset, Integer.BYTES);
    }

    /** The 64-bit integer at an offset. */
    public long readLong(long offset) {
        return load(offset, Long.BYTES);
    }

    /** The 32-bit float at an offset. */
    public float readFloat(long offset) {
        return Float.intBitsToFloat((int) load(offset, Float.BYTES));
    }

    /** The 64-bit float at an offset. */
    public double readDouble(long offset) {
        return Double.longBitsToDouble(load(offset, Double.BYTES));
    }

    private long load(long offset, int width) {
        try {
            return MemoryNative.load(store.raw(), index, offset, width);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Writes a byte. */
    public void writeByte(long offset, byte value) {
        put(offset, Byte.BYTES, value);
    }

    /** Writes a 16-bit integer. */
    public void writeShort(long offset, short value) {
        put(offset, Short.BYTES, value);
    }

    /** Writes a 32-bit integer. */
    public void writeInt(long offset, int value) {
        put(offset, Integer.BYTES, value);
    }

    /** Writes a 64-bit integer. */
    public void writeLong(long offset, long value) {
        put(offset, Long.BYTES, value);
    }

    /** Writes a 32-bit float, its bits kept. */
    public void writeFloat(long offset, float value) {
        put(offset, Float.BYTES, Float.floatToRawIntBits(value));
    }

    /** Writes a 64-bit float, its bits kept. */
    public void writeDouble(long offset, double value) {
        put(offset, Double.BYTES, Double.doubleToRawLongBits(value));
    }

    private void put(long offset, int width, long value) {
        try {
            MemoryNative.put(store.raw(), index, offset, width, value);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Copies bytes to fill an array. */
    public void read(long offset, byte[] dst) {
        Objects.requireNonNull(dst, "dst");
        read(offset, dst, 0, dst.length);
    }

    /** Copies {@code length} bytes to an array, beginning at {@code dstOffset}. */
    public void read(long offset, byte[] dst, int dstOffset, int length) {
        Check.array("dst", dst, dstOffset, length);
        try {
            MemoryNative.read(store.raw(), index, offset, dst, dstOffset, length);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Copies an array's bytes to an offset. */
    public void write(long offset, byte[] src) {
        Objects.requireNonNull(src, "src");
        write(offset, src, 0, src.length);
    }

    /** Copies {@code length} bytes of an array, beginning at {@code srcOffset}, to an offset. */
    public void write(long offset, byte[] src, int srcOffset, int length) {
        Check.array("src", src, srcOffset, length);
        try {
            MemoryNative.write(store.raw(), index, offset, src, srcOffset, length);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** The text that {@code byteLength} bytes of UTF-8 encode; what is no UTF-8 is replaced by U+FFFD. */
    public String readUtf8(long offset, int byteLength) {
        long size = byteSize();
        // Before so many bytes are allocated.
        if (byteLength < 0 || offset < 0 || offset > size - byteLength) {
            throw new IndexOutOfBoundsException("memory: " + byteLength + " bytes at offset " + offset
                    + " do not lie inside its " + size + " bytes");
        }
        byte[] bytes = new byte[byteLength];
        read(offset, bytes, 0, byteLength);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Writes a text as UTF-8, without a terminator; a surrogate without its partner becomes {@code ?}.
     *
     * @return the bytes written
     */
    public int writeUtf8(long offset, String text) {
        byte[] bytes = Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8);
        write(offset, bytes, 0, bytes.length);
        return bytes.length;
    }

    /** Copies bytes within the memory; the ranges may overlap. */
    public void copy(long dst, long src, long length) {
        try {
            MemoryNative.copy(store.raw(), index, dst, src, length);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Sets {@code length} bytes to a value. */
    public void fill(long offset, byte value, long length) {
        try {
            MemoryNative.fill(store.raw(), index, offset, value, length);
        } finally {
            Reference.reachabilityFence(store);
        }
    }
}
