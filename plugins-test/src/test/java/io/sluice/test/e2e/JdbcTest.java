package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.jdbc.SluiceDataSource;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.jdbcx.JdbcDataSource;

/** Guests between an application's JDBC calls and an embedded database with a table of three users. */
abstract class JdbcTest extends HostedTest {
    static final String AT_BEFORE = "error from wasm plugin at before execution stage: ";
    static final String AT_AFTER = "error from wasm plugin at after execution stage: ";

    private final JdbcDataSource database = new JdbcDataSource();

    JdbcTest() {
        database.setURL("jdbc:h2:mem:" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table users(id int primary key, name varchar(40))");
            statement.execute("insert into users values (1, 'ann secret'), (2, 'bob'), (3, null)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A filter that calls a guest, under its behaviour's name; loaded once in a test. */
    SqlFilter filter(String guest) {
        return SqlFilter.of(host.plugin(nameOf(guest)).orElseGet(() -> load(guest)));
    }

    Connection connect(SqlFilter... filters) throws SQLException {
        return SluiceDataSource.wrap(database, FilterSet.of(filters)).getConnection();
    }

    /** What an application gets for a text on a connection of its own: rows, "n rows changed", or the error. */
    String answer(String sql, SqlFilter... filters) throws SQLException {
        try (Connection connection = connect(filters);
                Statement statement = connection.createStatement()) {
            return answer(statement, sql);
        }
    }

    static String answer(Statement statement, String sql) {
        try {
            return statement.execute(sql)
                    ? rowsOf(statement.getResultSet())
                    : statement.getUpdateCount() + " rows changed";
        } catch (SQLException e) {
            return e.getErrorCode() + " " + e.getSQLState() + " " + e.getMessage();
        }
    }

    static String rowsOf(ResultSet rows) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (rows) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                texts.add("(" + String.join(", ", values) + ")");
            }
        }
        return String.join(" ", texts);
    }

    static SQLException refused(ThrowingCallable call) {
        SQLException failure = catchThrowableOfType(SQLException.class, call);
        assertThat((Throwable) failure).isNotNull();
        return failure;
    }
}
