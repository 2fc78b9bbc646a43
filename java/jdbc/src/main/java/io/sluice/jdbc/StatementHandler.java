package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultTooLargeException;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.lang.reflect.Method;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A statement whose texts go through the filter chain when they are executed. */
class StatementHandler extends Delegating {
    /** Runs a text on the driver's statement and tells what it gave. */
    interface Runner {
        Outcome run(String sql) throws SQLException;
    }

    private final Connection connection;
    private final Filtering filtering;
    private final QueryExecution execution = new QueryExecution();
    private final SqlRequest request = new SqlRequest();
    private final List<String> batch = new ArrayList<>();

    /** What stands for the driver's own current result; null if the driver's is what counts. */
    private @Nullable Outcome override;

    /** The driver's current result and the one that the application has for it. */
    private @Nullable ResultSet driverRows;

    private @Nullable ResultSet driverRowsOfOurs;

    private boolean resultWasRead;

    StatementHandler(Statement delegate, Connection connection, Filtering filtering) {
        super(delegate);
        this.connection = connection;
        this.filtering = filtering;
    }

    /** The driver's statement that the last text was executed on. */
    final Statement statement() {
        return (Statement) target();
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        return switch (method.getName()) {
            case "executeQuery" ->
                ours(execute(textOf(args), sql -> rowsOf(run(method, args, sql)))
                        .requireRows());
            case "executeUpdate" ->
                (int) execute(textOf(args), sql -> countOf(run(method, args, sql)))
                        .requireCount();
            case "executeLargeUpdate" ->
                execute(textOf(args), sql -> countOf(run(method, args, sql))).requireCount();
            case "execute" ->
                execute(textOf(args), sql -> currentOf(run(method, args, sql))).rows() != null;
            case "addBatch" -> {
                batch.add(textOf(args));
                yield null;
            }
            case "clearBatch" -> {
                batch.clear();
                yield null;
            }
            case "executeBatch" -> toInts(executeBatch());
            case "executeLargeBatch" -> executeBatch();
            case "getResultSet" -> override == null ? ours((ResultSet) pass(method, args)) : override.rows();
            case "getGeneratedKeys" -> ours((ResultSet) pass(method, args));
            case "getUpdateCount" -> override == null ? pass(method, args) : (Object) (int) override.count();
            case "getLargeUpdateCount" -> override == null ? pass(method, args) : (Object) override.count();
            case "getMoreResults" -> moreResults(method, args);
            case "getConnection" -> connection;
            case "close" -> close(method, args);
            default -> pass(method, args);
        };
    }

    /** The same result with the filtered statement as its statement. */
    private @Nullable ResultSet ours(@Nullable ResultSet rows) {
        if (rows == null || CopiedResultSet.isCopy(rows)) {
            return rows;
        }
        if (rows != driverRows) {
            driverRows = rows;
            driverRowsOfOurs = DriverResultSet.of(rows, (Statement) self());
        }
        return driverRowsOfOurs;
    }

    /** The text that a call executes. */
    String textOf(Object[] args) {
        return (String) Objects.requireNonNull(args[0], "sql");
    }

    /** Calls the method on the driver's statement with another text in the place of the first argument. */
    @Nullable
    Object run(Method method, Object[] args, String sql) throws SQLException {
        Object[] changed = args.clone();
        changed[0] = sql;
        return pass(method, changed);
    }

    @Nullable
    Object close(Method method, Object[] args) throws SQLException {
        Outcome replaced = override;
        override = null;
        if (replaced != null) {
            replaced.close();
        }
        return pass(method, args);
    }

    private static Outcome rowsOf(@Nullable Object rows) {
        return Outcome.ofRows((ResultSet) Objects.requireNonNull(rows, "rows"));
    }

    private static Outcome countOf(@Nullable Object count) {
        return Outcome.ofCount(((Number) Objects.requireNonNull(count, "count")).longValue());
    }

    private Outcome currentOf(@Nullable Object hasRows) throws SQLException {
        return Boolean.TRUE.equals(hasRows)
                ? Outcome.ofRows(statement().getResultSet())
                : Outcome.ofCount(largeUpdateCount());
    }

    private long largeUpdateCount() throws SQLException {
        try {
            return statement().getLargeUpdateCount();
        } catch (SQLFeatureNotSupportedException | UnsupportedOperationException e) {
            return statement().getUpdateCount();
        }
    }

    /** Puts a text through the filters and, if they let it, to the database. */
    final Outcome execute(String sql, Runner runner) throws SQLException {
        if (override != null) {
            override.close();
            override = null;
        }
        resultWasRead = false;
        FilterChain chain = filtering.filters().chain();
        if (chain.isEmpty() && filtering.listener() == null) {
            return runner.run(sql);
        }
        FilteredQuery query = new FilteredQuery(sql, filtering.listener() != null);
        try {
            Outcome outcome = query.run(chain, runner);
            query.report(null);
            return outcome;
        } catch (SQLException e) {
            query.report(e);
            throw e;
        } finally {
            execution.close();
        }
    }

    /** One query on its way through the filters. */
    private final class FilteredQuery {
        private final String sent;
        private final boolean timed;
        private @Nullable String executed;
        private @Nullable CopiedRows copied;
        private long filterNanos;
        private long databaseNanos;

