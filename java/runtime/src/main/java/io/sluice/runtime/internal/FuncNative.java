package io.sluice.runtime.internal;

/** A func of a store. */
public final class FuncNative {
    private FuncNative() {}

    public static native String type(long store, int func);

    public static native long call0(long store, int func);

    public static native long call1(long store, int func, long a);

    public static native long call2(long store, int func, long a, long b);

    public static native long call3(long store, int func, long a, long b, long c);

    public static native long call4(long store, int func, long a, long b, long c, long d);

    public static native void callSlots(long store, int func, long[] slots);
}
