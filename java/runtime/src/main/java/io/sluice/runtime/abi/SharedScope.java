package io.sluice.runtime.abi;

import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.NativeLibrary;
import io.sluice.runtime.internal.SharedNative;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Values, a lock and counters that instances of WeScale plugins share: one scope for a plugin, one for all plugins of a host.
 *
 * <p>Guests reach it through their host functions only. The lock goes to whoever asked first, belongs to the query that took it,
 * and is free again when that query ends.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Closed by its maker; instances that use it go on. <b>Cost.</b> None for a guest that
 * uses none of it; reading counters makes new strings.
 */
public final class SharedScope implements AutoCloseable {
    private final Handle handle;

    private SharedScope(SharedLimits limits) {
        this.handle = Handle.open(this, Handle.Kind.SHARED_SCOPE, SharedNative.create(limits.values()));
    }

    /** A scope without values. */
    public static SharedScope create(SharedLimits limits) {
        Objects.requireNonNull(limits, "limits");
        NativeLibrary.load();
        return new SharedScope(limits);
    }

    /** Replaces the limits; what is stored already stays. */
    public void setLimits(SharedLimits limits) {
        Objects.requireNonNull(limits, "limits");
        try {
            SharedNative.setLimits(handle.get(), limits.values());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The values that there are. */
    public long entries() {
        try {
            return SharedNative.entries(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The bytes of all keys and values together. */
    public long bytes() {
        try {
            return SharedNative.bytes(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The calls that wait for the lock now; empty if nobody has it. */
    public OptionalInt lockWaiters() {
        try {
            int waiters = SharedNative.lockWaiters(handle.get());
            return waiters < 0 ? OptionalInt.empty() : OptionalInt.of(waiters);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The counters that guests have made, by name, in the order in which they were made; a snapshot. */
    public Map<String, Long> counters() {
        try {
            Map<String, Long> counters = new LinkedHashMap<>();
            for (String counter : SharedNative.counters(handle.get())) {
                int equals = counter.indexOf('=');
                counters.put(counter.substring(0, equals), Long.parseLong(counter.substring(equals + 1)));
            }
            return counters;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the scope; closing twice does nothing. */
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
}
