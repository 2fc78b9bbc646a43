package io.sluice.mysql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the gateway's own account, made when it is first asked for and anew when it is broken.
 *
 * <p>Its session waits for locks for {@value #LOCK_WAIT_SECONDS} seconds at most: a client that may lock the gateway's tables must not hold up
 * the gateway for as long as it likes.
 *
 * <p><b>Threads.</b> Shared; one piece of work at a time.
 */
final class ServiceConnection implements AutoCloseable {
    static final int LOCK_WAIT_SECONDS = 2;

    private static final String BOUND_WAITS = "set session lock_wait_timeout = " + LOCK_WAIT_SECONDS
            + ", session innodb_lock_wait_timeout = " + LOCK_WAIT_SECONDS;

    /** What is done with a connection. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private final DataSource source;
    private @Nullable Connection connection;

    ServiceConnection(DataSource source) {
        this.source = source;
    }

    /** Does something on the connection; on a new one, once more, if the old one is broken. */
    synchronized <T> T on(Work<T> work) throws SQLException {
        Connection known = connection;
        if (known != null) {
            try {
                return work.with(known);
            } catch (SQLException e) {
                if (known.isValid(1)) {
                    throw e;
                }
                close();
            }
        }
        return work.with(connect());
    }

    private Connection connect() throws SQLException {
        Connection fresh = source.getConnection();
        boolean ready = false;
        try (Statement statement = fresh.createStatement()) {
            statement.execute(BOUND_WAITS);
            fresh.setAutoCommit(true);
            ready = true;
        } finally {
            if (!ready) {
                fresh.close();
            }
        }
        connection = fresh;
        return fresh;
    }

    @Override
    public synchronized void close() {
        Connection known = connection;
        connection = null;
        if (known != null) {
            try {
                known.close();
            } catch (SQLException e) {
                // It was broken.
            }
        }
    }
}
