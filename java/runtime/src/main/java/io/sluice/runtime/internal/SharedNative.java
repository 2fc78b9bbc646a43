package io.sluice.runtime.internal;

/** What instances of a plugin, or plugins of a host, have in common. */
public final class SharedNative {
    private SharedNative() {}

    public static native long create(long[] limits);

    public static native void setLimits(long scope, long[] limits);

    public static native long entries(long scope);

    public static native long bytes(long scope);

    /** -1: nobody has the lock. */
    public static native int lockWaiters(long scope);

    /** {@code name=count}. */
    public static native String[] counters(long scope);

    public static native void close(long scope);
}
