package io.sluice.runtime.internal;

/** An engine. */
public final class EngineNative {
    private EngineNative() {}

    public static native long create(long[] settings);

    public static native boolean usesSignals(long engine);

    public static native long fingerprint(long engine);

    public static native void close(long engine);
}
