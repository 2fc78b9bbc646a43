package io.sluice.jdbc;

import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a batch whose parts are queries of their own for the filters. Each is a batch of one for the driver, whose answer to a
 * failure tells whether it is a driver that goes on after one.
 *
 * <p>A part that a filter rejects ends the batch, whatever the driver does: nothing that was sent after it is executed.
 */
abstract class BatchRun {
    private final StatementHandler statement;
    private final long[] counts;
    private final List<byte[]> keys = new ArrayList<>();
    private boolean executed;
    private boolean failedInDriver;
    private boolean driverGoesOn;
    private boolean keysAreThere = true;
    private long driverCount;
    private @Nullable SQLException first;

    BatchRun(StatementHandler statement, int size) {
        this.statement = statement;
        this.counts = new long[size];
    }

    /** Puts a part through the filters. */
    abstract Outcome execute(int index, StatementHandler.Runner runner) throws SQLException;

    /** Makes a part, whose text the filters may have changed, the only one of a driver's batch. */
    abstract Statement add(int index, String sql) throws SQLException;

    final long[] execute() throws SQLException {
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
            throw StatementBatch.failure(first, Arrays.copyOf(counts, done));
        }
        return counts;
    }

    /** Executes one part; false if the batch ends with it. */
    private boolean executeOne(int index) throws SQLException {
        executed = false;
        failedInDriver = false;
        try {
            long count = execute(index, (sql, forPlugins) -> run(index, sql)).requireCount();
            counts[index] = statement.answerIsOurs() ? count : driverCount;
        } catch (SQLException e) {
            if (first == null) {
                first = e;
            } else {
                first.setNextException(e);
            }
            counts[index] = Statement.EXECUTE_FAILED;
            return failedInDriver && driverGoesOn;
        }
        if (executed) {
            keepKeys();
        }
        return true;
    }

    private Outcome run(int index, String sql) throws SQLException {
        Statement target = add(index, sql);
        try {
            driverCount = StatementBatch.executeOn(target)[0];
            executed = true;
            return Outcome.ofCount(driverCount);
        } catch (BatchUpdateException e) {
            failedInDriver = true;
            driverGoesOn = e.getUpdateCounts().length == 1;
            throw causeOf(e);
        }
    }

    /** Some drivers have the keys of a whole batch, so those of its parts are put together. */
    private void keepKeys() {
        if (!keysAreThere) {
            return;
        }
        try (ResultSet rows = statement.lastKeys()) {
            keys.add(CopiedRows.read(rows, Integer.MAX_VALUE).serialized());
        } catch (SQLException e) {
            // A driver that has none when nobody asked for them says so; the application hears it when it asks.
            keysAreThere = false;
            keys.clear();
        }
    }

    /** What went wrong with the one part of a batch of one, as the driver says it of a statement that is executed alone. */
    private static SQLException causeOf(BatchUpdateException e) {
        if (e.getCause() instanceof SQLException cause) {
            return cause;
        }
        SQLException next = e.getNextException();
        return next == null ? e : next;
    }
}
