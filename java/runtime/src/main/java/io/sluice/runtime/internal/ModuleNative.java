package io.sluice.runtime.internal;

/** A module. */
public final class ModuleNative {
    private ModuleNative() {}

    public static native long compile(long engine, byte[] wasm);

    public static native void validate(long engine, byte[] wasm);

    public static native void compileInBackground(long deadlineNanos);

    public static native String[] describe(long module);

    public static native byte[] serialize(long module);

    public static native long deserialize(long engine, byte[] code);

    public static native void store(long module, String file);

    /** 0 if there is no such file. */
    public static native long load(long engine, String file);

    public static native void close(long module);
}
