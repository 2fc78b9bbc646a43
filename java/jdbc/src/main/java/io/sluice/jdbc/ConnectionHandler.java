package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A connection whose statements are filtered. */
final class ConnectionHandler extends Delegating {
    private final Connection delegate;
    private final Filtering filtering;
    private final Session session;

    private ConnectionHandler(Connection delegate, Filtering filtering, @Nullable String loginName) {
        super(delegate);
        this.delegate = delegate;
        this.filtering = filtering;
        this.session = new Session(delegate, filtering, loginName);
    }

    /** @param loginName the name that the application logged in with; null if it is the data source's own */
    static Connection wrap(Connection delegate, Filtering filtering, @Nullable String loginName) {
        return new ConnectionHandler(delegate, filtering, loginName).proxy(Connection.class);
    }

    Filtering filtering() {
        return filtering;
    }

    Session session() {
        return session;
    }

    /** The connection as the application knows it. */
    Connection connection() {
        return (Connection) self();
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        return switch (method.getName()) {
            case "createStatement" ->
                new StatementHandler(passed(method, args, Statement.class), this, scrollableMaker(args))
                        .proxy(Statement.class);
            case "prepareStatement" -> prepare(method, args).proxy(PreparedStatement.class);
            case "prepareCall" -> prepare(method, args).proxy(CallableStatement.class);
            case "getMetaData" ->
                new MetaDataHandler(passed(method, args, DatabaseMetaData.class), connection())
                        .proxy(DatabaseMetaData.class);
            case "setCatalog", "setSchema" -> {
                session.forget();
                yield pass(method, args);
            }
            case "setClientInfo" -> setClientInfo(method, args);
            case "getClientInfo" -> {
                if (args.length == 0) {
                    yield session.allClientInfo((Properties) pass(method, args));
                }
                yield Session.owns(args[0]) ? session.clientInfo((String) args[0]) : pass(method, args);
            }
            default -> pass(method, args);
        };
    }

    private @Nullable Object setClientInfo(Method method, Object[] args) throws SQLException {
        if (args[0] instanceof Properties all) {
            return pass(method, new Object[] {session.takeClientInfo(all)});
        }
        if (!Session.owns(args[0])) {
            return pass(method, args);
        }
        session.setClientInfo((String) args[0], (String) args[1]);
        return null;
    }

    private <T> T passed(Method method, Object[] args, Class<T> type) throws SQLException {
        return Objects.requireNonNull(type.cast(pass(method, args)), method.getName());
    }

    private StatementHandler.@Nullable ScrollableMaker scrollableMaker(Object[] args) {
        if (args.length > 0 && (int) args[0] != ResultSet.TYPE_FORWARD_ONLY) {
            return null;
        }
        return () -> args.length < 3
                ? delegate.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)
                : delegate.createStatement(
                        ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY, (int) args[2]);
    }

    private PreparedStatementHandler prepare(Method method, Object[] args) throws SQLException {
        Preparer preparer = new Preparer(method, args);
        String sql = (String) Objects.requireNonNull(args[0], "sql");
        try {
            return new PreparedStatementHandler(preparer.prepare(sql, false), sql, sql, preparer, this);
        } catch (SQLException refused) {
            return prepareRewritten(sql, preparer, refused);
        }
    }

    /** Prepares other texts as the application asked for its own. */
    private final class Preparer implements PreparedStatementHandler.Preparer {
        private final Method method;
        private final Object[] args;

        Preparer(Method method, Object[] args) {
            this.method = method;
            this.args = args;
        }

        @Override
        public PreparedStatement prepare(String sql, boolean twice) throws SQLException {
            if (twice) {
                try {
                    return prepareScrollable(sql);
                } catch (SQLFeatureNotSupportedException e) {
                    // Then the result is kept as it is read.
                }
            }
            Object[] changed = args.clone();
            changed[0] = sql;
            return passed(method, changed, PreparedStatement.class);
        }

        private PreparedStatement prepareScrollable(String sql) throws SQLException {
            int type = ResultSet.TYPE_SCROLL_INSENSITIVE;
            int concurrency = ResultSet.CONCUR_READ_ONLY;
            if (method.getName().equals("prepareCall")) {
                return args.length < 4
                        ? delegate.prepareCall(sql, type, concurrency)
                        : delegate.prepareCall(sql, type, concurrency, (int) args[3]);
            }
            return args.length < 4
                    ? delegate.prepareStatement(sql, type, concurrency)
                    : delegate.prepareStatement(sql, type, concurrency, (int) args[3]);
        }

        @Override
        public boolean canReadTwice() {
            return !asksForKeys() && (args.length < 3 || (int) args[1] == ResultSet.TYPE_FORWARD_ONLY);
        }

        @Override
        public boolean asksForKeys() {
            return args.length == 2
                    && !Integer.valueOf(Statement.NO_GENERATED_KEYS).equals(args[1]);
        }
    }

    /**
     * Prepares the text that plugins make of one that the database refuses to prepare.
     *
     * <p>A plugin may translate what the database does not understand, and what it rejects it must reject here, too.
     */
    private PreparedStatementHandler prepareRewritten(String sql, Preparer preparer, SQLException refused)
            throws SQLException {
        FilterChain chain = filtering.filters().chain();
        if (chain.isEmpty()) {
            throw refused;
        }
        try (QueryExecution execution = new QueryExecution(filtering.errorTexts())) {
            SqlRequest request = SqlRequest.of(sql);
            session.fill(request);
            boolean execute = execution.before(chain, request);
            if (execute && !execution.queryChanged()) {
                throw refused;
            }
            if (execute) {
                String text = execution.queryText();
                return new PreparedStatementHandler(preparer.prepare(text, false), sql, text, preparer, this);
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
