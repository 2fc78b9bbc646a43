package io.sluice.runtime;

import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.MemoryBudgetNative;
import io.sluice.runtime.internal.NativeLibrary;
import java.lang.ref.Reference;

/**
 * Bytes of linear memory that many stores share: the sum of their memories stays within it.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Closed by its maker; stores that use it go on. <b>Cost.</b> One atomic addition when
 * a memory is made or grows.
 */
public final class MemoryBudget implements AutoCloseable {
    private final long limitBytes;
    private final Handle handle;

    private MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
        this.handle = Handle.open(this, Handle.Kind.MEMORY_BUDGET, MemoryBudgetNative.create(limitBytes));
    }

    /** A budget of so many bytes: 0 to 2^63 - 1. */
    public static MemoryBudget of(long bytes) {
        Check.range("bytes", bytes, 0, Long.MAX_VALUE);
        NativeLibrary.load();
        return new MemoryBudget(bytes);
    }

    /** The bytes that there are in all. */
    public long limitBytes() {
        return limitBytes;
    }

    /** The bytes that memories of live stores have now. */
    public long usedBytes() {
        try {
            return MemoryBudgetNative.used(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the budget; closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public String toString() {
        return "MemoryBudget[limitBytes=" + limitBytes + "]";
    }

    Handle handle() {
        return handle;
    }
}
