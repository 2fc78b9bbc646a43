package io.sluice.jdbc;

import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a statement's batch. Each is a query of its own for the filters, and a batch of one for the driver, whose answer to a
 * failure tells whether it is a driver that goes on after one.
 *
 * <p>A text that a filter rejects ends the batch, whatever the driver does: nothing that was sent after it is executed.
 */
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
        Filtering filtering = statement.connection().filtering();
        if (filtering.filters().chain().isEmpty()) {
            Statement target = statement.originalForBatch();
            for (String text : all) {
                target.addBatch(text);
                statement.connection().session().executed(text);
            }
            return executeOn(target);
        }
        return new Run(all).execute();
    }

    /** One execution of the batch. */
    private final class Run {
        private final List<String> all;
        private final long[] counts;
        private boolean failedInDriver;
        private boolean driverGoesOn;
        private long driverCount;
        private @Nullable SQLException first;
        private final List<byte[]> keys = new ArrayList<>();

        Run(List<String> all) {
            this.all = all;
            this.counts = new long[all.size()];
        }

        long[] execute() throws SQLException {
            int done = 0;
            for (; done < counts.length; done++) {
                if (!executeOne(done)) {
                    break;
                }
            }
            if (!keys.isEmpty()) {
                statement.replaceKeys(CopiedRows.join(keys, statement));
            }
            if (first != null) {
                throw failure(first, Arrays.copyOf(counts, done));
            }
            return counts;
        }

        /** Executes one text; false if the batch ends with it. */
        private boolean executeOne(int index) throws SQLException {
            failedInDriver = false;
            try {
                long count = statement.execute(all.get(index), false, this::run).requireCount();
                counts[index] = statement.answerIsOurs() ? count : driverCount;
                return true;
            } catch (SQLException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.setNextException(e);
                }
                counts[index] = Statement.EXECUTE_FAILED;
                return failedInDriver && driverGoesOn;
            }
        }

        private Outcome run(String sql, boolean forPlugins) throws SQLException {
            Statement target = statement.originalForBatch();
            target.addBatch(sql);
            try {
                driverCount = executeOn(target)[0];
                keepKeys(target);
                return Outcome.ofCount(driverCount);
            } catch (BatchUpdateException e) {
                failedInDriver = true;
                driverGoesOn = e.getUpdateCounts().length == 1;
                throw causeOf(e);
            }
        }

        /** Some drivers have the keys of a whole batch, so those of its parts are put together. */
        private void keepKeys(Statement target) {
            try (ResultSet rows = target.getGeneratedKeys()) {
                keys.add(CopiedRows.read(rows, Integer.MAX_VALUE).serialized());
            } catch (SQLException e) {
                // A driver that has none when nobody asked for them says so; the application hears it when it asks.
                keys.clear();
            }
        }
    }

    /** What went wrong with the one statement of a batch of one, as the driver says it of a statement that is executed alone. */
    private static SQLException causeOf(BatchUpdateException e) {
        if (e.getCause() instanceof SQLException cause) {
            return cause;
        }
        SQLException next = e.getNextException();
        return next == null ? e : next;
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
