package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.SqlError;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The texts of a statement's batch: the driver's own batch, if no filter has anything to do with any; else each is a query of its own. */
final class StatementBatch {
    private final StatementHandler statement;
    private final List<String> texts = new ArrayList<>();

    StatementBatch(StatementHandler statement) {
        this.statement = statement;
    }

    void add(String text) {
        texts.add(text);
    }

    void clear() {
        texts.clear();
    }

    long[] execute() throws SQLException {
        List<String> all = List.copyOf(texts);
        texts.clear();
        FilterChain chain = statement.connection().filtering().filters().chain();
        if (!appliesToAny(chain, all)) {
            return executeAtOnce(all);
        }
        return new BatchRun(statement, all.size()) {
            @Override
            Outcome execute(int index, StatementHandler.Runner runner) throws SQLException {
                return statement.execute(chain, all.get(index), false, runner);
            }

            @Override
            Statement add(int index, String sql) throws SQLException {
                Statement target = statement.originalForBatch();
                target.addBatch(sql);
                return target;
            }
        }.execute();
    }

    /** Whether a filter may do anything to one of the texts. */
    private boolean appliesToAny(FilterChain chain, List<String> all) throws SQLException {
        if (chain.isEmpty()) {
            return false;
        }
        for (String text : all) {
            // What follows one that changes the database or the mode means something else than it does now.
            if (Session.mayChangeSession(text) || statement.applies(chain, text)) {
                return true;
            }
        }
        return false;
    }

    private long[] executeAtOnce(List<String> all) throws SQLException {
        statement.forgetAnswer();
        Statement target = statement.originalForBatch();
        for (String text : all) {
            target.addBatch(text);
            statement.connection().session().executed(text);
        }
        long start = System.nanoTime();
        try {
            long[] counts = executeOn(target);
            report(all, counts, null, System.nanoTime() - start);
            return counts;
        } catch (BatchUpdateException e) {
            report(all, e.getLargeUpdateCounts(), e, System.nanoTime() - start);
            throw e;
        }
    }

    /** Tells the listener of each text; the time is the batch's in equal parts. */
    private void report(List<String> all, long[] counts, @Nullable SQLException thrown, long nanos) {
        Filtering filtering = statement.connection().filtering();
        QueryListener listener = filtering.listener();
        if (listener == null) {
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            boolean failed = i >= counts.length || counts[i] == Statement.EXECUTE_FAILED;
            SqlError error = thrown == null || !failed ? null : Errors.toSqlError(thrown);
            String text = all.get(i);
            filtering.report(listener, new QueryEvent(text, text, false, false, error, null, 0, 0, nanos / all.size()));
            if (i >= counts.length) {
                return; // a driver that stops at the first failure has executed none of the rest
            }
        }
    }

    static BatchUpdateException failure(SQLException first, long[] counts) {
        BatchUpdateException failure =
                new BatchUpdateException(first.getMessage(), first.getSQLState(), first.getErrorCode(), counts, first);
        SQLException next = first.getNextException();
        if (next != null) {
            failure.setNextException(next);
        }
        return failure;
    }

    /** Executes a driver's batch; counts are long where the driver has them so. */
    static long[] executeOn(Statement target) throws SQLException {
        try {
            return target.executeLargeBatch();
        } catch (SQLFeatureNotSupportedException | UnsupportedOperationException e) {
            return Arrays.stream(target.executeBatch()).asLongStream().toArray();
        }
    }

    static int[] toInts(long[] counts) {
        return Arrays.stream(counts).mapToInt(count -> (int) count).toArray();
    }
}
