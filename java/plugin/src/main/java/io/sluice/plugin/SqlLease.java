package io.sluice.plugin;

import io.sluice.runtime.LimitException;
import io.sluice.runtime.WasmException;
import io.sluice.runtime.abi.WescaleInstance;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lease of a plugin that filters SQL: called once before a query is executed and, if that did not fail, once after.
 *
 * <p>What a call left, {@link #query()}, {@link #error()}, {@link #result()} and their kin, can be read until the next call or
 * {@link #close()}.
 *
 * <p><b>Threads.</b> Confined. A plugin that imports locks may wait for one in {@code before} and {@code after}, up to its deadline;
 * called on a virtual thread it runs on a platform thread, so that no carrier waits with it.
 *
 * <p><b>Ownership.</b> As {@link Lease}. Locks that the guest took are released when {@code after} has run, a call has failed or the
 * lease ends, whichever comes first.
 *
 * <p><b>Cost.</b> One crossing a call, no allocation; what is read as a new array or string allocates it. Handing a call over to a
 * platform thread allocates and switches threads twice.
 */
public final class SqlLease extends Lease {
    /** Waking a thread costs the waker some 10 µs; below this an instance is made where its predecessor ended. */
    private static final long SLOW_NANOS = 50_000;

    private static final long VERY_SLOW_NANOS = 100_000_000;

    private final boolean pooled;
    private final long maxCalls;
    private final long memoryHighWaterBytes;
    private final WescaleInstance.LogSink sink;

    private @Nullable WescaleInstance instance;
    private boolean live;
    private boolean calledBefore;
    private boolean hasProperties;
    /** A query has begun that may take locks and whose end native code has not seen. */
    private boolean mayHoldLocks;

    /** The instance has been started and has served nobody. Others look at it without the place, as a hint. */
    private boolean prepared;
    /** The last stream called the guest. */
    private boolean used;
    /** The making of the next instance is left to the host's keeper. */
    private boolean leftToKeeper;

    private boolean usedSinceLook;
    /** A moving average, the place's own: leases of two threads that end write to nothing that both look at. */
    private long prepareNanos;

    private long calls;
    private long bornNanos;
    private long fuelUsed;
    private @Nullable PluginException failure;

    SqlLease(PluginVersion version) {
        super(version);
        Isolation isolation = version.config.isolation();
        this.pooled = isolation.isPooled();
        this.maxCalls = isolation.maxCalls();
        this.memoryHighWaterBytes = isolation.memoryHighWaterBytes();
        this.sink = version.log.sinkFor(tally);
    }

    /**
     * Calls the guest before the query is executed.
     *
     * @throws PluginException if the guest traps, exits or exhausts a limit; its instance is gone then and {@code after} must not follow
     * @throws IllegalStateException if the lease is not taken
     */
    public void before(byte[] query, int offset, int length) {
        Objects.requireNonNull(query, "query");
        WescaleInstance target = prepare();
        try {
            int outcome;
            try {
                outcome = callBefore(target, query, offset, length);
            } catch (LimitException e) {
                version.plugin.host().makeRoomFor(e);
                outcome = callBefore(target, query, offset, length);
            }
            noteBefore(target, outcome);
        } catch (WasmException e) {
            throw fail(target, Phase.BEFORE, e);
        }
    }

    private int callBefore(WescaleInstance target, byte[] query, int offset, int length) {
        boolean fresh = !live;
        return mustHandOver()
                ? version.handover.call(() -> target.before(query, offset, length, fresh))
                : target.before(query, offset, length, fresh);
    }

    /** Whether this call may wait for a lock on a thread that must not. */
    private boolean mustHandOver() {
        return version.usesLocks() && Handover.isNeeded();
    }

    /** As {@link #before(byte[], int, int)}, with the remaining bytes of a buffer, whose position stays. */
    public void before(ByteBuffer query) {
        Objects.requireNonNull(query, "query");
        WescaleInstance target = prepare();
        try {
            int outcome;
            try {
                outcome = callBefore(target, query);
            } catch (LimitException e) {
                version.plugin.host().makeRoomFor(e);
                outcome = callBefore(target, query);
            }
            noteBefore(target, outcome);
        } catch (WasmException e) {
            throw fail(target, Phase.BEFORE, e);
        }
    }

    private int callBefore(WescaleInstance target, ByteBuffer query) {
        boolean fresh = !live;
        return mustHandOver() ? version.handover.call(() -> target.before(query, fresh)) : target.before(query, fresh);
    }

    /**
     * Calls the guest after the query was executed, or was rejected on the way.
     *
     * @param error the text of the error so far, or null
     * @param result the result so far as a serialized QueryResult, or null
     * @throws PluginException if the guest traps, exits or exhausts a limit
     * @throws IllegalStateException if the lease's {@code before} was not called or failed
     */
    public void after(byte @Nullable [] error, byte @Nullable [] result) {
        WescaleInstance target = instance;
        if (target == null || !calledBefore || !isTaken()) {
            throw new IllegalStateException("plugin '" + pluginName()
                    + "': after was asked for, but before was not called or failed; call before first");
        }
        calledBefore = false;
        try {
            // A version that prepares drops the instance when the lease ends: the answer does not wait for that.
            boolean release = !pooled && !version.prepares();
            int outcome = mustHandOver()
                    ? version.handover.call(() -> target.after(error, result, release))
                    : target.after(error, result, release);
            mayHoldLocks = false;
            tally.afterCalls++;
            noteFuel(target);
            if (!pooled) {
                live = false;
            }
            if ((outcome & WescaleInstance.RESULT_CHANGED) != 0) {
                tally.resultRewrites++;
            }
            if ((outcome & WescaleInstance.LOG) != 0) {
                drainLog(target);
            }
        } catch (WasmException e) {
            tally.afterCalls++;
            throw fail(target, Phase.AFTER, e);
        }
    }

    /** Whether the next {@code before} calls an instance that has started already, and cannot wait for a lock: it takes the guest's time alone. */
    public boolean isAtHand() {
        return instance != null && (prepared || (pooled && live && !mustRetire())) && !version.usesLocks();
    }

    /** Whether the plugin imports the function that reads results; if not, it cannot tell one result from another. */
    public boolean readsResults() {
        return version.readsResults;
    }

    /**
     * Whether the plugin can see a property: its configuration grants it, and it imports the function that reads properties.
     * Only then is it worth making.
     */
    public boolean wants(QueryProperty property) {
        Objects.requireNonNull(property, "property");
        return version.wants(property);
    }

    /**
     * Gives a property of the query for the next {@code before} and the {@code after} that follows; forgotten when the lease ends.
     * What the plugin does not {@linkplain #wants want} is ignored.
     *
     * @param utf8 the text; not copied before the call, so leave it alone until then
     * @throws IllegalStateException if the lease is not taken
     */
    public void property(QueryProperty property, byte[] utf8) {
        Objects.requireNonNull(property, "property");
        Objects.requireNonNull(utf8, "utf8");
        if (!isTaken()) {
            throw leaseClosed();
        }
        if (version.wants(property)) {
            instance().setProperty(property.number(), utf8);
            hasProperties = true;
        }
    }

    /** Whether the guest replaced the query. */
    public boolean queryChanged() {
        return called().queryChanged();
    }

    /** The length in bytes of the guest's query. */
    public int queryLength() {
        return called().queryLength();
    }

    /** Copies the guest's query and returns its length. */
    public int copyQuery(byte[] destination, int offset) {
        return called().copyQuery(destination, offset);
    }

    /** The guest's query as a new array. */
    public byte[] query() {
        return called().query();
    }

    /** Whether there is an error message that is not empty. */
    public boolean hasError() {
        return called().hasError();
    }

    /** The error message as a new array of UTF-8. */
    public byte[] error() {
        return called().error();
    }

    /** The error message. */
    public String errorText() {
        return called().errorText();
    }

    /** Whether the guest set or cleared the error in the last call. */
    public boolean errorChanged() {
        return called().errorChanged();
    }

    /** Whether the guest gave its error a code of its own in the last call, with {@code sluice.set_error}. */
    public boolean hasErrorCode() {
        return called().hasErrorCode();
    }

    /**
     * The MySQL error code that the guest gave, 1 to 65,535.
     *
     * @throws IllegalStateException if it gave none in the last call
     */
    public int errorCode() {
        return called().errorCode();
    }

    /**
     * The SQLSTATE that the guest gave, five characters of {@code 0-9A-Z}.
     *
     * @throws IllegalStateException if it gave none in the last call
     */
    public String sqlState() {
        return called().sqlState();
    }

    /** Whether there is a result, the given one or the guest's. */
    public boolean hasResult() {
        return called().hasResult();
    }

    /** Whether the guest replaced the result. */
    public boolean resultChanged() {
        return called().resultChanged();
    }

    /** The result as a new array. */
    public byte[] result() {
        return called().result();
    }

    /** The fuel that this lease's calls have used since it was taken. */
    public long fuelUsed() {
        return fuelUsed;
    }

    @Override
    public @Nullable PluginException failure() {
        return failure;
    }

    private WescaleInstance prepare() {
        if (!isTaken()) {
            throw leaseClosed();
        }
        WescaleInstance target = instance();
        boolean another = !pooled || !live || mustRetire();
        if (another) {
            live = prepared;
            prepared = false;
            if (!live) {
                tally.startsOnRequest++;
            }
            tally.starts++;
            calls = 0;
            if (pooled) {
                bornNanos = System.nanoTime();
                tooOld = false;
            }
        }
        fuelUsed = 0;
        failure = null;
        mayHoldLocks = version.usesLocks();
        return target;
    }

    private IllegalStateException leaseClosed() {
        return new IllegalStateException("plugin '" + pluginName() + "': the lease is closed; take a new one");
    }

    private WescaleInstance instance() {
        WescaleInstance target = instance;
        if (target == null) {
            try {
                target = version.createSqlInstance();
            } catch (WasmException e) {
                tally.countFailure(e);
                failure = PluginException.of(pluginName(), Phase.START, e);
                throw failure;
            }
            instance = target;
        }
        return target;
    }

    private void noteBefore(WescaleInstance target, int outcome) {
        live = true;
        used = true;
        usedSinceLook = true;
        calledBefore = true;
        calls++;
        tally.beforeCalls++;
        noteFuel(target);
        if ((outcome & WescaleInstance.ERROR_SET) != 0) {
            tally.rejects++;
        }
        if ((outcome & WescaleInstance.QUERY_CHANGED) != 0) {
            tally.rewrites++;
        }
        if ((outcome & WescaleInstance.LOG) != 0) {
            drainLog(target);
        }
    }

    private void noteFuel(WescaleInstance target) {
        long fuel = target.fuelUsed();
        fuelUsed += fuel;
        tally.fuel += fuel;
        long memory = target.memoryBytes();
        if (memory > tally.memoryHighWaterBytes) {
            tally.memoryHighWaterBytes = memory;
        }
        if (memory > memoryHighWaterBytes) {
            calls = maxCalls;
        }
    }

    private PluginException fail(WescaleInstance target, Phase phase, WasmException cause) {
        live = false;
        used = true;
        calledBefore = false;
        mayHoldLocks = false;
        if (phase == Phase.BEFORE) {
            tally.beforeCalls++;
        }
        tally.countFailure(cause);
        noteFuel(target);
        drainLog(target);
        PluginException wrapped = PluginException.of(pluginName(), phase, cause);
        failure = wrapped;
        return wrapped;
    }

    private void drainLog(WescaleInstance target) {
        target.drainLog(sink);
        tally.logDropped += target.logDropped();
    }

    private WescaleInstance called() {
        WescaleInstance target = instance;
        if (target == null || !isTaken()) {
            throw new IllegalStateException(
                    "plugin '" + pluginName() + "': there is no outcome to read; call before or after first");
        }
        return target;
    }

    @Override
    void end() {
        boolean queryIsOpen = mayHoldLocks;
        mayHoldLocks = false;
        calledBefore = false;
        WescaleInstance target = instance;
        if (hasProperties && target != null) {
            hasProperties = false;
            target.clearProperties();
        }
        boolean spent = used && (!pooled || !live || mustRetire());
        if (spent && target != null) {
            // One that failed is there until it is dropped, and only its answer is not live any more.
            boolean isThere = live || failure != null;
            used = false;
            live = false;
            if (!version.prepares()) {
                if (isThere) {
                    drop();
                }
            } else if (prepareNanos > SLOW_NANOS) {
                leftToKeeper = true;
            } else {
                prepareNext(target);
            }
        } else if (queryIsOpen && target != null) {
            endQuery(target);
        }
    }

    /** Whether a pooled instance has served its time. */
    private boolean mustRetire() {
        return calls >= maxCalls || tooOld;
    }

    /** Makes the instance for the next request. What is wrong with its start is for that request to report. */
    private void prepareNext(WescaleInstance target) {
        leftToKeeper = false;
        long begin = System.nanoTime();
        try {
            prepared = target.renew();
            if ((target.outcome() & WescaleInstance.LOG) != 0) {
                drainLog(target);
            }
        } catch (WasmException | IllegalStateException e) {
            prepared = false;
        }
        // One sample counts for little more than twice the average, or a thread that lost its processor for a moment
        // would seem slow
        // for long.
        long nanos = System.nanoTime() - begin;
        prepareNanos += (Math.min(nanos, 2 * prepareNanos + 10_000) - prepareNanos) / 8;
        if (nanos > VERY_SLOW_NANOS) {
            // No thread loses its processor for so long: a start that sleeps, say, is the keeper's from here on.
            prepareNanos = Math.max(prepareNanos, 4 * SLOW_NANOS);
        }
        version.notePrepared();
    }

    @Override
    boolean isLeftToKeeper() {
        return leftToKeeper;
    }

    @Override
    void prepareForNext() {
        WescaleInstance target = instance;
        if (leftToKeeper && target != null) {
            prepareNext(target);
        }
    }

    @Override
    void prepareFirst() {
        prepareNext(instance());
    }

    @Override
    void adopt(WescaleInstance started) {
        instance = started;
        prepared = true;
        version.notePrepared();
    }

    @Override
    boolean isPrepared() {
        return prepared;
    }

    @Override
    boolean wasUsedSinceLook() {
        boolean was = usedSinceLook;
        usedSinceLook = false;
        return was;
    }

    @Override
    void dropPrepared() {
        if (prepared) {
            prepared = false;
            drop();
        }
    }

    private static void endQuery(WescaleInstance target) {
        try {
            target.endQuery();
        } catch (IllegalStateException e) {
            // It was closed, and has let go of its locks with that.
        }
    }

    @Override
    void destroy() {
        WescaleInstance target = instance;
        instance = null;
        live = false;
        if (target != null) {
            target.close();
        }
    }

    @Override
    boolean bornBefore(long nanos) {
        return live && bornNanos - nanos < 0;
    }

    @Override
    void dropIfOlderThan(long bornBeforeNanos) {
        if (bornBefore(bornBeforeNanos)) {
            drop();
        }
    }

    private void drop() {
        live = false;
        WescaleInstance target = instance;
        if (target != null) {
            target.recycle();
        }
    }
}
