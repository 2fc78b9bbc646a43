package io.sluice.runtime;

import io.sluice.runtime.internal.Handle;
import java.lang.ref.Reference;
import java.util.List;

/**
 * An instance-pre: a module whose imports are resolved, the cheap thing to instantiate.
 *
 * <p><b>Threads.</b> Shared; immutable. <b>Ownership.</b> Closed by its maker; instances made from it go on. <b>Cost.</b> Holds the
 * image that new memories are copied from on write.
 */
public final class InstancePre implements AutoCloseable {
    private final Handle handle;
    private final List<ExportType> exports;

    InstancePre(long raw, List<ExportType> exports) {
        this.handle = Handle.open(this, Handle.Kind.INSTANCE_PRE, raw);
        this.exports = exports;
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the instance-pre; closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    Handle handle() {
        return handle;
    }

    List<ExportType> exports() {
        return exports;
    }
}
