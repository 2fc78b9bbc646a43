package io.sluice.runtime.abi;

import io.sluice.runtime.InstancePre;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.internal.Access;
import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.WescaleNative;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place for one instance of a WeScale SQL plugin (of any dialect of its ABI), with the exchange block that its calls go through.
 *
 * <p>{@link #before} runs {@code RunBeforeExecutionOnGuest}, on a new instance or on the one that is there; {@link #after} runs
 * {@code RunAfterExecutionOnGuest} on the same instance. Each returns the outcome as bits, and what the guest left can be
 * read until the next call. A trap, an exit or a limit is an exception and costs the instance, not this object: the next
 * {@code before} makes a new one. What the old one holds is freed then, or by {@link #recycle()} or {@link #close()}: whoever
 * waits for the exception does not wait for that.
 *
 * <pre>{@code
 * byte[] query = "update t set a = 1".getBytes(UTF_8);
 * try (WescaleInstance instance = WescaleInstance.create(pre, WescaleConfig.defaults())) {
 *     instance.before(query, 0, query.length, true);
 *     if (instance.hasError()) {
 *         throw new SQLException(instance.errorText());
 *     }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Confined: one thread at a time, whichever it is; a second one gets {@code IllegalStateException}.
 * {@link #close()} may be called by any thread at any time. A guest that {@linkplain #usesLocks() uses locks} may wait for one, up to
 * its deadline; the calling thread waits with it, and a virtual one does not leave its carrier meanwhile.
 *
 * <p><b>Ownership.</b> Closed by its maker. Owns its instance and its block. Holds on to the array given as the last
 * {@code after}'s result until the next call.
 *
 * <p><b>Cost.</b> One crossing for {@code before} and one for {@code after}, the making of an instance included; bytes are copied
 * once into the block. Neither allocates, unless what goes in or comes out is larger than ever before. The block begins
 * with 16 KiB outside the heap and grows by powers of two.
 */
public final class WescaleInstance implements AutoCloseable {
    /** Bit of the outcome: the guest set the query. */
    public static final int QUERY_CHANGED = 1;
    /** Bit of the outcome: there is an error message that is not empty, the given one or the guest's. */
    public static final int ERROR_SET = 2;
    /** Bit of the outcome: there is a result, the given one or the guest's. */
    public static final int RESULT_SET = 4;
    /** Bit of the outcome: the guest logged or printed something. */
    public static final int LOG = 8;
    /** Bit of the outcome: the guest set the result. */
    public static final int RESULT_CHANGED = 16;

    /** Bit of the outcome: the guest gave its error a code and an SQLSTATE. */
    public static final int ERROR_CODE = 64;
    /** Bit of the outcome: the guest set or cleared the error. */
    public static final int ERROR_CHANGED = 128;

    /** The properties of a query that a guest can ask for; their places are their numbers. */
    public static final List<String> PROPERTIES =
            List.of("user", "client_address", "database", "kind", "tables", "bind_values");

    /** The dialects of the ABI, told apart when the instance-pre is used. */
    public enum Dialect {
        /** The first one: shared state by {@code SetModuleValueByKeyOnHost} and its kin. */
        A,
        /** SDK v0.1: shared state by {@code SetValueByKeyOnHost} and its kin. */
        B,
        /** SDK v0.2, the current one. */
        C
    }

    /** The outputs do not fit the block. Never part of what callers see. */
    static final int OVERFLOW = 32;

    static final int STAGE_BEFORE = 0;
    static final int STAGE_AFTER = 1;
    static final int STAGE_START = 2;

    static final int FLAG_FRESH = 1;
    static final int FLAG_RELEASE = 2;
    static final int FLAG_PROPERTIES = 4;

    static final int TRAIT_DIALECT_A = 1;
    static final int TRAIT_DIALECT_B = 2;
    static final int TRAIT_USES_LOCKS = 4;
    static final int TRAIT_GETS_PROPERTIES = 8;

    /** Takes what a guest logged. */
    @FunctionalInterface
    public interface LogSink {
        /**
         * Takes one record.
         *
         * @param level 0 for information and standard output, 1 for errors and standard error
         * @param utf8 the text; the sink's to keep; a guest may leave anything in it
         */
        void log(int level, byte[] utf8);
    }

    private final ExchangeBlock block;
    private final Handle handle;

    private final int traits;

    private int outcome;
    private byte @Nullable [] givenResult;
    /** Given for the next {@code before}; null until the first. */
    private byte @Nullable [] @Nullable [] properties;

    /**
     * Set while a call is running. It stops most calls of a second thread before they write to the block; the others only
     * spoil their own and that call's bytes, for native code lets one of them in and checks what it reads.
     */
    private boolean busy;

    private WescaleInstance(ExchangeBlock block, long raw) {
        this.block = block;
        this.handle = Handle.open(this, Handle.Kind.WESCALE, raw);
        this.traits = WescaleNative.traits(raw);
    }

    /**
     * A place without an instance yet.
     *
     * @param pre of a linker with {@code defineWescale()}, and {@code defineWasi()} if the plugin needs it
     * @throws io.sluice.runtime.LinkException if the module lacks an export of the ABI or has it with another type
     * @throws IllegalStateException if {@code pre}, the configuration's memory budget or a scope of it is closed
     */
    public static WescaleInstance create(InstancePre pre, WescaleConfig config) {
        Objects.requireNonNull(pre, "pre");
        Objects.requireNonNull(config, "config");
        Access access = Access.get();
        StoreConfig storeConfig = config.storeConfig();
        MemoryBudget budget = storeConfig.memoryBudget();
        Handle budgetHandle = access.handle(budget);
        SharedScope module = config.moduleScope();
        SharedScope global = config.globalScope();
        ExchangeBlock block = new ExchangeBlock();
        try {
            WescaleInstance instance = new WescaleInstance(
                    block,
                    WescaleNative.create(
                            access.handle(pre).get(),
                            limits(access.limits(storeConfig), config),
                            budgetHandle == null ? 0 : budgetHandle.get(),
                            access.arguments(storeConfig),
                            access.environment(storeConfig),
                            config.configuration().getBytes(StandardCharsets.UTF_8),
                            config.grants(),
                            module == null ? 0 : module.handle().get(),
                            global == null ? 0 : global.handle().get()));
            block.bind(instance.handle.get());
            return instance;
        } finally {
            Reference.reachabilityFence(budget);
            Reference.reachabilityFence(module);
            Reference.reachabilityFence(global);
            Reference.reachabilityFence(pre);
        }
    }

    /** In the order of the boundary; a test compares it with the native library's. */
    static long[] limits(long[] store, WescaleConfig config) {
        long[] limits = java.util.Arrays.copyOf(store, store.length + 3);
        limits[store.length] = config.startFuel();
        limits[store.length + 1] = config.startDeadline().toNanos();
        limits[store.length + 2] = config.maxOutputBytes();
        return limits;
    }

    /**
     * Makes an instance and runs its start, unless there is one; {@code before} does that itself when it has to.
     *
     * @throws io.sluice.runtime.TrapException if the start traps, or uses up its fuel or time
     * @throws io.sluice.runtime.LimitException if a limit is hit
     * @throws io.sluice.runtime.ExitException if the start ends itself with a code other than 0
     * @throws IllegalStateException if this is closed or in use
     */
    public void start() {
        long raw = enter();
        try {
            call(raw, STAGE_START, 0);
        } finally {
            busy = false;
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Ends the query, drops its instance, and makes and starts the next one, so that the next {@code before} need not: call it when
     * the request's answer is out. Where waiting instances would take more than half of the memory budget it makes none.
     *
     * @return whether a new instance is there; {@code before} with {@code fresh} false runs on it
     * @throws io.sluice.runtime.TrapException if the start traps, or uses up its fuel or time
     * @throws io.sluice.runtime.LimitException if a limit is hit
     * @throws io.sluice.runtime.ExitException if the start ends itself with a code other than 0
     * @throws IllegalStateException if this is closed or in use
     */
    public boolean renew() {
        long raw = enter();
        try {
            call(raw, STAGE_START, FLAG_FRESH);
            return block.getInt(ExchangeBlock.LIVE) != 0;
        } finally {
            busy = false;
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Calls the guest before a query is executed.
     *
     * @param query holds the query's text
     * @param fresh true to drop the instance that is there and run on a new one
     * @return the outcome: bits of {@link #QUERY_CHANGED} and its kin
     * @throws io.sluice.runtime.TrapException if the guest traps, or uses up its fuel or time; the message says if at start
     * @throws io.sluice.runtime.LimitException if a limit is hit
     * @throws io.sluice.runtime.ExitException if the guest ends itself
     * @throws IndexOutOfBoundsException if the range does not lie inside the array
     * @throws IllegalStateException if this is closed or in use
     */
    public int before(byte[] query, int offset, int length, boolean fresh) {
        Objects.requireNonNull(query, "query");
        Objects.checkFromIndexSize(offset, length, query.length);
        long raw = enter();
        try {
            byte @Nullable [] @Nullable [] given = properties;
            block.makeRoom(raw, given == null ? length : length + ExchangeBlock.propertiesBytes(given));
            block.putQuery(query, offset, length);
            return call(raw, STAGE_BEFORE, (fresh ? FLAG_FRESH : 0) | putProperties(given, length));
        } finally {
            busy = false;
            Reference.reachabilityFence(this);
        }
    }

    /** As {@link #before(byte[], int, int, boolean)}, with the remaining bytes of a buffer, whose position stays. */
    public int before(ByteBuffer query, boolean fresh) {
        Objects.requireNonNull(query, "query");
        long raw = enter();
        try {
            int length = query.remaining();
            byte @Nullable [] @Nullable [] given = properties;
            block.makeRoom(raw, given == null ? length : length + ExchangeBlock.propertiesBytes(given));
            block.putQuery(query);
            return call(raw, STAGE_BEFORE, (fresh ? FLAG_FRESH : 0) | putProperties(given, length));
        } finally {
            busy = false;
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Calls the guest after the query was executed, or was rejected on the way. The query is the one of the last
     * {@code before}.
     *
     * @param error the text of the error so far, or null
     * @param result the result so far as a serialized {@code QueryResult}, or null
     * @param release true to drop the instance in the same crossing, whatever the outcome
     * @return the outcome: bits of {@link #ERROR_SET} and its kin
     * @throws io.sluice.runtime.TrapException if the guest traps, or uses up its fuel or time
     * @throws io.sluice.runtime.LimitException if a limit is hit
     * @throws io.sluice.runtime.ExitException if the guest ends itself
     * @throws IllegalStateException if there is no instance, or this is closed or in use
     */
    public int after(byte @Nullable [] error, byte @Nullable [] result, boolean release) {
        long raw = enter();
        try {
            int errorLength = error == null ? 0 : error.length;
            block.makeRoom(raw, (long) errorLength + (result == null ? 0 : result.length));
            if (error == null) {
                block.putNoError();
            } else {
                block.putError(error);
            }
            if (result == null) {
                block.putNoResult();
            } else {
                block.putResult(result, errorLength);
            }
            int bits = call(raw, STAGE_AFTER, release ? FLAG_RELEASE : 0);
            givenResult = result;
            return bits;
        } finally {
            busy = false;
            Reference.reachabilityFence(this);
        }
    }

    private int putProperties(byte @Nullable [] @Nullable [] given, int queryLength) {
        if (given == null) {
            return 0;
        }
        block.putProperties(given, queryLength);
        return FLAG_PROPERTIES;
    }

    /**
     * Gives a property of the query for each {@code before} from now on and the {@code after} that follows, until
     * {@link #clearProperties()}. The guest sees it if the configuration grants it.
     *
     * @param property its number in {@link #PROPERTIES}
     * @param utf8 the text; copied by the next {@code before}
     */
    public void setProperty(int property, byte[] utf8) {
        Objects.requireNonNull(utf8, "utf8");
        Objects.checkIndex(property, PROPERTIES.size());
        byte @Nullable [] @Nullable [] given = properties;
        if (given == null) {
            given = new byte[PROPERTIES.size()][];
            properties = given;
        }
        given[property] = utf8;
    }

    /** Forgets what {@link #setProperty} gave. */
    public void clearProperties() {
        properties = null;
    }

    /** The dialect of the ABI that the plugin was built for. */
    public Dialect dialect() {
        return switch (traits & (TRAIT_DIALECT_A | TRAIT_DIALECT_B)) {
            case TRAIT_DIALECT_A -> Dialect.A;
            case TRAIT_DIALECT_B -> Dialect.B;
            default -> Dialect.C;
        };
    }

    /** Whether the plugin imports a lock function, so that its calls may wait. */
    public boolean usesLocks() {
        return (traits & TRAIT_USES_LOCKS) != 0;
    }

    /** Whether the plugin imports {@code sluice.get_property}; if not, properties need not be given. */
    public boolean getsProperties() {
        return (traits & TRAIT_GETS_PROPERTIES) != 0;
    }

    private long enter() {
        long raw = handle.get();
        if (busy) {
            throw new IllegalStateException(
                    "wescale instance is in use: one thread at a time may use it, and not from within its own call");
        }
        busy = true;
        return raw;
    }

    private int call(long raw, int stage, int flags) {
        givenResult = null;
        outcome = 0;
        block.putInt(ExchangeBlock.OUTCOME, 0);
        try {
            return settle(raw, WescaleNative.call(raw, stage, flags));
        } catch (Throwable e) {
            // Native code writes to the block in this case too, if it got so far.
            settleFailure(raw, e);
            throw e;
        }
    }

    private int settle(long raw, int bits) {
        if ((bits & OVERFLOW) != 0) {
            block.resize(raw, block.getInt(ExchangeBlock.NEEDED_BYTES));
            WescaleNative.fetch(raw);
        }
        outcome = bits & ~OVERFLOW;
        return outcome;
    }

    private void settleFailure(long raw, Throwable failure) {
        try {
            settle(raw, block.getInt(ExchangeBlock.OUTCOME));
        } catch (RuntimeException | Error e) {
            outcome = 0;
            if (e != failure) {
                failure.addSuppressed(e);
            }
        }
    }

    /** The outcome of the last call, as it returned it; also of one that failed. */
    public int outcome() {
        return outcome;
    }

    /** Whether the guest set the query in the last call. */
    public boolean queryChanged() {
        return (outcome & QUERY_CHANGED) != 0;
    }

    /**
     * The bytes of the guest's query.
     *
     * @throws IllegalStateException if it set none in the last call
     */
    public int queryLength() {
        require(QUERY_CHANGED, "query");
        return block.getInt(ExchangeBlock.QUERY_LENGTH);
    }

    /**
     * Copies the guest's query. Does not allocate.
     *
     * @return its length
     * @throws IllegalStateException if it set none in the last call
     * @throws IndexOutOfBoundsException if it does not fit
     */
    public int copyQuery(byte[] dst, int offset) {
        Objects.requireNonNull(dst, "dst");
        require(QUERY_CHANGED, "query");
        return block.copy(ExchangeBlock.QUERY_OFFSET, ExchangeBlock.QUERY_LENGTH, dst, offset);
    }

    /**
     * The guest's query as a new array.
     *
     * @throws IllegalStateException if it set none in the last call
     */
    public byte[] query() {
        require(QUERY_CHANGED, "query");
        return block.copy(ExchangeBlock.QUERY_OFFSET, ExchangeBlock.QUERY_LENGTH);
    }

    /** Whether there is an error message that is not empty, the given one or the guest's. */
    public boolean hasError() {
        return (outcome & ERROR_SET) != 0;
    }

    /**
     * The error message as a new array of UTF-8.
     *
     * @throws IllegalStateException if there is none
     */
    public byte[] error() {
        require(ERROR_SET, "error");
        return block.copy(ExchangeBlock.ERROR_OFFSET, ExchangeBlock.ERROR_LENGTH);
    }

    /**
     * The error message; bytes that are no UTF-8 are replaced.
     *
     * @throws IllegalStateException if there is none
     */
    public String errorText() {
        return new String(error(), StandardCharsets.UTF_8);
    }

    /** Whether the guest set or cleared the error in the last call. */
    public boolean errorChanged() {
        return (outcome & ERROR_CHANGED) != 0;
    }

    /** Whether the guest gave its error a code and an SQLSTATE in the last call. */
    public boolean hasErrorCode() {
        return (outcome & ERROR_CODE) != 0;
    }

    /**
     * The MySQL error code that the guest gave, 1 to 65,535.
     *
     * @throws IllegalStateException if it gave none in the last call
     */
    public int errorCode() {
        require(ERROR_CODE, "error code");
        return block.getInt(ExchangeBlock.ERROR_CODE);
    }

    /**
     * The SQLSTATE that the guest gave, five characters of {@code 0-9A-Z}.
     *
     * @throws IllegalStateException if it gave none in the last call
     */
    public String sqlState() {
        require(ERROR_CODE, "error code");
        return block.sqlState();
    }

    /** Whether there is a result, the given one or the guest's. */
    public boolean hasResult() {
        return (outcome & RESULT_SET) != 0;
    }

    /** Whether the guest set the result in the last call. */
    public boolean resultChanged() {
        return (outcome & RESULT_CHANGED) != 0;
    }

    /**
     * The result as a new array.
     *
     * @throws IllegalStateException if there is none
     */
    public byte[] result() {
        require(RESULT_SET, "result");
        byte[] given = givenResult;
        if (!resultChanged() && given != null) {
            return given.clone();
        }
        return block.copy(ExchangeBlock.RESULT_OFFSET, ExchangeBlock.RESULT_LENGTH);
    }

    private void require(int bit, String what) {
        handle.get();
        if ((outcome & bit) == 0) {
            throw new IllegalStateException("the last call left no " + what + ": look at its outcome first");
        }
    }

    /** The fuel that the last call used, however it ended; that of a start only if the start failed. */
    public long fuelUsed() {
        return block.getLong(ExchangeBlock.FUEL_USED);
    }

    /** The bytes of the guest's memory after the last call. */
    public long memoryBytes() {
        return block.getLong(ExchangeBlock.MEMORY_BYTES);
    }

    /** The log records of the last call that were cut or left out. */
    public int logDropped() {
        return block.getInt(ExchangeBlock.LOG_DROPPED);
    }

    /** Hands what the guest logged in the last call to a sink, once; also after a call that failed. */
    public void drainLog(LogSink sink) {
        Objects.requireNonNull(sink, "sink");
        if ((outcome & LOG) != 0) {
            outcome &= ~LOG;
            block.forEachLogRecord(sink);
        }
    }

    /** Whether there is an instance. */
    public boolean isLive() {
        return !handle.isClosed() && block.getInt(ExchangeBlock.LIVE) != 0;
    }

    /**
     * Ends the query whose {@code after} does not come, and keeps the instance: locks that it holds are released. The next
     * {@code before} does that too.
     *
     * @throws IllegalStateException if this is closed or in use
     */
    public void endQuery() {
        try {
            WescaleNative.endQuery(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Drops the instance, if there is one; what the last call left stays readable.
     *
     * @throws IllegalStateException if this is closed or in use
     */
    public void recycle() {
        try {
            WescaleNative.recycle(handle.get());
            block.putInt(ExchangeBlock.LIVE, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Ends this with its instance; at once, or when the call that is running ends. Closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    int blockBytes() {
        return block.capacity();
    }
}
