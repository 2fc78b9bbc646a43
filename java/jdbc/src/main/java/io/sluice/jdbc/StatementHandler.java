package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlRequest;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A statement whose texts go through the filter chain when they are executed.
 *
 * <p>A text whose result plugins will read is executed on a second statement of the driver's, one whose results can be scrolled, where the
 * application's own has results that can be read only once.
 */
class StatementHandler extends Delegating implements Answered {
    /** Runs a text on the driver's statement and tells what it gave. */
    interface Runner {
        Outcome run(String sql, boolean forPlugins) throws SQLException;
    }

    private final ConnectionHandler connection;
    private final QueryExecution execution;
    private final SqlRequest request = new SqlRequest();
    private final StatementBatch batch = new StatementBatch(this);
    private final Map<String, Setting> settings = new LinkedHashMap<>();

    private final Statement original;
    private final @Nullable ScrollableMaker scrollableMaker;
    private @Nullable Statement scrollable;

    /** The driver's statement that the last text was executed on; another thread may cancel it. */
    private volatile Statement current;

    /** What stands for the driver's own current result; null if the driver's is what counts. */
    private @Nullable Outcome override;

    /** The keys that stand for the driver's; null if the driver's are what counts. */
    private @Nullable ResultSet keys;

    /** The driver's current result and the one that the application has for it. */
    private @Nullable ResultSet driverRows;

    private @Nullable ResultSet driverRowsOfOurs;

    private boolean resultWasRead;
    private boolean closeOnCompletion;

    /** Makes a statement like the application's whose results can be scrolled. */
    interface ScrollableMaker {
        Statement make() throws SQLException;
    }

    /** @param scrollableMaker null if the application's own statement is the one to use */
    StatementHandler(Statement original, ConnectionHandler connection, @Nullable ScrollableMaker scrollableMaker) {
        super(original);
        this.original = original;
        this.current = original;
        this.connection = connection;
        this.execution = new QueryExecution(connection.filtering().errorTexts());
        this.scrollableMaker = scrollableMaker;
    }

    @Override
    public final Statement statement() {
        return (Statement) self();
    }

    @Override
    public final void resultClosed() throws SQLException {
        if (closeOnCompletion && current != original && !original.isClosed()) {
            statement().close();
        }
    }

    /** The driver's statement that the last text was executed on. */
    @Override
    final Statement target() {
        return current;
    }

    /** The application's own statement of the driver, on which a batch is executed. */
    final Statement originalForBatch() throws SQLException {
        switchTo(original);
        return original;
    }

    /** Puts the keys that a batch generated in the place of the driver's last ones. */
    final void replaceKeys(ResultSet all) {
        keys = all;
    }

    /** Whether plugins or the filters made what the last execution gave. */
    final boolean answerIsOurs() {
        return override != null;
    }

    /** From now on results, counts and warnings are those of that statement of the driver's. */
    final void switchTo(Statement statement) throws SQLException {
        if (statement != current) {
            closeDriverRows();
            current = statement;
        }
    }

