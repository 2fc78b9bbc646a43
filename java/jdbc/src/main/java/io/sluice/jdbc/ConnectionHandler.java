package io.sluice.jdbc;

import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection whose statements are filtered. */
final class ConnectionHandler extends Delegating {
    private final Filtering filtering;

    private ConnectionHandler(Connection delegate, Filtering filtering) {
        super(delegate);
        this.filtering = filtering;
    }

    static Connection wrap(Connection delegate, Filtering filtering) {
        return new ConnectionHandler(delegate, filtering).proxy(Connection.class);
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        return switch (method.getName()) {
            case "createStatement" ->
                new StatementHandler(passed(method, args, Statement.class), connection(), filtering)
                        .proxy(Statement.class);
            case "prepareStatement" -> prepare(method, args).proxy(PreparedStatement.class);
            case "prepareCall" -> prepare(method, args).proxy(CallableStatement.class);
            case "getMetaData" ->
                new MetaDataHandler(passed(method, args, DatabaseMetaData.class), connection())
                        .proxy(DatabaseMetaData.class);
            default -> pass(method, args);
        };
    }

    private Connection connection() {
        return (Connection) self();
    }

    private <T> T passed(Method method, Object[] args, Class<T> type) throws SQLException {
        return Objects.requireNonNull(type.cast(pass(method, args)), method.getName());
    }

    private PreparedStatementHandler prepare(Method method, Object[] args) throws SQLException {
        PreparedStatementHandler.Preparer preparer = text -> {
            Object[] changed = args.clone();
            changed[0] = text;
            return passed(method, changed, PreparedStatement.class);
        };
        String sql = (String) args[0];
        PreparedStatement prepared;
        try {
            prepared = preparer.prepare(sql);
        } catch (SQLException refused) {
            prepared = prepareRewritten(sql, preparer, refused);
        }
        return new PreparedStatementHandler(prepared, sql, preparer, connection(), filtering);
    }

    /**
     * Prepares the text that plugins make of one that the database refuses to prepare.
     *
     * <p>A plugin may translate what the database does not understand, and what it rejects it must reject here, too.
     */
    private PreparedStatement prepareRewritten(
            String sql, PreparedStatementHandler.Preparer preparer, SQLException refused) throws SQLException {
        try (QueryExecution execution = new QueryExecution()) {
            boolean execute = execution.before(filtering.filters().chain(), SqlRequest.of(sql));
            if (execute && !execution.queryChanged()) {
                throw refused;
            }
            if (execute) {
                return preparer.prepare(execution.queryText());
            }
            execution.after(null, null);
            SqlError error = execution.error();
            throw error == null ? refused : Errors.toException(error, refused);
        }
    }

    /** Metadata that leads back to the filtered connection. */
    private static final class MetaDataHandler extends Delegating {
        private final Connection connection;

        MetaDataHandler(DatabaseMetaData delegate, Connection connection) {
            super(delegate);
            this.connection = connection;
        }

        @Override
        @Nullable
        Object handle(Method method, Object[] args) throws SQLException {
            return method.getName().equals("getConnection") ? connection : pass(method, args);
        }
    }
}
