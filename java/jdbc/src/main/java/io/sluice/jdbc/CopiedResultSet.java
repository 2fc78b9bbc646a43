package io.sluice.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Calendar;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A read-only result set of rows that plugins have seen, which can be scrolled.
 *
 * <p>A value that no plugin changed is asked of the driver's result, which is moved to its row. A value that a plugin changed has the
 * plugin's text, and every other type that is asked for is made of it.
 */
final class CopiedResultSet implements InvocationHandler {
    private final @Nullable CopiedRows copy;
    private final ResultSetMetaData metaData;
    private final int columns;
    private final List<PluginRow> rows;
    private final Answered owner;
    private final Map<String, Integer> columnsByLabel = new HashMap<>();

    /** 0 before the first row, one more than there are rows after the last. */
    private int position;

    /** The index of the row that the driver's result is on; -1 if on none. */
    private int driverRow = -1;

    private boolean wasNull;
    private boolean closed;
    private int fetchSize;
    private int fetchDirection = ResultSet.FETCH_FORWARD;

    CopiedResultSet(
            @Nullable CopiedRows copy, ResultSetMetaData metaData, int columns, List<PluginRow> rows, Answered owner) {
        this.copy = copy;
        this.metaData = metaData;
        this.columns = columns;
        this.rows = rows;
        this.owner = owner;
    }

    ResultSet proxy() {
        return (ResultSet)
                Proxy.newProxyInstance(CopiedResultSet.class.getClassLoader(), new Class<?>[] {ResultSet.class}, this);
    }

