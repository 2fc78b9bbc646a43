package io.sluice.jdbc;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.jspecify.annotations.Nullable;

/** A result of the driver's own that names the filtered statement as its statement, so that no call leads round the filters. */
final class DriverResultSet extends Delegating {
    private final Answered owner;

    private final boolean read;

    private DriverResultSet(ResultSet delegate, Answered owner, boolean read) {
        super(delegate);
        this.owner = owner;
        this.read = read;
    }

    static ResultSet of(ResultSet delegate, Answered owner) {
        return new DriverResultSet(delegate, owner, false).proxy(ResultSet.class);
    }

    /** A result that plugins have read; it is not written to, for no plugin would see that. */
    static ResultSet ofRead(ResultSet delegate, Answered owner) {
        return new DriverResultSet(delegate, owner, true).proxy(ResultSet.class);
    }

    static boolean isOurs(ResultSet rows) {
        return Proxy.isProxyClass(rows.getClass()) && Proxy.getInvocationHandler(rows) instanceof DriverResultSet;
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        switch (method.getName()) {
            case "getStatement" -> {
                pass(method, args); // what the driver has to say to it when the result is closed
                return owner.statement();
            }
            case "close" -> {
                pass(method, args);
                owner.resultClosed();
                return null;
            }
            default -> {
                if (read && writes(method.getName())) {
                    throw new SQLFeatureNotSupportedException(
                            method.getName() + " is not offered by a result that was read for plugins");
                }
                return pass(method, args);
            }
        }
    }

    private static boolean writes(String name) {
        return name.startsWith("update")
                || name.equals("insertRow")
                || name.equals("deleteRow")
                || name.equals("moveToInsertRow");
    }
}