        FilteredQuery(String sent, boolean timed) {
            this.sent = sent;
            this.timed = timed;
        }

        Outcome run(FilterChain chain, Runner runner) throws SQLException {
            long start = now();
            boolean execute = execution.before(chain, request.text(sent));
            filterNanos = now() - start;
            return execute ? runInDatabase(runner) : rejected();
        }

        private Outcome rejected() throws SQLException {
            closeCurrent();
            after(null, null);
            return answer(Outcome.NONE, null, null);
        }

        private Outcome runInDatabase(Runner runner) throws SQLException {
            String text = execution.queryChanged() ? execution.queryText() : sent;
            executed = text;
            long start = now();
            Outcome outcome = Outcome.NONE;
            byte[] result = QueryExecution.UNSEEN_RESULT;
            Exception failed = null;
            try {
                outcome = runner.run(text);
                if (execution.wantsResult()) {
                    resultWasRead = true;
                    result = serialize(outcome);
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
            return answer(outcome, copied, failed);
        }

        private byte[] serialize(Outcome outcome) throws SQLException {
            ResultSet rows = outcome.rows();
            if (rows == null) {
                return QueryResultWriter.ofUpdate(Math.max(0, outcome.count()), 0);
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

        private void after(byte @Nullable [] error, byte @Nullable [] result) {
            long start = now();
            execution.after(error, result);
            filterNanos += now() - start;
        }

        /** What the application gets, after all filters have spoken. */
        private Outcome answer(Outcome database, @Nullable CopiedRows copy, @Nullable Exception failed)
                throws SQLException {
            SqlError error = execution.error();
            if (error != null) {
                database.close();
                if (failed instanceof SQLException e && !execution.errorChanged()) {
                    throw e;
                }
                throw Errors.toException(error, failed == null ? execution.failure() : failed);
            }
            byte[] result = execution.result();
            if (result != null && (execution.resultChanged() || failed != null)) {
                Outcome replaced = replacement(result, copy);
                if (copy == null) {
                    database.close();
                }
                override = replaced;
                return replaced;
            }
            if (copy != null) {
                Outcome replaced = Outcome.ofRows(copy.toResultSet((Statement) self()));
                override = replaced;
                return replaced;
            }
            return database;
        }

        private Outcome replacement(byte[] result, @Nullable CopiedRows copy) throws SQLException {
            QueryResult parsed;
            try {
                parsed = QueryResult.parse(result);
            } catch (RuntimeException e) {
                throw Errors.toException(SqlError.of("a plugin made a " + e.getMessage()), e);
            }
            if (!parsed.hasFields()) {
                return Outcome.ofCount(parsed.rowsAffected());
            }
            return Outcome.ofRows(CopiedRows.of(parsed, copy).toResultSet((Statement) self()));
        }

        private long now() {
            return timed ? System.nanoTime() : 0;
        }

        void report(@Nullable SQLException thrown) {
            QueryListener listener = filtering.listener();
            if (listener != null) {
                SqlError error = thrown == null
                        ? null
                        : new SqlError(
                                thrown.getErrorCode(),
                                Objects.requireNonNullElse(thrown.getSQLState(), SqlError.GENERAL_ERROR),
                                String.valueOf(thrown.getMessage()));
                listener.onQuery(new QueryEvent(
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
    }

    /** What the last execution gave is over, as it is when a text is executed. */
    private void closeCurrent() throws SQLException {
        override = Outcome.NONE;
        ResultSet rows = driverRows;
        driverRows = null;
        driverRowsOfOurs = null;
        if (rows != null) {
            rows.close();
        }
    }

    private @Nullable Object moreResults(Method method, Object[] args) throws SQLException {
        Outcome replaced = override;
        if (replaced == null && !resultWasRead) {
            return pass(method, args);
        }
        override = Outcome.NONE;
        if (replaced != null) {
            replaced.close();
        }
        if (resultWasRead && (statement().getMoreResults() || statement().getUpdateCount() != -1)) {
            throw Errors.of("the statement has more than one result, and a plugin that reads results has seen only the"
                    + " first; send the statements one by one");
        }
        return false;
    }

    private long[] executeBatch() throws SQLException {
        List<String> texts = List.copyOf(batch);
        batch.clear();
        Statement target = statement();
        if (filtering.filters().chain().isEmpty()) {
            for (String text : texts) {
                target.addBatch(text);
            }
            return Arrays.stream(target.executeBatch()).asLongStream().toArray();
        }
        long[] counts = new long[texts.size()];
        for (int i = 0; i < counts.length; i++) {
            try {
                counts[i] = execute(texts.get(i), sql -> Outcome.ofCount(target.executeUpdate(sql)))
                        .requireCount();
            } catch (SQLException e) {
                throw new BatchUpdateException(
                        e.getMessage(), e.getSQLState(), e.getErrorCode(), Arrays.copyOf(counts, i), e);
            }
        }
        return counts;
    }

    static int[] toInts(long[] counts) {
        return Arrays.stream(counts).mapToInt(count -> (int) count).toArray();
    }
}
