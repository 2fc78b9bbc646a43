package io.sluice.jdbc;

import io.sluice.sql.FilterChain;
import io.sluice.sql.SqlRequest;
import java.lang.reflect.Method;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prepared or callable statement whose text goes through the filter chain each time it is executed.
 *
 * <p>When a plugin rewrites the text, or reads the result, another statement is prepared, and what was set on the first is set on it: for
 * that every setting is remembered. A stream is given to that statement only which is executed. A batch is one query for the filters: one
 * text, executed with many values; where filters look at the values, each row is a query of its own.
 */
final class PreparedStatementHandler extends StatementHandler {
    private static final int MAX_OTHERS = 8;

    /** Prepares a text as the application asked for its own to be prepared. */
    interface Preparer {
        /**
         * Prepares a text.
         *
         * @param twice whether the result is to be one that can be read twice, if the driver has such
         */
        PreparedStatement prepare(String sql, boolean twice) throws SQLException;

        /** Whether {@code twice} makes a difference. */
        boolean canReadTwice();

        /** Whether the statement was asked to have generated keys. */
        boolean asksForKeys();
    }

    /** A statement of the driver's beside the application's own. */
    private record Other(String sql, boolean twice) {}

    private final PreparedStatement original;
    private final String sql;
    private final String originalSql;
    private final Preparer preparer;
    private final Map<Object, Setting> parameters = new LinkedHashMap<>();
    private final List<List<Setting>> batch = new ArrayList<>();
    /** The row of a batch whose turn it is; null if the statement's current values count. */
    private @Nullable List<Setting> batchRow;

    private final Map<Other, PreparedStatement> others = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Takes over a statement of the driver's.
     *
     * @param sql the application's text
     * @param originalSql the text that the statement was prepared from: another, if the database refused the application's
     */
    PreparedStatementHandler(
            PreparedStatement original,
            String sql,
            String originalSql,
            Preparer preparer,
            ConnectionHandler connection) {
        super(original, connection, null);
        this.original = original;
        this.sql = sql;
        this.originalSql = originalSql;
        this.preparer = preparer;
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        String name = method.getName();
        boolean ofStatement = method.getDeclaringClass() == Statement.class;
        if (!ofStatement && (name.startsWith("set") || name.startsWith("register"))) {
            return setParameter(method, args);
        }
        if (args.length > 0 && (name.startsWith("execute") || name.equals("addBatch"))) {
            throw Errors.of(name
                    + " with a text was asked of a prepared statement, which has its own; use a Statement for another");
        }
        if (args.length > 0) {
            return name.startsWith("get") && !ofStatement ? pass(method, args) : super.handle(method, args);
        }
        return switch (name) {
            case "addBatch" -> addBatch(method);
            case "clearBatch" -> {
                batch.clear();
                yield call(original, method, args);
            }
            case "clearParameters" -> {
                parameters.clear();
                yield call(original, method, args);
            }
            case "executeBatch" -> StatementBatch.toInts(executeBatch());
            case "executeLargeBatch" -> executeBatch();
            case "wasNull" -> pass(method, args);
            default -> super.handle(method, args);
        };
    }

    private @Nullable Object setParameter(Method method, Object[] args) throws SQLException {
        Setting setting = new Setting(method, args);
        Object result = null;
        if (setting.isStream()) {
            // Whether there is such a parameter is said now, as the driver would.
            setNull(args[0]);
        } else {
            result = call(original, method, args);
        }
        boolean output = method.getName().startsWith("register");
        parameters.put(output ? "out " + args[0] : args[0], setting);
        return result;
    }

    private void setNull(Object parameter) throws SQLException {
        if (parameter instanceof String name) {
            ((CallableStatement) original).setNull(name, Types.VARCHAR);
        } else {
            original.setNull((int) parameter, Types.VARCHAR);
        }
    }

    private @Nullable Object addBatch(Method method) throws SQLException {
        for (Setting setting : parameters.values()) {
            setting.applyStreamTo(original);
        }
        batch.add(List.copyOf(parameters.values()));
        return call(original, method, NO_ARGUMENTS);
    }

    @Override
    String textOf(Object[] args) {
        return sql;
    }

    @Override
    boolean asksForKeys(Object[] args) {
        return preparer.asksForKeys();
    }

    @Override
    void fillBindValues(SqlRequest filled) {
        List<Setting> row = batchRow;
        filled.bindValues(bindValues(row == null ? List.copyOf(parameters.values()) : row));
    }

