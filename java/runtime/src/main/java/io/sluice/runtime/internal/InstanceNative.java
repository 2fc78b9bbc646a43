package io.sluice.runtime.internal;

/** An instance of a store. {@code export} gives {@code kind << 32 | index}, or -1. */
public final class InstanceNative {
    private InstanceNative() {}

    public static native long export(long store, int instance, String name);
}
