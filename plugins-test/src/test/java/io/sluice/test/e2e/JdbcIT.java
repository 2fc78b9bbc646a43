package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.jdbc.SluiceDataSource;
import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/** Real guests on real SQL: an application's JDBC calls, filters between, an embedded database behind. */
class JdbcIT extends HostedTest {
    private static final String REJECTED = "error from wasm plugin at after execution stage: "
            + "error from wasm plugin at before execution stage: no where clause";

    private final JdbcDataSource database = new JdbcDataSource();

    JdbcIT() throws SQLException {
        database.setURL("jdbc:h2:mem:" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table users(id int primary key, name varchar(40))");
            statement.execute("insert into users values (1, 'ann secret'), (2, 'bob'), (3, null)");
        }
    }

    private Connection connect(SqlFilter... filters) throws SQLException {
        return SluiceDataSource.wrap(database, FilterSet.of(filters)).getConnection();
    }

    private SqlFilter filter(String guest) {
        return SqlFilter.of(load(guest));
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(ThrowingCallable call) {
        SQLException failure = catchThrowableOfType(SQLException.class, call);
        assertThat((Throwable) failure).isNotNull();
        assertThat(failure.getErrorCode()).isEqualTo(1105);
        assertThat(failure.getSQLState()).isEqualTo("HY000");
        return assertThat((Throwable) failure);
    }

    @Test
    void updateWithoutWhereNeverReachesTheDatabase() throws SQLException {
        try (Connection connection = connect(filter(GuestFiles.REJECT));
                Statement statement = connection.createStatement()) {
            assertRefused(() -> statement.executeUpdate("update users set name = 'x'"))
                    .hasMessage(REJECTED);
            assertRefused(() -> connection.prepareStatement("delete from users").executeUpdate())
                    .hasMessage(REJECTED);
            assertThat(statement.executeUpdate("update users set name = 'carl' where id = 2"))
                    .isEqualTo(1);
            try (PreparedStatement prepared = connection.prepareStatement("select name from users where id = ?")) {
                prepared.setInt(1, 2);
                assertThat(single(prepared.executeQuery())).isEqualTo("carl");
            }
        }
    }

    @Test
    void rewrittenQueryIsTheOneExecuted() throws SQLException {
        try (Connection connection = connect(filter("c/rewrite_query"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select x from system_range(1, 100)")) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            assertThat(count).isEqualTo(10);
        }
    }

    @Test
    void rewrittenResultIsTheOneReturned() throws SQLException {
        try (Connection connection = connect(filter("c/mask_result"));
                Statement statement = connection.createStatement()) {
            assertThat(single(statement.executeQuery("select name from users where id = 1")))
                    .isEqualTo("ann ******");
        }
    }

    @Test
    void failingPluginRefusesTheQuery() throws SQLException {
        try (Connection connection = connect(filter("hostile/recurses"));
                Statement statement = connection.createStatement()) {
            assertRefused(() -> statement.executeQuery("select 1"))
                    .hasMessageContaining("plugin 'recurses', before: ")
                    .hasMessageContaining("the guest's call stack is exhausted");
        }
    }

    @Test
    @Shows("better: a filter fails open or closed")
    void pluginThatFailsOpenLetsTheQueryThrough() throws SQLException {
        PluginConfig config = PluginConfig.of("loops_before")
                .withFailPolicy(FailPolicy.OPEN)
                .withLimits(PluginLimits.defaults().withDeadline(Duration.ofMillis(20)));
        Plugin plugin = load("hostile/loops_before", config);
        try (Connection connection = connect(SqlFilter.of(plugin));
                Statement statement = connection.createStatement()) {
            assertThat(single(statement.executeQuery("select 1"))).isEqualTo("1");
        }
        assertThat(plugin.counters().allTraps()).isEqualTo(1);
    }

    private static String single(ResultSet rows) throws SQLException {
        try (rows) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
