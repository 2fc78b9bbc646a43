package io.sluice.runtime;

import io.sluice.runtime.internal.CallerNative;
import java.util.Objects;

/**
 * The guest that called a {@link HostFunction}, and its memory, as far as the host function needs it.
 *
 * <p><b>Threads.</b> Good on the thread of its host function call only, until that returns.
 *
 * <p><b>Ownership.</b> Borrowed from that call; afterwards every method throws {@code IllegalStateException}.
 *
 * <p><b>Cost.</b> Each method is one crossing; reading and writing bytes is one copy.
 */
public final class Caller {
    private final long token;
    private boolean over;

    Caller(long token) {
        this.token = token;
    }

    void end() {
        over = true;
    }

    private long token() {
        if (over) {
            throw new IllegalStateException("this Caller's host function call is over: use it only while that runs");
        }
        return token;
    }

    /**
     * The bytes that the guest's memory, its export {@code memory}, has now.
     *
     * @throws IllegalStateException if it exports none, or the host function call is over
     */
    public long memoryByteSize() {
        return CallerNative.memoryByteSize(token());
    }

    /**
     * Copies {@code length} bytes from the guest's memory.
     *
     * @throws IndexOutOfBoundsException if they do not lie inside the memory or the array; nothing is copied then
     */
    public void readMemory(long offset, byte[] dst, int dstOffset, int length) {
        Check.array("dst", dst, dstOffset, length);
        CallerNative.read(token(), offset, dst, dstOffset, length);
    }

    /**
     * Copies {@code length} bytes to the guest's memory.
     *
     * @throws IndexOutOfBoundsException if they do not lie inside the memory or the array; nothing is copied then
     */
    public void writeMemory(long offset, byte[] src, int srcOffset, int length) {
        Check.array("src", src, srcOffset, length);
        CallerNative.write(token(), offset, src, srcOffset, length);
    }

    /**
     * The little-endian 32-bit integer at an offset.
     *
     * @throws IndexOutOfBoundsException if it does not lie inside the memory
     */
    public int readInt(long offset) {
        return (int) CallerNative.load(token(), offset, Integer.BYTES);
    }

    /**
     * Writes a little-endian 32-bit integer.
     *
     * @throws IndexOutOfBoundsException if it does not lie inside the memory
     */
    public void writeInt(long offset, int value) {
        CallerNative.put(token(), offset, Integer.BYTES, value);
    }

    /**
     * The little-endian 64-bit integer at an offset.
     *
     * @throws IndexOutOfBoundsException if it does not lie inside the memory
     */
    public long readLong(long offset) {
        return CallerNative.load(token(), offset, Long.BYTES);
    }

    /**
     * Writes a little-endian 64-bit integer.
     *
     * @throws IndexOutOfBoundsException if it does not lie inside the memory
     */
    public void writeLong(long offset, long value) {
        CallerNative.put(token(), offset, Long.BYTES, value);
    }

    /**
     * Calls a func that the guest exports, within the budget of the call that is running. Numbers only.
     *
     * @param slots as in {@link Func#callRaw(long[])}
     * @throws IllegalArgumentException if there is no such func, or one with values other than numbers
     * @throws IndexOutOfBoundsException if there are too few slots
     * @throws TrapException if it traps; the call that is running may go on
     */
    public void call(String export, long[] slots) {
        Objects.requireNonNull(export, "export");
        Objects.requireNonNull(slots, "slots");
        CallerNative.call(token(), export, slots);
    }
}
