package io.sluice.runtime.internal;

/** A plugin's module after its start. */
public final class SnapshotNative {
    private SnapshotNative() {}

    /** What became of the snapshot; the handle of its module, 0 if there is none, is put into {@code module}. */
    public static native String take(
            long target,
            byte[] wasm,
            long quick,
            long[] limits,
            long budgetOr0,
            String[] args,
            String[] env,
            byte[] configuration,
            int grants,
            boolean randomAllowed,
            long[] module);
}
