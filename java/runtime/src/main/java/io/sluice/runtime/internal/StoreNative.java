package io.sluice.runtime.internal;

import java.nio.ByteBuffer;

/** A store. */
public final class StoreNative {
    private StoreNative() {}

    public static native long create(
            long engine, long[] limits, ByteBuffer status, long budgetOr0, String[] args, String[] env);

    public static native void setLimits(long store, long fuel, long deadlineNanos);

    public static native int instantiate(long store, long pre);

    public static native byte[] drainLog(long store);

    public static native void close(long store);
}