    /** The values by the number of their placeholder; if some have a name instead, which is which is not known of any. */
    private static List<@Nullable Object> bindValues(List<Setting> settings) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Setting setting : settings) {
            if (!(setting.place() instanceof Integer number)) {
                return Collections.nCopies(settings.size(), SqlRequest.UNKNOWN_VALUE);
            }
            while (values.size() < number) {
                values.add(null);
            }
            if (!setting.isOutput()) {
                values.set(number - 1, setting.value());
            }
        }
        return values;
    }

    @Override
    @Nullable
    Object run(Method method, Object[] args, String text, boolean twice) throws SQLException {
        PreparedStatement statement = statementFor(text, twice);
        switchTo(statement);
        if (statement == original) {
            for (Setting setting : parameters.values()) {
                setting.applyStreamTo(original);
            }
        } else {
            apply(parameters.values(), statement);
        }
        return call(statement, method, args);
    }

    private PreparedStatement statementFor(String text, boolean forPlugins) throws SQLException {
        boolean twice = forPlugins && preparer.canReadTwice();
        if (!twice && text.equals(originalSql)) {
            return original;
        }
        Other key = new Other(text, twice);
        PreparedStatement known = others.get(key);
        if (known == null) {
            known = preparer.prepare(text, twice);
            others.put(key, known);
            if (others.size() > MAX_OTHERS) {
                dropEldest();
            }
        }
        known.clearParameters();
        applySettings(known);
        return known;
    }

    private void dropEldest() throws SQLException {
        PreparedStatement dropped = others.remove(others.keySet().iterator().next());
        if (dropped != null) {
            if (dropped == target()) {
                switchTo(original);
            }
            dropped.close();
        }
    }

    private static void apply(Iterable<Setting> all, PreparedStatement statement) throws SQLException {
        for (Setting setting : all) {
            setting.applyTo(statement);
        }
    }

    private long[] executeBatch() throws SQLException {
        List<List<Setting>> rows = List.copyOf(batch);
        FilterChain chain = connection().filtering().filters().chain();
        if (chain.usesBindValues() && appliesToAny(chain, rows)) {
            return executeRowByRow(chain, rows);
        }
        return executeAtOnce(chain, rows);
    }

    /** Whether a filter of the chain has anything to do with the text, executed with one of the rows. */
    private boolean appliesToAny(FilterChain chain, List<List<Setting>> rows) throws SQLException {
        try {
            for (List<Setting> row : rows) {
                batchRow = row;
                if (applies(chain, sql)) {
                    return true;
                }
            }
            return false;
        } finally {
            batchRow = null;
        }
    }

    private long[] executeRowByRow(FilterChain chain, List<List<Setting>> rows) throws SQLException {
        batch.clear();
        original.clearBatch();
        BatchRun run = new BatchRun(this, rows.size()) {
            @Override
            Outcome execute(int index, Runner runner) throws SQLException {
                batchRow = rows.get(index);
                return PreparedStatementHandler.this.execute(chain, sql, preparer.asksForKeys(), runner);
            }

            @Override
            Statement add(int index, String text) throws SQLException {
                PreparedStatement statement = statementFor(text, false);
                switchTo(statement);
                apply(rows.get(index), statement);
                statement.addBatch();
                return statement;
            }
        };
        try {
            return run.execute();
        } finally {
            batchRow = null;
            for (Setting setting : parameters.values()) {
                if (!setting.isStream()) {
                    setting.applyTo(original);
                }
            }
        }
    }

    private long[] executeAtOnce(FilterChain chain, List<List<Setting>> rows) throws SQLException {
        long[][] counts = {{}};
        BatchUpdateException[] failed = {null};
        // Where filters look at values none of these rows concerns them: any may stand for all.
        batchRow = rows.isEmpty() ? List.of() : rows.get(0);
        try {
            execute(chain, sql, preparer.asksForKeys(), (text, forPlugins) -> {
                        try {
                            counts[0] = executeBatch(statementFor(text, false), rows);
                        } catch (BatchUpdateException e) {
                            failed[0] = e;
                            throw e;
                        }
                        return Outcome.ofCount(Arrays.stream(counts[0])
                                .filter(count -> count > 0)
                                .sum());
                    })
                    .requireCount();
        } catch (BatchUpdateException e) {
            throw e;
        } catch (SQLException e) {
            original.clearBatch();
            throw StatementBatch.failure(e, failed[0] == null ? counts[0] : failed[0].getLargeUpdateCounts());
        } finally {
            batchRow = null;
            batch.clear();
        }
        return counts[0];
    }

    private long[] executeBatch(PreparedStatement statement, List<List<Setting>> rows) throws SQLException {
        switchTo(statement);
        if (statement != original) {
            original.clearBatch();
            for (List<Setting> row : rows) {
                apply(row, statement);
                statement.addBatch();
            }
        }
        return StatementBatch.executeOn(statement);
    }

    @Override
    @Nullable
    Object close(Method method, Object[] args) throws SQLException {
        Object result = super.close(method, args);
        for (PreparedStatement statement : others.values()) {
            statement.close();
        }
        others.clear();
        return result;
    }
}
