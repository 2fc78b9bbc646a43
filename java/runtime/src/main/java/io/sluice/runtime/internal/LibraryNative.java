package io.sluice.runtime.internal;

/** What the native library is. */
public final class LibraryNative {
    private LibraryNative() {}

    public static native int contractVersion();

    public static native String version();

    public static native String[] codes();

    public static native long liveHandles();
}
