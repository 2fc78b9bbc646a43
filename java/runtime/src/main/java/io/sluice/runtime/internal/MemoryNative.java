package io.sluice.runtime.internal;

/** A memory of a store; every access is checked against its size at that moment. */
public final class MemoryNative {
    private MemoryNative() {}

    public static native long byteSize(long store, int memory);

    public static native long grow(long store, int memory, long pages);

    public static native void read(long store, int memory, long offset, byte[] dst, int dstOffset, int length);

    public static native void write(long store, int memory, long offset, byte[] src, int srcOffset, int length);

    public static native long load(long store, int memory, long offset, int width);

    public static native void put(long store, int memory, long offset, int width, long value);

    public static native void copy(long store, int memory, long dst, long src, long length);

    public static native void fill(long store, int memory, long offset, int value, long length);
}
