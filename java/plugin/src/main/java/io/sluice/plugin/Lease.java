package io.sluice.plugin;

import io.sluice.runtime.abi.WescaleInstance;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One place for an instance of a plugin, lent to one stream at a time; it pins the version of the plugin that it was taken from.
 *
 * <p>The object is the place itself and is lent again after {@link #close()}: keep no reference to it beyond that.
 *
 * <p><b>Threads.</b> Confined: it may wander from thread to thread, but only one may use it at a time.
 *
 * <p><b>Ownership.</b> Whoever took it closes it, once.
 *
 * <p><b>Cost.</b> Taking one is a compare-and-set, closing it a store; neither allocates.
 */
public abstract sealed class Lease implements AutoCloseable permits SqlLease {
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int DEAD = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Lease.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final PluginVersion version;
    final Tally tally = new Tally();

    /** Set by the host's keeper: the instance is too old and must not serve another request. */
    volatile boolean tooOld;

    private volatile int state;

    Lease(PluginVersion version) {
        this.version = version;
    }

    /** The name of the plugin. */
    public final String pluginName() {
        return version.plugin.name();
    }

    /** The plugin's configuration at the time of this lease. */
    public final PluginConfig config() {
        return version.config;
    }

    /** Whether this version of the plugin imports a function, which tells what it may ask for. */
    public final boolean imports(String module, String name) {
        return version.imports(module, name);
    }

    /** Ends the lease: the instance is dropped or kept as the plugin's isolation says, and the place is free. Closing twice is harmless until it is lent again. */
    @Override
    public final void close() {
        if ((int) STATE.getOpaque(this) != TAKEN) {
            return;
        }
        try {
            end();
        } finally {
            version.release(this);
        }
    }

    final boolean tryTake() {
        return (int) STATE.getOpaque(this) == FREE && STATE.compareAndSet(this, FREE, TAKEN);
    }

    /** Makes the place free for the next one who looks. */
    final void setFree() {
        STATE.setRelease(this, FREE);
    }

    /** Takes the place out of service for ever if nobody has it; true for the one caller that succeeds. */
    final boolean tryKill() {
        if (!STATE.compareAndSet(this, FREE, DEAD)) {
            return false;
        }
        destroy();
        return true;
    }

    final boolean isTaken() {
        return state == TAKEN;
    }

    /** Whether the place waits for the keeper to make its next instance. */
    abstract boolean isLeftToKeeper();

    /** Makes the next instance, if that was left to the keeper, which has taken the place. */
    abstract void prepareForNext();

    /** Makes an instance for the first stream; called by who has taken the place, which has not been used yet. */
    abstract void prepareFirst();

    /** Takes over an instance that has started, for the first stream; called by who has taken the place, which has not been used yet. */
    abstract void adopt(WescaleInstance started);

    /** Whether an instance waits in the place for the next stream; read without taking the place. */
    abstract boolean isPrepared();

    /** Whether a stream used the place since this was asked last; a hint. */
    abstract boolean wasUsedSinceLook();

    /** Drops the instance that waits for the next stream; called by who has taken the place. */
    abstract void dropPrepared();

    /** Ends what the stream left in the place. */
    abstract void end();

    /** Frees everything that the place holds. */
    abstract void destroy();

    /** Drops the instance if it is older than the isolation allows; called by the keeper, which has taken the place. */
    abstract void dropIfOlderThan(long bornBeforeNanos);

    /** Whether the instance in the place was made before that moment; read without taking the place. */
    abstract boolean bornBefore(long nanos);

    /** The failure that the last call ended with, if it did. */
    public abstract @Nullable PluginException failure();
}