    static boolean isCopy(ResultSet rows) {
        return Proxy.isProxyClass(rows.getClass()) && Proxy.getInvocationHandler(rows) instanceof CopiedResultSet;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] given) throws Throwable {
        Object[] args = given == null ? Delegating.NO_ARGUMENTS : given;
        String name = method.getName();
        return switch (name) {
            case "equals" -> proxy == args[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "result of " + rows.size() + " rows, read for plugins";
            case "close" -> close();
            case "isClosed" -> closed;
            case "unwrap" -> {
                Class<?> type = (Class<?>) args[0];
                if (!type.isInstance(proxy)) {
                    throw Errors.of("a result that was read for plugins is no " + type.getName());
                }
                yield proxy;
            }
            case "isWrapperFor" -> ((Class<?>) args[0]).isInstance(proxy);
            default -> {
                checkOpen();
                yield name.startsWith("get") && args.length > 0 ? get(method, args) : navigate(name, args);
            }
        };
    }

    private void checkOpen() throws SQLException {
        if (closed) {
            throw Errors.of("the result set is closed; execute the query again");
        }
    }

    private @Nullable Object close() throws SQLException {
        if (!closed) {
            closed = true;
            if (copy != null) {
                copy.source().close();
            }
            owner.resultClosed();
        }
        return null;
    }

    private @Nullable Object navigate(String name, Object[] args) throws SQLException {
        int last = rows.size();
        return switch (name) {
            case "next" -> moveTo(position + 1);
            case "previous" -> moveTo(position - 1);
            case "first" -> moveTo(1);
            case "last" -> moveTo(last);
            case "absolute" -> moveTo((int) args[0] < 0 ? last + 1 + (int) args[0] : (int) args[0]);
            case "relative" -> moveTo(position + (int) args[0]);
            case "beforeFirst" -> moveOff(0);
            case "afterLast" -> moveOff(last + 1);
            case "isBeforeFirst" -> last > 0 && position == 0;
            case "isAfterLast" -> last > 0 && position > last;
            case "isFirst" -> last > 0 && position == 1;
            case "isLast" -> last > 0 && position == last;
            case "getRow" -> position > last ? 0 : position;
            case "wasNull" -> wasNull;
            case "findColumn" -> findColumn((String) args[0]);
            case "getMetaData" -> metaData;
            case "getStatement" -> owner.statement();
            case "getType" -> ResultSet.TYPE_SCROLL_INSENSITIVE;
            case "getConcurrency" -> ResultSet.CONCUR_READ_ONLY;
            case "getHoldability" -> ResultSet.HOLD_CURSORS_OVER_COMMIT;
            case "getFetchSize" -> fetchSize;
            case "setFetchSize" -> {
                fetchSize = (int) args[0];
                yield null;
            }
            case "getFetchDirection" -> fetchDirection;
            case "setFetchDirection" -> {
                fetchDirection = (int) args[0];
                yield null;
            }
            case "getWarnings", "clearWarnings" -> null;
            case "rowUpdated", "rowInserted", "rowDeleted" -> false;
            default -> throw notOffered(name);
        };
    }

    private @Nullable Object moveOff(int row) {
        position = row;
        return null;
    }

    private boolean moveTo(int row) {
        position = Math.max(0, Math.min(row, rows.size() + 1));
        return position >= 1 && position <= rows.size();
    }

    private int findColumn(String label) throws SQLException {
        if (copy != null && copy.metaData() == metaData) {
            return copy.source().findColumn(label);
        }
        if (columnsByLabel.isEmpty()) {
            for (int column = columns; column >= 1; column--) {
                columnsByLabel.put(fold(metaData.getColumnLabel(column)), column);
            }
        }
        Integer column = columnsByLabel.get(fold(label));
        if (column == null) {
            throw new SQLException("there is no column '" + label + "' in the result", "42S22");
        }
        return column;
    }

    private static String fold(String label) {
        return label.toLowerCase(Locale.ROOT);
    }

    private @Nullable Object get(Method method, Object[] args) throws SQLException {
        int column = args[0] instanceof String label ? findColumn(label) : (int) args[0];
        if (column < 1 || column > columns) {
            throw Errors.of("column " + column + " was asked for, but the result has " + columns);
        }
        if (position < 1 || position > rows.size()) {
            throw Errors.of("the result set is not on a row; call next first");
        }
        PluginRow row = rows.get(position - 1);
        if (copy != null && row.isOfDriver(column - 1)) {
            return ofDriver(copy, row.driverRow(), column, method, args);
        }
        byte[] text = row.text(column - 1);
        wasNull = text == null;
        return text == null ? nullFor(method.getName()) : ofPlugin(text, column, method.getName(), args);
    }

    private @Nullable Object ofDriver(CopiedRows given, int row, int column, Method method, Object[] args)
            throws SQLException {
        List<@Nullable Object[]> values = given.values();
        if (values != null) {
            Object value = values.get(row)[column - 1];
            wasNull = value == null;
            return value == null ? nullFor(method.getName()) : convert(method.getName(), value, args);
        }
        if (row != driverRow) {
            driverRow = -1;
            given.source().absolute(row + 1);
            driverRow = row;
        }
        Object value = Delegating.call(given.source(), method, args);
        wasNull = given.source().wasNull();
        return value;
    }

    private Object ofPlugin(byte[] text, int column, String getter, Object[] args) throws SQLException {
        return switch (getter) {
            case "getString", "getNString" -> new String(text, StandardCharsets.UTF_8);
            case "getBytes" -> text.clone();
            default -> convert(getter, Values.ofText(text, metaData.getColumnType(column)), args);
        };
    }

    private static @Nullable Object nullFor(String getter) {
        return switch (getter) {
            case "getInt" -> 0;
            case "getLong" -> 0L;
            case "getShort" -> (short) 0;
            case "getByte" -> (byte) 0;
            case "getDouble" -> 0.0;
            case "getFloat" -> 0.0f;
            case "getBoolean" -> false;
            default -> null;
        };
    }

    // The scale of getBigDecimal(int, int) is deprecated but part of the interface.
    private static Object convert(String getter, Object value, Object[] args) throws SQLException {
        Calendar calendar = args.length > 1 && args[1] instanceof Calendar given ? given : null;
        return switch (getter) {
            case "getObject" ->
                args.length > 1 && args[1] instanceof Class<?> type ? Values.toType(value, type) : value;
            case "getString", "getNString" -> Values.toString(value);
            case "getInt" -> (int) Values.toLong(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "getLong" -> Values.toLong(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case "getShort" -> (short) Values.toLong(value, Short.MIN_VALUE, Short.MAX_VALUE);
            case "getByte" -> (byte) Values.toLong(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case "getDouble" -> Values.toDouble(value);
            case "getFloat" -> (float) Values.toDouble(value);
            case "getBoolean" -> Values.toBoolean(value);
            case "getBigDecimal" -> {
                BigDecimal number = Values.toNumber(value);
                yield args.length > 1 ? number.setScale((int) args[1], RoundingMode.HALF_UP) : number;
            }
            case "getBytes" -> Values.toBytes(value);
            case "getDate" ->
                calendar == null ? Values.toDate(value) : new java.sql.Date(Values.toMillis(value, calendar));
            case "getTime" ->
                calendar == null ? Values.toTime(value) : new java.sql.Time(Values.toMillis(value, calendar));
            case "getTimestamp" ->
                calendar == null ? Values.toTimestamp(value) : new java.sql.Timestamp(Values.toMillis(value, calendar));
            case "getBinaryStream", "getAsciiStream" -> Values.toType(value, java.io.InputStream.class);
            case "getCharacterStream", "getNCharacterStream" -> Values.toType(value, java.io.Reader.class);
            case "getBlob" -> Values.toType(value, java.sql.Blob.class);
            case "getClob", "getNClob" -> Values.toType(value, java.sql.Clob.class);
            case "getArray" -> Values.toType(value, java.sql.Array.class);
            case "getURL" -> Values.toType(value, java.net.URL.class);
            default -> throw notOffered(getter);
        };
    }

    private static SQLException notOffered(String method) {
        return new SQLFeatureNotSupportedException(
                Objects.requireNonNull(method) + " is not offered by a result that was read for plugins");
    }
}
