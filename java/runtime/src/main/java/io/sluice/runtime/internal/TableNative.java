package io.sluice.runtime.internal;

/** A table of a store; -1 stands for a null func. */
public final class TableNative {
    private TableNative() {}

    public static native String type(long store, int table);

    public static native long size(long store, int table);

    public static native long grow(long store, int table, long delta, int funcOrMinus1);

    public static native int get(long store, int table, long index);

    public static native void set(long store, int table, long index, int funcOrMinus1);
}