    final ConnectionHandler connection() {
        return connection;
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        String name = method.getName();
        if (name.startsWith("set") || name.equals("closeOnCompletion")) {
            return set(method, args);
        }
        return switch (name) {
            case "executeQuery" ->
                ours(execute(textOf(args), asksForKeys(args), (sql, twice) -> rowsOf(run(method, args, sql, twice)))
                        .requireRows());
            case "executeUpdate" ->
                (int) execute(textOf(args), asksForKeys(args), (sql, twice) -> countOf(run(method, args, sql, false)))
                        .requireCount();
            case "executeLargeUpdate" ->
                execute(textOf(args), asksForKeys(args), (sql, twice) -> countOf(run(method, args, sql, false)))
                        .requireCount();
            case "execute" ->
                ours(execute(textOf(args), asksForKeys(args), (sql, twice) -> currentOf(run(method, args, sql, twice)))
                                .rows())
                        != null;
            case "addBatch" -> {
                batch.add(textOf(args));
                yield null;
            }
            case "clearBatch" -> {
                batch.clear();
                yield null;
            }
            case "executeBatch" -> StatementBatch.toInts(batch.execute());
            case "executeLargeBatch" -> batch.execute();
            case "getResultSet" -> override == null ? ours((ResultSet) pass(method, args)) : override.rows();
            case "getGeneratedKeys" -> keys == null ? ours((ResultSet) pass(method, args)) : keys;
            case "getUpdateCount" -> override == null ? pass(method, args) : (Object) (int) override.count();
            case "getLargeUpdateCount" -> override == null ? pass(method, args) : (Object) override.count();
            case "getMoreResults" -> moreResults(method, args);
            case "getConnection" -> connection.connection();
            case "close" -> close(method, args);
            case "getWarnings", "clearWarnings", "cancel" -> pass(method, args);
            default -> call(original, method, args);
        };
    }

    /** Sets something on the application's own statement and keeps it in mind for others. */
    final @Nullable Object set(Method method, Object[] args) throws SQLException {
        Object result = call(original, method, args);
        closeOnCompletion |= method.getName().equals("closeOnCompletion");
        settings.put(method.getName(), new Setting(method, args));
        return result;
    }

    /** Makes another statement of the driver's behave as the application's; the size of a fetch is left out, it may mean streaming. */
    final void applySettings(Statement statement) throws SQLException {
        for (Setting setting : settings.values()) {
            String name = setting.method().getName();
            if (!name.equals("setFetchSize") && !name.equals("closeOnCompletion")) {
                setting.applyTo(statement);
            }
        }
    }

    /** The same result with the filtered statement as its statement. */
    private @Nullable ResultSet ours(@Nullable ResultSet rows) {
        if (rows == null || CopiedResultSet.isCopy(rows) || DriverResultSet.isOurs(rows)) {
            return rows;
        }
        if (rows != driverRows) {
            driverRows = rows;
            driverRowsOfOurs = DriverResultSet.of(rows, this);
        }
        return driverRowsOfOurs;
    }

    /** The text that a call executes. */
    String textOf(Object[] args) {
        return (String) Objects.requireNonNull(args[0], "sql");
    }

    /** Whether a call that executes a text asks for the keys that it generates. */
    boolean asksForKeys(Object[] args) {
        return args.length > 1 && !Integer.valueOf(Statement.NO_GENERATED_KEYS).equals(args[1]);
    }

    /** What is known of the placeholders' values goes into the request. */
    void fillBindValues(SqlRequest filled) {}

    /** Calls the method on the driver's statement with another text in the place of the first argument. */
    @Nullable
    Object run(Method method, Object[] args, String sql, boolean twice) throws SQLException {
        Statement statement = original;
        if (twice && scrollableMaker != null) {
            statement = scrollable();
        }
        switchTo(statement);
        Object[] changed = args.clone();
        changed[0] = sql;
        return call(statement, method, changed);
    }

    private Statement scrollable() throws SQLException {
        Statement known = scrollable;
        if (known == null) {
            try {
                known = Objects.requireNonNull(scrollableMaker, "scrollableMaker")
                        .make();
            } catch (SQLFeatureNotSupportedException e) {
                return original;
            }
            scrollable = known;
        }
        applySettings(known);
        return known;
    }

    @Nullable
    Object close(Method method, Object[] args) throws SQLException {
        Outcome replaced = override;
        override = null;
        keys = null;
        if (replaced != null) {
            replaced.close();
        }
        if (scrollable != null) {
            scrollable.close();
        }
        current = original;
        return call(original, method, args);
    }

    private static Outcome rowsOf(@Nullable Object rows) {
        return Outcome.ofRows((ResultSet) Objects.requireNonNull(rows, "rows"));
    }

