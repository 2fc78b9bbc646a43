package io.sluice.sql;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.SqlLease;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 * filter was not there.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> Holds leases between {@code before} and {@code after}; {@link #close()} ends them where
 * {@code after} cannot be reached, and the object can be used on.
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

    private SqlLease[] called = new SqlLease[4];
    private int calledCount;
    private boolean open;

    private byte[] query = UNSEEN_RESULT;
    private int queryOffset;
    private int queryLength;
    private boolean queryChanged;
    private byte[] rewritten = UNSEEN_RESULT;

    private byte @Nullable [] error;
    private byte @Nullable [] result;
    private boolean errorChanged;
    private boolean resultChanged;
    private boolean filtered;
    private long fuelOfEnded;
    private @Nullable PluginException failure;

    /** An execution that has not begun. */
    public QueryExecution() {}

    /**
     * Calls the filters of a chain before the query is executed.
     *
     * @return whether the query is to be executed; {@link #after(byte[], byte[])} follows either way
     * @throws IllegalStateException if the query before has not ended
     */
    public boolean before(FilterChain chain, SqlRequest request) {
        if (open) {
            throw new IllegalStateException("a query is in execution; call after or close before the next one begins");
        }
        begin(request);
        boolean complete = false;
        try {
            for (int i = 0; i < chain.size(); i++) {
                SqlFilter filter = chain.get(i);
                if (filter.pattern().matches(request) && !callBefore(filter)) {
                    break;
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
        return error == null;
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
        failure = null;
    }

    /** Calls one filter; false if it stops the stage. */
    private boolean callBefore(SqlFilter filter) {
        // The only action there is.
        Plugin plugin = ((FilterAction.WasmPlugin) filter.action()).plugin();
        SqlLease lease;
        try {
            lease = plugin.acquireSql();
        } catch (PluginException e) {
            return goOnAfter(e, plugin.config().failPolicy());
        }
        remember(lease);
        try {
            lease.before(query, queryOffset, queryLength);
        } catch (PluginException e) {
            calledCount--;
            FailPolicy policy = lease.config().failPolicy();
            end(lease);
            return goOnAfter(e, policy);
        }
        filtered = true;
        if (lease.hasError()) {
            error = join(BEFORE_PREFIX, lease.error());
            errorChanged = true;
            return false;
        }
        if (lease.queryChanged()) {
            takeQueryOf(lease);
        }
        return true;
    }

    private boolean goOnAfter(PluginException e, FailPolicy policy) {
        failure = e;
        if (policy == FailPolicy.OPEN) {
            return true;
        }
        filtered = true;
        error = textOf(e);
        errorChanged = true;
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
            result = executionResult;
        } else if (executionError != null || executionResult != null) {
            close();
            throw new IllegalStateException("the query was rejected, yet after was given what came of executing it");
        }
        try {
            while (calledCount > 0) {
                calledCount--;
                SqlLease lease = called[calledCount];
                try {
                    callAfter(lease);
                } finally {
                    end(lease);
                }
            }
        } finally {
            close();
        }
    }

    private void callAfter(SqlLease lease) {
        try {
            lease.after(error, result);
        } catch (PluginException e) {
            failure = e;
            if (lease.config().failPolicy() == FailPolicy.CLOSED) {
                error = textOf(e);
                errorChanged = true;
                result = null;
            }
            return;
        }
        if (lease.resultChanged()) {
            result = lease.result();
            resultChanged = true;
        } else if (!lease.hasResult()) {
            result = null;
        }
        if (lease.hasError()) {
            error = join(AFTER_PREFIX, lease.error());
            errorChanged = true;
        } else if (result == null) {
            error = UNKNOWN_ERROR;
            errorChanged = true;
        } else {
            errorChanged |= error != null;
            error = null;
        }
    }

    /** Ends the leases of a query that will not reach {@code after}. What is known of the query stays readable. */
    @Override
    public void close() {
        while (calledCount > 0) {
            calledCount--;
            end(called[calledCount]);
        }
        open = false;
    }

    /** Whether at least one filter took part: was called, or failed closed. */
    public boolean isFiltered() {
        return filtered;
    }

    /** Whether a plugin of this query can read results, so that {@code after} needs the real one; between before and after. */
    public boolean wantsResult() {
        for (int i = 0; i < calledCount; i++) {
            if (called[i].readsResults()) {
                return true;
            }
        }
        return false;
    }

    /** The bytes that the result for {@code after} may have: the smallest result limit of the plugins that want it. */
    public int maxResultBytes() {
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < calledCount; i++) {
            if (called[i].readsResults()) {
                least = Math.min(least, called[i].config().limits().maxResultBytes());
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
        return text == null ? null : SqlError.of(new String(text, StandardCharsets.UTF_8));
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
            fuel += called[i].fuelUsed();
        }
        return fuel;
    }

    /** The last failure of a plugin in this query, whatever its fail policy made of it; null if none failed. */
    public @Nullable PluginException failure() {
        return failure;
    }

    private void remember(SqlLease lease) {
        if (calledCount == called.length) {
            called = Arrays.copyOf(called, calledCount * 2);
        }
        called[calledCount++] = lease;
    }

    private void end(SqlLease lease) {
        fuelOfEnded += lease.fuelUsed();
        lease.close();
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
