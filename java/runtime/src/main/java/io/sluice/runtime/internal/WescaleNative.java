package io.sluice.runtime.internal;

import java.nio.ByteBuffer;

/** A place for an instance of a WeScale plugin, with its exchange block. */
public final class WescaleNative {
    private WescaleNative() {}

    public static native long create(
            long pre,
            long[] limits,
            long budgetOr0,
            String[] args,
            String[] env,
            byte[] configuration,
            int grants,
            long moduleScopeOr0,
            long globalScopeOr0);

    /** The dialect, and what the module may ask for. */
    public static native int traits(long slot);

    public static native void bind(long slot, ByteBuffer block);

    public static native int call(long slot, int stage, int flags);

    public static native void fetch(long slot);

    public static native void endQuery(long slot);

    public static native void recycle(long slot);

    public static native void close(long slot);
}