    private static Outcome countOf(@Nullable Object count) {
        return Outcome.ofCount(((Number) Objects.requireNonNull(count, "count")).longValue());
    }

    private Outcome currentOf(@Nullable Object hasRows) throws SQLException {
        return Boolean.TRUE.equals(hasRows)
                ? Outcome.ofRows(Objects.requireNonNull(target().getResultSet(), "rows"))
                : Outcome.ofCount(largeUpdateCount());
    }

    private long largeUpdateCount() throws SQLException {
        try {
            return target().getLargeUpdateCount();
        } catch (SQLFeatureNotSupportedException | UnsupportedOperationException e) {
            return target().getUpdateCount();
        }
    }

    /** What the last execution gave is over. */
    final void forgetAnswer() throws SQLException {
        if (override != null) {
            override.close();
            override = null;
        }
        keys = null;
        resultWasRead = false;
    }

    /** Whether a filter of a chain would do anything to a text, executed with the values that are its turn. */
    final boolean applies(FilterChain chain, String sql) throws SQLException {
        request.text(sql);
        connection.session().fill(request);
        fillBindValues(request);
        return chain.appliesTo(request);
    }

    /** The keys that the last execution generated, as the application is to see them. */
    final ResultSet lastKeys() throws SQLException {
        return keys == null ? target().getGeneratedKeys() : keys;
    }

    /** Puts a text through the filters and, if they let it, to the database. */
    final Outcome execute(String sql, boolean asksForKeys, Runner runner) throws SQLException {
        return execute(connection.filtering().filters().chain(), sql, asksForKeys, runner);
    }

    /** Puts a text through the filters of a chain and, if they let it, to the database. */
    final Outcome execute(FilterChain chain, String sql, boolean asksForKeys, Runner runner) throws SQLException {
        forgetAnswer();
        Filtering filtering = connection.filtering();
        if (chain.isEmpty() && filtering.listener() == null) {
            Outcome outcome = runner.run(sql, false);
            connection.session().executed(sql);
            return outcome;
        }
        request.text(sql);
        if (!chain.isEmpty()) {
            connection.session().fill(request);
            fillBindValues(request);
        }
        FilteredQuery query = new FilteredQuery(execution, filtering, this, sql);
        try {
            Outcome outcome = query.run(chain, request, new DriverSide(runner, asksForKeys));
            if (query.answerIsOurs()) {
                override = outcome;
                if (!query.resultWasRead()) {
                    closeDriverRows();
                }
            }
            resultWasRead = query.resultWasRead();
            keys = query.keys();
            query.report(null);
            return outcome;
        } catch (SQLException e) {
            if (execution.isFiltered()) {
                override = Outcome.NONE;
                closeDriverRows();
            }
            query.report(e);
            throw e;
        } finally {
            execution.close();
        }
    }

    /** This statement as the database that a query meets behind the filters. */
    private final class DriverSide implements FilteredQuery.Database {
        private final Runner runner;
        private final boolean asksForKeys;

        DriverSide(Runner runner, boolean asksForKeys) {
            this.runner = runner;
            this.asksForKeys = asksForKeys;
        }

        @Override
        public Outcome run(String sql, boolean forPlugins) throws SQLException {
            try {
                return runner.run(sql, forPlugins);
            } finally {
                connection.session().executed(sql);
            }
        }

        @Override
        public @Nullable ResultSet keys() throws SQLException {
            return asksForKeys ? target().getGeneratedKeys() : null;
        }
    }

    /** What the last execution gave is over, as it is when a text is executed. */
    private void closeDriverRows() throws SQLException {
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
        if (resultWasRead) {
            if (target().getMoreResults()) {
                throw Errors.of("the statement has more than one result of rows, and a plugin that reads results has"
                        + " seen only the first; send the statements one by one");
            }
            override = Outcome.ofCount(largeUpdateCount());
        }
        return false;
    }
}
