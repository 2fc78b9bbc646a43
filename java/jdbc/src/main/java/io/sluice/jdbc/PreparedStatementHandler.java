package io.sluice.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Method;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prepared or callable statement whose text goes through the filter chain each time it is executed.
 *
 * <p>When a plugin rewrites the text, the new one is prepared, too, and what was set on the first statement is set on it: for that every
 * setting is remembered. A batch is one query for the filters: one text, executed with many values.
 */
final class PreparedStatementHandler extends StatementHandler {
    private static final int MAX_REWRITTEN = 8;

    /** Prepares a text as the application asked for its own to be prepared. */
    interface Preparer {
        PreparedStatement prepare(String sql) throws SQLException;
    }

    /** A call that set something. */
    private static final class Setting {
        private final Method method;
        private final Object[] args;

        Setting(Method method, Object[] args) {
            this.method = method;
            this.args = args;
        }

        void applyTo(PreparedStatement statement) throws SQLException {
            for (Object arg : args) {
                if (arg instanceof InputStream || arg instanceof Reader) {
                    throw Errors.of("a plugin rewrote the query, and the stream given to " + method.getName()
                            + " can be read only once; give the value as bytes or text");
                }
            }
            call(statement, method, args);
        }
    }

    private final PreparedStatement original;
    private final String sql;
    private final Preparer preparer;
    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final Map<Object, Setting> parameters = new LinkedHashMap<>();
    private final List<List<Setting>> batch = new ArrayList<>();
    private final Map<String, PreparedStatement> rewritten = new LinkedHashMap<>(16, 0.75f, true);

    private PreparedStatement last;

    PreparedStatementHandler(
            PreparedStatement original, String sql, Preparer preparer, Connection connection, Filtering filtering) {
        super(original, connection, filtering);
        this.original = original;
        this.sql = sql;
        this.preparer = preparer;
        this.last = original;
    }

    @Override
    Object target() {
        return last;
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        String name = method.getName();
        if (name.startsWith("set") || name.startsWith("register") || name.equals("closeOnCompletion")) {
            return set(method, args);
        }
        if (args.length > 0 && (name.startsWith("execute") || name.equals("addBatch"))) {
            throw Errors.of(name
                    + " with a text was asked of a prepared statement, which has its own; use a Statement for another");
        }
        if (args.length > 0) {
            return super.handle(method, args);
        }
        return switch (name) {
            case "addBatch" -> {
                batch.add(List.copyOf(parameters.values()));
                yield call(original, method, args);
            }
            case "clearBatch" -> {
                batch.clear();
                yield call(original, method, args);
            }
            case "clearParameters" -> {
                parameters.clear();
                yield call(original, method, args);
            }
            case "executeBatch" -> toInts(executeBatch());
            case "executeLargeBatch" -> executeBatch();
            case "getMetaData", "getParameterMetaData" -> call(original, method, args);
            default -> super.handle(method, args);
        };
    }

    private @Nullable Object set(Method method, Object[] args) throws SQLException {
        Object result = call(original, method, args);
        boolean ofStatement = method.getDeclaringClass() == Statement.class;
        Setting setting = new Setting(method, args.clone());
        if (ofStatement || args.length == 0) {
            settings.put(method.getName(), setting);
        } else {
            boolean output = method.getName().startsWith("register");
            parameters.put(output ? "out " + args[0] : args[0], setting);
        }
        return result;
    }

    @Override
    String textOf(Object[] args) {
        return sql;
    }

    @Override
    @Nullable
    Object run(Method method, Object[] args, String text) throws SQLException {
        PreparedStatement statement = statementFor(text);
        if (statement != original) {
            apply(parameters.values(), statement);
        }
        last = statement;
        return call(statement, method, args);
    }

    private PreparedStatement statementFor(String text) throws SQLException {
        if (text.equals(sql)) {
            return original;
        }
        PreparedStatement known = rewritten.get(text);
        if (known == null) {
            known = preparer.prepare(text);
            rewritten.put(text, known);
            if (rewritten.size() > MAX_REWRITTEN) {
                dropEldest();
            }
        }
        known.clearParameters();
        apply(settings.values(), known);
        return known;
    }

    private void dropEldest() throws SQLException {
        String eldest = rewritten.keySet().iterator().next();
        PreparedStatement dropped = rewritten.remove(eldest);
        if (dropped != null) {
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
        batch.clear();
        long[][] counts = {{}};
        try {
            execute(sql, text -> {
                        counts[0] = executeBatch(statementFor(text), rows);
                        return Outcome.ofCount(Arrays.stream(counts[0])
                                .filter(count -> count > 0)
                                .sum());
                    })
                    .requireCount();
        } catch (BatchUpdateException e) {
            throw e;
        } catch (SQLException e) {
            original.clearBatch();
            int[] done = e.getCause() instanceof BatchUpdateException cause ? cause.getUpdateCounts() : new int[0];
            throw new BatchUpdateException(e.getMessage(), e.getSQLState(), e.getErrorCode(), done, e);
        }
        return counts[0];
    }

    private long[] executeBatch(PreparedStatement statement, List<List<Setting>> rows) throws SQLException {
        last = statement;
        if (statement != original) {
            original.clearBatch();
            for (List<Setting> row : rows) {
                apply(row, statement);
                statement.addBatch();
            }
        }
        return Arrays.stream(statement.executeBatch()).asLongStream().toArray();
    }

    @Override
    @Nullable
    Object close(Method method, Object[] args) throws SQLException {
        for (PreparedStatement statement : rewritten.values()) {
            statement.close();
        }
        rewritten.clear();
        last = original;
        return super.close(method, args);
    }
}
