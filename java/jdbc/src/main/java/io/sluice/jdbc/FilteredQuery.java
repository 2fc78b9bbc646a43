package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultTooLargeException;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One query on its way through the filters. */
final class FilteredQuery {
    /** The driver's side of a query. */
    interface Database {
        /**
         * Runs a text.
         *
         * @param forPlugins whether plugins will read the result, so that it had better be one that can be read twice
         */
        Outcome run(String sql, boolean forPlugins) throws SQLException;

        /** The generated keys of the text that was run; null if the application asked for none. */
        @Nullable
        ResultSet keys() throws SQLException;
    }

    private final QueryExecution execution;
    private final Filtering filtering;
    private final Answered owner;
    private final String sent;

    private @Nullable String executed;
    private @Nullable CopiedRows copied;
    private @Nullable CopiedRows copiedKeys;
    private boolean keysAreRows;
    private @Nullable ResultSet keys;
    private byte @Nullable [] shown;
    private boolean resultWasRead;
    private boolean answerIsOurs;
    private long filterNanos;
    private long databaseNanos;

    FilteredQuery(QueryExecution execution, Filtering filtering, Answered owner, String sent) {
        this.execution = execution;
        this.filtering = filtering;
        this.owner = owner;
        this.sent = sent;
    }

    /** Whether the answer stands for the driver's current result. */
    boolean answerIsOurs() {
        return answerIsOurs;
    }

    /** Whether the driver's result was read for plugins. */
    boolean resultWasRead() {
        return resultWasRead;
    }

    /** The keys that stand for the driver's; null if those count. */
    @Nullable
    ResultSet keys() {
        return keys;
    }

    Outcome run(FilterChain chain, SqlRequest request, Database database) throws SQLException {
        long start = now();
        boolean execute = execution.before(chain, request);
        filterNanos = now() - start;
        return execute ? runInDatabase(database) : rejected();
    }

    private Outcome rejected() throws SQLException {
        answerIsOurs = true;
        after(null, null);
        return answer(Outcome.NONE, null);
    }

    private Outcome runInDatabase(Database database) throws SQLException {
        String text = execution.queryChanged() ? execution.queryText() : sent;
        executed = text;
        long start = now();
        Outcome outcome = Outcome.NONE;
        byte[] result = QueryExecution.UNSEEN_RESULT;
        Exception failed = null;
        try {
            boolean forPlugins = execution.wantsResult();
            outcome = database.run(text, forPlugins);
            if (forPlugins) {
                resultWasRead = true;
                result = serialize(outcome, database);
                shown = result;
            }
        } catch (SQLException | ResultTooLargeException e) {
            failed = e;
        }
        databaseNanos = now() - start;
        if (!execution.isFiltered()) {
            if (failed instanceof SQLException e) {
                throw e;
            }
            return outcome;
        }
        if (failed == null) {
            after(null, result);
        } else {
            after(Errors.textOf(failed), null);
        }
        return answer(outcome, failed);
    }

    private byte[] serialize(Outcome outcome, Database database) throws SQLException {
        ResultSet rows = outcome.rows();
        if (rows == null) {
            return serializeCount(Math.max(0, outcome.count()), database.keys());
        }
        try {
            CopiedRows copy = CopiedRows.read(rows, execution.maxResultBytes());
            copied = copy;
            return copy.serialized();
        } catch (SQLException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /**
     * A count, with the keys that the application asked for.
     *
     * <p>The one number that a table's counter made is the result's insert id, as in MySQL. What else is handed out as a key may be any
     * column of the row, so plugins see it as rows, or it would be a way round a plugin that masks that column.
     */
    private byte[] serializeCount(long count, @Nullable ResultSet asked) throws SQLException {
        if (asked == null) {
            return QueryResultWriter.ofUpdate(count, 0);
        }
        try {
            CopiedRows copy = CopiedRows.read(asked, execution.maxResultBytes(), count);
            copiedKeys = copy;
            keysAreRows = !isCounter(copy, asked);
            return keysAreRows ? copy.serialized() : QueryResultWriter.ofUpdate(count, insertId(copy));
        } catch (SQLException | RuntimeException e) {
            asked.close();
            throw e;
        }
    }

    private static boolean isCounter(CopiedRows copy, ResultSet rows) throws SQLException {
        List<ResultField> fields = copy.fields();
        if (fields.isEmpty()) {
            return true;
        }
        boolean whole = switch (fields.get(0).type()) {
            case INT8, UINT8, INT16, UINT16, INT24, UINT24, INT32, UINT32, INT64, UINT64 -> true;
            default -> false;
        };
        return fields.size() == 1
                && whole
                && (fields.get(0).table().isEmpty() || rows.getMetaData().isAutoIncrement(1));
    }

    private static long insertId(CopiedRows keys) {
        QueryResult result = QueryResult.parse(keys.serialized());
        byte[] first = result.rowCount() == 0 ? null : result.row(0).copyBytes(0);
        try {
            return first == null ? 0 : Long.parseUnsignedLong(new String(first, StandardCharsets.UTF_8));
        } catch (NumberFormatException e) {
            return 0; // a negative one: MySQL has none to report, either
        }
    }

    private void after(byte @Nullable [] error, byte @Nullable [] result) {
        long start = now();
        execution.after(error, result);
        filterNanos += now() - start;
    }

    /** What the application gets, after all filters have spoken. */
    private Outcome answer(Outcome database, @Nullable Exception failed) throws SQLException {
        SqlError error = execution.error();
        if (error != null) {
            database.close();
            if (failed instanceof SQLException e && !execution.errorChanged()) {
                throw e;
            }
            throw Errors.toException(error, failed == null ? execution.failure() : failed);
        }
        byte[] result = execution.result();
        boolean changed = execution.resultChanged() && !Arrays.equals(result, shown);
        if (result != null && (changed || failed != null)) {
            if (copied == null) {
                database.close();
            }
            answerIsOurs = true;
            return replacement(result);
        }
        if (copied != null) {
            answerIsOurs = true;
            return Outcome.ofRows(copied.toResultSet(owner));
        }
        if (copiedKeys != null) {
            keys = copiedKeys.toResultSet(owner);
        }
        return database;
    }

    private Outcome replacement(byte[] result) throws SQLException {
        QueryResult parsed;
        try {
            parsed = QueryResult.parse(result);
        } catch (RuntimeException e) {
            throw Errors.toException(SqlError.of("a plugin made a " + e.getMessage()), e);
        }
        if (copiedKeys != null && keysAreRows) {
            keys = CopiedRows.toResultSet(parsed, copiedKeys, owner);
            return Outcome.ofCount(parsed.rowsAffected());
        }
        if (copiedKeys != null) {
            keys = copiedKeys.toResultSet(owner);
        }
        if (!parsed.hasFields()) {
            return Outcome.ofCount(parsed.rowsAffected());
        }
        return Outcome.ofRows(CopiedRows.toResultSet(parsed, copied, owner));
    }

    private long now() {
        return filtering.listener() == null ? 0 : System.nanoTime();
    }

    /** Tells the listener what became of the query. */
    void report(@Nullable SQLException thrown) {
        QueryListener listener = filtering.listener();
        if (listener == null) {
            return;
        }
        SqlError error = thrown == null ? null : Errors.toSqlError(thrown);
        filtering.report(
                listener,
                new QueryEvent(
                        sent,
                        executed,
                        execution.queryChanged(),
                        execution.resultChanged(),
                        error,
                        execution.failure(),
                        execution.fuelUsed(),
                        filterNanos,
                        databaseNanos));
    }
}
