package io.sluice.runtime.internal;

/** What a Java host function may do to the guest that called it. */
public final class CallerNative {
    private CallerNative() {}

    public static native long memoryByteSize(long caller);

    public static native void read(long caller, long offset, byte[] dst, int dstOffset, int length);

    public static native void write(long caller, long offset, byte[] src, int srcOffset, int length);

    public static native long load(long caller, long offset, int width);

    public static native void put(long caller, long offset, int width, long value);

    public static native void call(long caller, String export, long[] slots);
}
