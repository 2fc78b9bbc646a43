package io.sluice.runtime;

import io.sluice.runtime.internal.Access;
import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.StoreNative;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A store: the unit of isolation and of confinement. It owns instances with their memories, and the budget of each call.
 *
 * <p><b>Threads.</b> Confined: one thread at a time, whichever it is. A second one gets {@code IllegalStateException} at once, and
 * so does a host function that uses the store that called it. {@link #close()} may be called by any thread at any time: if a
 * call is running, the store goes when that ends.
 *
 * <p><b>Ownership.</b> Closed by its maker; its instances, funcs, memories, globals and tables are dead with it. A trap does not
 * end a store.
 *
 * <p><b>Cost.</b> A store is small; its instances come from the engine's pool. What a call used is read without a crossing.
 *
 * @see <a href="https://docs.wasmtime.dev/api/wasmtime/struct.Store.html">Wasmtime's Store</a>
 */
public final class Store implements AutoCloseable {
    static final int STATUS_BYTES = 64;
    static final int STATUS_FUEL_USED = 0;
    static final int STATUS_LOG_BYTES = 8;

    private static final int LOG_HEADER_BYTES = 8;

    private final ByteBuffer status;
    private final Handle handle;

    private Store(ByteBuffer status, long raw) {
        this.status = status;
        this.handle = Handle.open(this, Handle.Kind.STORE, raw);
    }

    /**
     * An empty store.
     *
     * @throws IllegalStateException if the engine or the configuration's memory budget is closed
     */
    public static Store create(Engine engine, StoreConfig config) {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(config, "config");
        MemoryBudget budget = config.memoryBudget();
        ByteBuffer status = ByteBuffer.allocateDirect(STATUS_BYTES).order(ByteOrder.nativeOrder());
        Access access = Access.get();
        try {
            long raw = StoreNative.create(
                    engine.handle().get(),
                    config.limits(),
                    status,
                    budget == null ? 0 : budget.handle().get(),
                    access.arguments(config),
                    access.environment(config));
            return new Store(status, raw);
        } finally {
            Reference.reachabilityFence(budget);
            Reference.reachabilityFence(engine);
        }
    }

    /**
     * Instantiates and runs the module's start function, if it has one, within the limits of a call.
     *
     * @throws TrapException if the start function traps, or a segment does not fit
     * @throws LimitException if a limit of the store, its budget or the engine's pool is hit
     * @throws ExitException if the start function ends itself
     * @throws IllegalArgumentException if the instance-pre is another engine's, or imports from an instance of another store
     * @throws IllegalStateException if the store or the instance-pre is closed, or the store is in use
     */
    public Instance instantiate(InstancePre pre) {
        Objects.requireNonNull(pre, "pre");
        try {
            return new Instance(
                    this, StoreNative.instantiate(raw(), pre.handle().get()), pre.exports());
        } finally {
            Reference.reachabilityFence(pre);
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The fuel that the last call or instantiation used, however it ended; 0 before the first. Makes no crossing.
     *
     * <p>Exact for calls that return or run out of fuel: the same on every run and machine. After another trap it may be up to
     * 100,000 units too high.
     *
     * @throws IllegalStateException if the store is closed
     */
    public long fuelUsed() {
        raw();
        return status.getLong(STATUS_FUEL_USED);
    }

    /**
     * Sets the limits of the calls from now on.
     *
     * @param fuelPerCall as {@link StoreConfig#withFuelPerCall}
     * @param deadline as {@link StoreConfig#withDeadline}
     * @throws IllegalStateException if the store is closed or in use
     */
    public void setLimits(long fuelPerCall, Duration deadline) {
        Check.range("fuelPerCall", fuelPerCall, 0, Long.MAX_VALUE);
        Check.positive("deadline", deadline);
        try {
            StoreNative.setLimits(raw(), fuelPerCall, deadline.toNanos());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * What the guest logged and printed in the last call, and forgets it. Makes no crossing when there is nothing.
     *
     * @throws IllegalStateException if the store is closed or in use
     */
    public List<LogRecord> drainLog() {
        long raw = raw();
        if (status.getLong(STATUS_LOG_BYTES) == 0) {
            return List.of();
        }
        byte[] bytes;
        try {
            bytes = StoreNative.drainLog(raw);
        } finally {
            Reference.reachabilityFence(this);
        }
        ByteBuffer log = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        List<LogRecord> records = new ArrayList<>();
        while (log.remaining() >= LOG_HEADER_BYTES) {
            byte level = log.get();
            log.position(log.position() + 3);
            int length = log.getInt();
            String text = new String(bytes, log.position(), length, StandardCharsets.UTF_8);
            records.add(new LogRecord(level == 0 ? LogRecord.Level.INFO : LogRecord.Level.ERROR, text));
            log.position(log.position() + length);
        }
        return records;
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Ends the store with all that is in it; at once, or when the call that is running ends. Closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** To be used while this is reachable: `Reference.reachabilityFence` after the crossing. */
    long raw() {
        return handle.get();
    }
}
