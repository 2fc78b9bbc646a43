package io.sluice.sql;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.SqlLease;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of one query through a filter chain: before it is executed, and after; made once for a connection and used for one query after
 * the other.
 *
 * <pre>{@code
 * if (execution.before(chain, request)) {
 *     ... execute execution.queryText(), serialize the result if execution.wantsResult() ...
 *     execution.after(errorOrNull, resultOrNull);
 * } else {
 *     execution.after(null, null);
 * }
 * SqlError error = execution.error();
 * }</pre>
 *
 * <p>Before: matching filters in ascending priority; each is remembered before its answer is looked at; the first error stops the stage
 * and the query is not to be executed. After: the remembered filters in reverse order; each gets the previous one's error and result
 * and replaces both. A plugin that failed is not called again for this query; under {@link FailPolicy#OPEN} the query goes on as if its
 * filter was not there. A plugin whose filter's {@linkplain FilterBreaker breaker} is open is not called, by the same policy.
 *
 * <p>Which filters match is decided by the query as it came: one that a plugin puts in its place is executed as it is, be it empty,
 * several statements, of another kind, or none at all, and is not matched again; later plugins see it.
 *
 * <p>An error that a plugin gives a code of its own ({@code sluice.set_error}) reaches the client as it is, unless a later plugin
 * replaces it; what becomes of others {@link ErrorTexts} says.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Holds leases and places between {@code before} and {@code after}; {@link #close()} ends
 * them where {@code after} cannot be reached, and the object can be used on.
 *
 * <p><b>Cost.</b> Nothing is allocated for a query that the filters leave alone.
 */
public final class QueryExecution implements AutoCloseable {
    /** The result that stands for one that no plugin of this query can look at: no fields, no rows. */
    public static final byte[] UNSEEN_RESULT = new byte[0];

    private static final byte[] BEFORE_PREFIX =
            "error from wasm plugin at before execution stage: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] AFTER_PREFIX =
            "error from wasm plugin at after execution stage: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] UNKNOWN_ERROR = "unknown error in wasm plugin".getBytes(StandardCharsets.UTF_8);

    /** How far the stage before a query has come. */
    public enum Stage {
        /** The query is to be executed. */
        EXECUTE,
        /** A filter refused the query. */
        REFUSED,
        /** What comes next may take its time: {@link QueryExecution#beforeRest()}, on another thread. */
        WAITING
    }

    /** A filter that is to be told of the end of the query; used again for every query. */
    private static final class Step {
        @Nullable
        SqlFilter filter;

        @Nullable
        SqlLease lease;

        @Nullable
        ConcurrencyControl place;

        boolean trial;
        boolean atHand;
        long nanos;
        FilterOutcome outcome = FilterOutcome.PASSED;

        FilterBreaker breaker() {
            return Objects.requireNonNull(filter, "filter").breaker();
        }
    }

    private final ErrorTexts errorTexts;
    private final @Nullable PluginWatch watch;

    private FilterChain chain = FilterChain.empty();
    private @Nullable SqlRequest request;
    private int next;

    /** An instance for the next filter, taken before it was known whether it is at hand. */
    private @Nullable SqlLease taken;

    private Step[] called = {new Step(), new Step()};
    private int calledCount;
    private boolean open;

    private byte[] query = UNSEEN_RESULT;
    private int queryOffset;
    private int queryLength;
    private boolean queryChanged;
    private byte[] rewritten = UNSEEN_RESULT;

    private byte @Nullable [] error;
    private int errorCode = SqlError.UNKNOWN_ERROR;
    private String errorState = SqlError.GENERAL_ERROR;
    /** Whether a plugin gave the error its code, so that no prefix is put before its text. */
    private boolean errorHasCode;

    private boolean retryable;
    private byte @Nullable [] result;
    private boolean errorChanged;
    private boolean resultChanged;
    private boolean filtered;
    private long fuelOfEnded;
    private String slowestPlugin = "";
    private long slowestNanos;
    private @Nullable PluginException failure;

    /** An execution that has not begun, with WeScale's error texts. */
    public QueryExecution() {
        this(ErrorTexts.COMPATIBLE);
    }

    /** An execution that has not begun. */
    public QueryExecution(ErrorTexts errorTexts) {
        this.errorTexts = Objects.requireNonNull(errorTexts, "errorTexts");
        this.watch = null;
    }

    /** An execution that has not begun, whose plugins are watched. */
    public QueryExecution(ErrorTexts errorTexts, PluginWatch watch) {
        this.errorTexts = Objects.requireNonNull(errorTexts, "errorTexts");
        this.watch = Objects.requireNonNull(watch, "watch");
    }

    /**
     * Calls the filters of a chain before the query is executed.
     *
     * @return whether the query is to be executed; {@link #after(byte[], byte[])} follows either way
     * @throws IllegalStateException if the query before has not ended
     */
    public boolean before(FilterChain chain, SqlRequest request) {
        open(chain, request);
        return proceed(false) == Stage.EXECUTE;
    }

    /**
     * As {@link #before}, as far as it takes little time and waits for nothing: up to a text that the parser has to be asked about, a place
     * that may have to be waited for, or a plugin that the watch does not call quick or of which no instance is at hand.
     *
     * @return WAITING if {@link #beforeRest()} has to follow
     * @throws IllegalStateException if the query before has not ended
     */
    public Stage beforeAtOnce(FilterChain chain, SqlRequest request) {
        open(chain, request);
        return proceed(true);
    }

    /**
     * Goes on where {@link #beforeAtOnce} stopped.
     *
     * @return whether the query is to be executed
     * @throws IllegalStateException if no query is in execution
     */
    public boolean beforeRest() {
        if (!open) {
            throw new IllegalStateException("no query is in execution; call beforeAtOnce first");
        }
        return proceed(false) == Stage.EXECUTE;
    }

    private void open(FilterChain filters, SqlRequest sql) {
        if (open) {
            throw new IllegalStateException("a query is in execution; call after or close before the next one begins");
        }
        begin(sql);
        chain = filters;
        request = sql;
        next = 0;
    }

    private Stage proceed(boolean atOnce) {
        FilterChain filters = chain;
        SqlRequest sql = Objects.requireNonNull(request, "request");
        boolean complete = false;
        try {
            for (; next < filters.size(); next++) {
                SqlFilter filter = filters.get(next);
                if (atOnce && filter.pattern().classifies() && !sql.isClassified()) {
                    complete = true;
                    return Stage.WAITING;
                }
                if (!filter.pattern().matches(sql)) {
                    continue;
                }
                if (atOnce && mayWait(filter.action(), sql)) {
                    complete = true;
                    return Stage.WAITING;
                }
                if (!apply(filter, sql)) {
                    break;
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
        return error == null ? Stage.EXECUTE : Stage.REFUSED;
    }

    /** Whether a filter's action may take longer than looking for it. */
    private boolean mayWait(FilterAction action, SqlRequest sql) {
        if (action instanceof FilterAction.WasmPlugin call) {
            PluginWatch judge = watch;
            if (judge == null || !judge.isQuick(call.plugin())) {
                return true;
            }
            SqlLease lease = call.plugin().tryAcquireSql();
            taken = lease;
            return lease == null || !lease.isAtHand() || (!sql.isClassified() && RequestProperties.needParser(lease));
        }
        return action instanceof ConcurrencyControl;
    }

    private void dropTaken() {
        SqlLease lease = taken;
        taken = null;
        if (lease != null) {
            lease.close();
        }
    }

    private void begin(SqlRequest request) {
        open = true;
        query = request.bytes();
        queryOffset = request.offset();
        queryLength = request.length();
        queryChanged = false;
        error = null;
        result = null;
        errorChanged = false;
        resultChanged = false;
        filtered = false;
        fuelOfEnded = 0;
        slowestPlugin = "";
        slowestNanos = 0;
        failure = null;
        retryable = false;
    }

    /** Does what a filter does before the query; false if that stops the stage. */
    private boolean apply(SqlFilter filter, SqlRequest request) {
        FilterAction action = filter.action();
        if (action instanceof FilterAction.WasmPlugin call) {
            return callBefore(filter, call.plugin(), request);
        }
        if (action instanceof ConcurrencyControl control) {
            return enter(filter, control);
        }
        boolean retry = action instanceof FilterAction.FailRetry;
        if (retry || action instanceof FilterAction.Fail) {
            refuse("disallowed due to rule: " + filter.name());
            applied(filter, FilterOutcome.REFUSED);
            retryable = retry;
            return false;
        }
        return true;
    }

    private boolean enter(SqlFilter filter, ConcurrencyControl control) {
        SqlError refused = control.enter();
        if (refused == null) {
            remember(filter).place = control;
            return true;
        }
        refuse(refused.message());
        applied(filter, FilterOutcome.REFUSED);
        errorCode = refused.code();
        errorState = refused.sqlState();
        return false;
    }

    private void refuse(String message) {
        filtered = true;
        setError(message.getBytes(StandardCharsets.UTF_8));
    }

    private boolean callBefore(SqlFilter filter, Plugin plugin, SqlRequest request) {
        FilterBreaker.Permit permit = filter.breaker().enter();
        if (permit == FilterBreaker.Permit.REFUSED) {
            dropTaken();
            if (plugin.config().failPolicy() == FailPolicy.OPEN) {
                return true;
            }
            refuse(filter.breaker().message(filter.name(), plugin.name()));
            applied(filter, FilterOutcome.FAILED);
            return false;
        }
        Step step = remember(filter);
        step.trial = permit == FilterBreaker.Permit.TRY;
        SqlLease lease;
        try {
            SqlLease known = taken;
            taken = null;
            lease = known == null ? plugin.acquireSql() : known;
        } catch (PluginException e) {
            step.outcome = FilterOutcome.FAILED;
            forget(step);
            return goOnAfter(e, plugin.config().failPolicy());
        }
        step.lease = lease;
        step.atHand = lease.isAtHand();
        try {
            if (!lease.config().grants().isEmpty()) {
                RequestProperties.give(lease, request);
            }
            long began = now();
            try {
                lease.before(query, queryOffset, queryLength);
            } finally {
                step.nanos = now() - began;
            }
        } catch (PluginException e) {
            FailPolicy policy = lease.config().failPolicy();
            step.breaker().failed(step.trial);
            step.trial = false;
            step.outcome = FilterOutcome.FAILED;
            forget(step);
            return goOnAfter(e, policy);
        }
        filtered = true;
        if (lease.hasError()) {
            step.outcome = FilterOutcome.REFUSED;
            takeErrorOf(lease, BEFORE_PREFIX);
            return false;
        }
        if (lease.queryChanged()) {
            step.outcome = FilterOutcome.CHANGED;
            takeQueryOf(lease);
        }
        return true;
    }

    private void applied(@Nullable SqlFilter filter, FilterOutcome outcome) {
        PluginWatch judge = watch;
        if (judge != null && filter != null) {
            judge.applied(filter, outcome);
        }
    }

    private long now() {
        return watch == null ? 0 : System.nanoTime();
    }

    private boolean goOnAfter(PluginException e, FailPolicy policy) {
        failure = e;
        if (policy == FailPolicy.OPEN) {
            return true;
        }
        filtered = true;
        setError(textOf(e));
        return false;
    }

    private void takeQueryOf(SqlLease lease) {
        int length = lease.queryLength();
        if (rewritten.length < length) {
            rewritten = new byte[length + (length >> 1)];
        }
        lease.copyQuery(rewritten, 0);
        query = rewritten;
        queryOffset = 0;
        queryLength = length;
        queryChanged = true;
    }

    private void takeErrorOf(SqlLease lease, byte[] prefix) {
        boolean coded = lease.hasErrorCode();
        setError(coded ? lease.error() : join(prefix, lease.error()));
        if (coded) {
            errorCode = lease.errorCode();
            errorState = lease.sqlState();
            errorHasCode = true;
        }
    }

    /** Puts an error of 1105, HY000 in the place of what was there. */
    private void setError(byte[] text) {
        error = text;
        errorCode = SqlError.UNKNOWN_ERROR;
        errorState = SqlError.GENERAL_ERROR;
        errorHasCode = false;
        errorChanged = true;
        retryable = false;
    }

    /**
     * Calls the remembered filters after the query was executed, or was rejected.
     *
     * @param executionError the database's error in UTF-8, or null; must be null if the query was rejected
     * @param executionResult the database's result as {@link QueryResult} serializes it, {@link #UNSEEN_RESULT} if not
     *     {@link #wantsResult()}, or null if there is none; must be null if the query was rejected
     * @throws IllegalStateException if no query is in execution, or a rejected one was executed
     */
    public void after(byte @Nullable [] executionError, byte @Nullable [] executionResult) {
        if (!open) {
            throw new IllegalStateException("no query is in execution; call before first");
        }
        if (error == null) {
            error = executionError;
            errorCode = SqlError.UNKNOWN_ERROR;
            errorState = SqlError.GENERAL_ERROR;
            errorHasCode = false;
            result = executionResult;
        } else if (executionError != null || executionResult != null) {
            close();
            throw new IllegalStateException("the query was rejected, yet after was given what came of executing it");
        }
        endAll();
    }

    /**
     * As {@link #after(byte[], byte[])} for a query whose execution failed, with the code and SQLSTATE of the database's error: they are
     * what {@link #error()} gives if no plugin touches it.
     *
     * @throws IllegalStateException if no query is in execution, or it was rejected
     */
    public void afterFailure(SqlError executionError) {
        Objects.requireNonNull(executionError, "executionError");
        if (open && error == null) {
            error = executionError.message().getBytes(StandardCharsets.UTF_8);
            errorCode = executionError.code();
            errorState = executionError.sqlState();
            errorHasCode = false;
            endAll();
        } else {
            after(executionError.message().getBytes(StandardCharsets.UTF_8), null);
        }
    }

    private void endAll() {
        try {
            while (calledCount > 0) {
                Step step = called[calledCount - 1];
                SqlLease lease = step.lease;
                if (lease != null) {
                    callAfter(step, lease);
                }
                forget(step);
            }
        } finally {
            close();
        }
    }

    private void callAfter(Step step, SqlLease lease) {
        long began = now();
        try {
            lease.after(error, result);
        } catch (PluginException e) {
            step.nanos += now() - began;
            step.breaker().failed(step.trial);
            step.trial = false;
            failure = e;
            step.outcome = FilterOutcome.FAILED;
            if (lease.config().failPolicy() == FailPolicy.CLOSED) {
                setError(textOf(e));
                result = null;
            }
            return;
        }
        step.nanos += now() - began;
        step.breaker().succeeded(step.trial);
        step.trial = false;
        boolean hadError = error != null;
        if (step.outcome == FilterOutcome.PASSED) {
            if (lease.errorChanged() && lease.hasError() && !hadError) {
                step.outcome = FilterOutcome.REFUSED;
            } else if (lease.resultChanged() || lease.errorChanged()) {
                step.outcome = FilterOutcome.CHANGED;
            }
        }
        if (lease.resultChanged()) {
            result = lease.result();
            resultChanged = true;
        } else if (!lease.hasResult()) {
            result = null;
        }
        if (lease.hasError()) {
            boolean kept = error != null && !lease.errorChanged() && (errorHasCode || errorTexts == ErrorTexts.KEPT);
            if (!kept) {
                takeErrorOf(lease, AFTER_PREFIX);
            }
        } else if (result == null) {
            setError(UNKNOWN_ERROR);
        } else {
            errorChanged |= error != null;
            error = null;
            retryable = false;
        }
    }

    /** Ends the leases and places of a query that will not reach {@code after}. What is known of the query stays readable. */
    @Override
    public void close() {
        while (calledCount > 0) {
            forget(called[calledCount - 1]);
        }
        dropTaken();
        request = null;
        open = false;
    }

    /** Whether at least one filter took part: called a plugin, or refused the query. */
    public boolean isFiltered() {
        return filtered;
    }

    /** Whether a plugin of this query can read results, so that {@code after} needs the real one; between before and after. */
    public boolean wantsResult() {
        for (int i = 0; i < calledCount; i++) {
            SqlLease lease = called[i].lease;
            if (lease != null && lease.readsResults()) {
                return true;
            }
        }
        return false;
    }

    /** The bytes that the result for {@code after} may have: the smallest result limit of the plugins that want it. */
    public int maxResultBytes() {
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < calledCount; i++) {
            SqlLease lease = called[i].lease;
            if (lease != null && lease.readsResults()) {
                least = Math.min(least, lease.config().limits().maxResultBytes());
            }
        }
        return least;
    }

    /** Whether a plugin replaced the query. */
    public boolean queryChanged() {
        return queryChanged;
    }

    /** The array that the query to execute lies in, from {@link #queryOffset()} for {@link #queryLength()} bytes; valid until the next {@code before}. */
    public byte[] viewQuery() {
        return query;
    }

    /** Where the query to execute begins in {@link #viewQuery()}. */
    public int queryOffset() {
        return queryOffset;
    }

    /** The bytes of the query to execute. */
    public int queryLength() {
        return queryLength;
    }

    /** The query to execute. */
    public String queryText() {
        return new String(query, queryOffset, queryLength, StandardCharsets.UTF_8);
    }

    /** Whether a filter made, replaced or cleared the error. */
    public boolean errorChanged() {
        return errorChanged;
    }

    /** The error that the client gets, or null. */
    public @Nullable SqlError error() {
        byte[] text = error;
        return text == null ? null : new SqlError(errorCode, errorState, new String(text, StandardCharsets.UTF_8));
    }

    /** Whether the error is that of a filter that asks the client to try again, and no later one replaced it. */
    public boolean isRetryable() {
        return error != null && retryable;
    }

    /** Whether a plugin replaced the result. */
    public boolean resultChanged() {
        return resultChanged;
    }

    /** The serialized result, the one given to {@code after} or a plugin's; null if there is none. */
    public byte @Nullable [] result() {
        return result;
    }

    /** The fuel that all plugins have used for this query. */
    public long fuelUsed() {
        long fuel = fuelOfEnded;
        for (int i = 0; i < calledCount; i++) {
            SqlLease lease = called[i].lease;
            fuel += lease == null ? 0 : lease.fuelUsed();
        }
        return fuel;
    }

    /** The name of the plugin that took longest for this query; empty if none was called, or none is watched. */
    public String slowestPlugin() {
        return slowestPlugin;
    }

    /** The nanoseconds that it took, before and after together. */
    public long slowestNanos() {
        return slowestNanos;
    }

    /** The last failure of a plugin in this query, whatever its fail policy made of it; null if none failed. */
    public @Nullable PluginException failure() {
        return failure;
    }

    private Step remember(SqlFilter filter) {
        if (calledCount == called.length) {
            called = Arrays.copyOf(called, calledCount * 2);
            for (int i = calledCount; i < called.length; i++) {
                called[i] = new Step();
            }
        }
        Step step = called[calledCount++];
        step.filter = filter;
        return step;
    }

    /** Ends the last step. */
    private void forget(Step step) {
        calledCount--;
        SqlLease lease = step.lease;
        ConcurrencyControl place = step.place;
        step.lease = null;
        step.place = null;
        if (place != null) {
            place.leave();
        }
        step.breaker().abandoned(step.trial);
        step.trial = false;
        SqlFilter filter = step.filter;
        step.filter = null;
        if (lease != null) {
            long fuel = lease.fuelUsed();
            fuelOfEnded += fuel;
            lease.close();
            PluginWatch judge = watch;
            if (judge != null && filter != null && filter.action() instanceof FilterAction.WasmPlugin call) {
                judge.called(call.plugin(), step.nanos, fuel, step.atHand);
                if (step.nanos > slowestNanos) {
                    slowestNanos = step.nanos;
                    slowestPlugin = call.plugin().name();
                }
            }
        }
        applied(filter, step.outcome);
        step.outcome = FilterOutcome.PASSED;
        step.nanos = 0;
    }

    private static byte[] textOf(PluginException e) {
        return String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] join(byte[] prefix, byte[] text) {
        byte[] joined = Arrays.copyOf(prefix, prefix.length + text.length);
        System.arraycopy(text, 0, joined, prefix.length, text.length);
        return joined;
    }
}
