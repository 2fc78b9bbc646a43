package io.sluice.jdbc;

import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A result of the driver's own that names the filtered statement as its statement, so that no call leads round the filters. */
final class DriverResultSet extends Delegating {
    private final Statement statement;

    private DriverResultSet(ResultSet delegate, Statement statement) {
        super(delegate);
        this.statement = statement;
    }

    static ResultSet of(ResultSet delegate, Statement statement) {
        return new DriverResultSet(delegate, statement).proxy(ResultSet.class);
    }

    @Override
    @Nullable
    Object handle(Method method, Object[] args) throws SQLException {
        if (method.getName().equals("getStatement")) {
            pass(method, args); // what the driver has to say to it when the result is closed
            return statement;
        }
        return pass(method, args);
    }
}
