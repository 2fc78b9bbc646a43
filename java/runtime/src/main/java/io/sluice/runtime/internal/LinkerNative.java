package io.sluice.runtime.internal;

import io.sluice.runtime.HostFunction;

/** A linker. */
public final class LinkerNative {
    private LinkerNative() {}

    public static native long create(long engine);

    public static native void defineFunction(
            long linker, String module, String name, byte[] params, byte[] results, HostFunction function);

    public static native void defineWasi(long linker);

    public static native void defineWescale(long linker);

    public static native void defineInstance(long linker, String module, long store, int instance);

    public static native long instantiatePre(long linker, long module);

    public static native void close(long linker);
}
