package io.sluice.runtime.internal;

/** An instance-pre. */
public final class InstancePreNative {
    private InstancePreNative() {}

    public static native void close(long pre);
}
