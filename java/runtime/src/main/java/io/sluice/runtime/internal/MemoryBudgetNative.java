package io.sluice.runtime.internal;

/** A budget of memory over many stores. */
public final class MemoryBudgetNative {
    private MemoryBudgetNative() {}

    public static native long create(long bytes);

    public static native long used(long budget);

    public static native void close(long budget);
}
