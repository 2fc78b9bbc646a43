package io.sluice.jdbc;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A result of the driver's own that names the filtered statement as its statement, so that no call leads round the filters. */
final class DriverResultSet extends Delegating {
    private final Answered owner;

    private DriverResultSet(ResultSet delegate, Answered owner) {
        super(delegate);
        this.owner = owner;
    }

    static ResultSet of(ResultSet delegate, Answered owner) {
        return new DriverResultSet(delegate, owner).proxy(ResultSet.class);
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
                return pass(method, args);
            }
        }
    }
}
