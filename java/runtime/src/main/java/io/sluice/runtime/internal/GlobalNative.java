package io.sluice.runtime.internal;

/** A global of a store. */
public final class GlobalNative {
    private GlobalNative() {}

    public static native String type(long store, int global);

    public static native void get(long store, int global, long[] slot2);

    public static native void set(long store, int global, long low, long high);
}
