package io.sluice.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What the execution of a statement gave: rows, or a count.
 *
 * @param rows the rows; null if there is a count
 * @param count the rows that changed; -1 if there is neither
 */
record Outcome(@Nullable ResultSet rows, long count) {
    static final Outcome NONE = new Outcome(null, -1);

    static Outcome ofRows(ResultSet rows) {
        return new Outcome(rows, -1);
    }

    static Outcome ofCount(long count) {
        return new Outcome(null, count);
    }

    ResultSet requireRows() throws SQLException {
        if (rows == null) {
            throw Errors.of("a plugin answered a query by a count; execute it with execute, or correct the plugin");
        }
        return rows;
    }

    long requireCount() throws SQLException {
        if (rows != null) {
            rows.close();
            throw Errors.of("a plugin answered an update by rows; execute it with execute, or correct the plugin");
        }
        return count;
    }

    void close() throws SQLException {
        if (rows != null) {
            rows.close();
        }
    }
}
