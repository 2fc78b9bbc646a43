package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.plugin.Guests;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.QueryProperty;
import io.sluice.sql.BreakerConfig;
import io.sluice.sql.ConcurrencyControl;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.io.StringReader;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What filters know of a query, what they do to it, and what they hold while it is executed. */
abstract class FilterCases {
    private static final String SELECT = "select name from person";
    private static final String FAULTY = "select nothing_like_it from person";

    private final Backend backend;
    private FilteredDatabase database;
    private Statement statement;

    FilterCases(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase(backend, "");
        statement = database.connection.createStatement();
        statement.execute("create table person(id int auto_increment primary key, name varchar(60))");
        statement.execute("insert into person(name) values ('Ada')");
        if (backend.isH2()) {
            statement.execute("create alias sleep for 'java.lang.Thread.sleep(long)'");
        }
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    private void add(FilterAction action, FilterPattern pattern) {
        database.filters.add(SqlFilter.of("rule", action).withPattern(pattern));
    }

    private int count() throws SQLException {
        try (Connection plain = database.driver.getConnection();
                Statement asked = plain.createStatement();
                ResultSet rows = asked.executeQuery("select count(*) from person")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void assertFails(ThrowingCallable call, int code, String state, String message) {
        SQLException thrown = catchThrowableOfType(SQLException.class, call);
        assertThat((Throwable) thrown).hasMessage(message);
        assertThat(thrown.getErrorCode()).isEqualTo(code);
        assertThat(thrown.getSQLState()).isEqualTo(state);
    }

    private static void assertRefused(ThrowingCallable call) {
        assertFails(call, 1105, "HY000", "disallowed due to rule: rule");
    }

    @Test
    void conditionOnAValueHoldsForEachRowOfABatch() throws SQLException {
        add(new FilterAction.Fail(), FilterPattern.any().withBindVarConds("v1 = 'evil'"));
        try (PreparedStatement insert = database.connection.prepareStatement("insert into person(name) values (?)")) {
            for (String name : new String[] {"good", "evil", "late"}) {
                insert.setString(1, name);
                insert.addBatch();
            }
            insert.setString(1, "current");
            BatchUpdateException thrown = catchThrowableOfType(BatchUpdateException.class, insert::executeBatch);
            assertThat((Throwable) thrown).hasMessage("disallowed due to rule: rule");
            assertThat(thrown.getErrorCode()).isEqualTo(1105);
            assertThat(thrown.getUpdateCounts()).containsExactly(1);
            assertThat(count()).isEqualTo(2);

            assertThat(insert.executeBatch()).isEmpty();
            assertThat(insert.executeUpdate()).isEqualTo(1);
            insert.setString(1, "good");
            insert.addBatch();
            insert.setString(1, "evil");
            assertRefused(insert::executeUpdate);
            assertThat(insert.executeBatch()).hasSize(1);
            assertThat(count()).isEqualTo(4);
        }
    }

    @Test
    void keysOfABatchFilteredRowByRowAreAllThere() throws SQLException {
        add(ConcurrencyControl.of(1, 1), FilterPattern.any().withBindVarConds("v1 = 'b'"));
        try (PreparedStatement insert = database.connection.prepareStatement(
                "insert into person(name) values (?)", Statement.RETURN_GENERATED_KEYS)) {
            for (String name : new String[] {"a", "b", "c"}) {
                insert.setString(1, name);
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
            assertThat(JdbcCases.column(insert.getGeneratedKeys(), 1)).containsExactly("2", "3", "4");
        }
    }

    @Test
    void streamIsNoWayRoundAConditionOnItsValue() throws SQLException {
        add(new FilterAction.Fail(), FilterPattern.any().withBindVarConds("v1 = 'evil'"));
        try (PreparedStatement insert = database.connection.prepareStatement("insert into person(name) values (?)")) {
            insert.setCharacterStream(1, new StringReader("evil"));
            assertRefused(insert::executeUpdate);
            insert.setCharacterStream(1, new StringReader("evil"));
            insert.addBatch();
            assertThatThrownBy(insert::executeBatch).hasMessage("disallowed due to rule: rule");
            insert.setString(1, "good");
            assertThat(insert.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void pluginIsToldWhatItIsGranted() throws SQLException {
        PluginConfig config = PluginConfig.of("properties").withGrants(EnumSet.allOf(QueryProperty.class));
        Plugin plugin = database.host.load(config, Guests.source("sluice/properties"));
        database.filters.add(SqlFilter.of(plugin));
        SluiceDataSource source = database.dataSource.withUser("ada").withClientAddress("10.0.0.7");
        String name = backend.isH2() ? database.connection.getSchema() : database.connection.getCatalog();
        try (Connection connection = source.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("update person set name = ? where id = ? and name <> ?")) {
            update.setCharacterStream(1, new StringReader("hidden"));
            update.setInt(2, 7);
            update.setString(3, "shown");
            assertThatThrownBy(update::executeUpdate)
                    .hasMessageContaining("user 0 ada; client_address 0 10.0.0.7; database 0 " + name
                            + "; kind 0 Update; tables 0 " + name + ".person; bind_values 0 ["
                            + "{\"unknown\":true},7,\"shown\"]; ");
            update.setString(1, "a");
            update.addBatch();
            assertThatThrownBy(update::executeBatch)
                    .isInstanceOf(BatchUpdateException.class)
                    .hasMessageContaining("bind_values 0 [\"a\",7,\"shown\"]; ");
            connection.setClientInfo(SluiceDataSource.USER, "grace");
            connection.setClientInfo(SluiceDataSource.CLIENT_ADDRESS, "::1");
            assertThatThrownBy(update::executeUpdate).hasMessageContaining("user 0 grace; client_address 0 ::1; ");
        }
    }

    @Test
    void userAndAddressAreConditions() throws SQLException {
        add(new FilterAction.Fail(), FilterPattern.any().withUserRegex("ada").withRequestIpRegex("10\\..*"));
        statement.executeQuery(SELECT).close();
        database.connection.setClientInfo(SluiceDataSource.USER, "ada");
        statement.executeQuery(SELECT).close();
        database.connection.setClientInfo(SluiceDataSource.CLIENT_ADDRESS, "10.1.2.3");
        assertRefused(() -> statement.executeQuery(SELECT));
        database.connection.setClientInfo(SluiceDataSource.USER, null);
        statement.executeQuery(SELECT).close();
    }

    @Test
    void failAndFailRetryRefuseAndTheRestLetsPass() throws SQLException {
        add(new FilterAction.Fail(), FilterPattern.any());
        assertRefused(() -> statement.executeQuery(SELECT));
        database.filters.drop("rule");
        add(new FilterAction.FailRetry(), FilterPattern.any());
        assertRefused(() -> statement.executeQuery(SELECT));
        database.filters.drop("rule");
        add(new FilterAction.Continue(), FilterPattern.any());
        database.filters.add(SqlFilter.of("buffer", new FilterAction.Buffer()));
        assertThat(JdbcCases.column(statement.executeQuery(SELECT), 1)).containsExactly("Ada");
    }

    @Test
    @Timeout(60)
    void placeIsHeldWhileTheStatementIsExecuted() throws Exception {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        add(control, FilterPattern.any());
        String sleep = backend.isH2() ? "select sleep(2000)" : "select sleep(2)";
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> {
            try (Connection other = database.dataSource.getConnection();
                    Statement asked = other.createStatement()) {
                asked.executeQuery(sleep).next();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        while (control.size() == 0 && !running.isDone()) {
            Thread.sleep(5);
        }
        assertFails(
                () -> statement.executeQuery(SELECT),
                1203,
                "42000",
                "concurrency control protection: too many queued transactions (1 >= 1)");
        running.join();
        assertThat(control.size()).isZero();
    }

    @Test
    void placeIsGivenBackHoweverTheExecutionEnds() throws SQLException {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        add(control, FilterPattern.any());
        statement.executeQuery(SELECT);
        assertThat(control.size()).isZero();
        assertThatThrownBy(() -> statement.executeQuery(FAULTY)).isInstanceOf(SQLException.class);
        assertThat(control.size()).isZero();
        database.filters.add(SqlFilter.of("later", new FilterAction.Fail()).withPriority(2000));
        assertThatThrownBy(() -> statement.executeQuery(SELECT)).hasMessage("disallowed due to rule: later");
        assertThat(control.size()).isZero();
        database.filters.drop("later");
        try (Connection other = database.dataSource.getConnection()) {
            Statement closed = other.createStatement();
            closed.executeQuery(SELECT);
            closed.close();
            assertThat(control.size()).isZero();
            other.createStatement().executeQuery(SELECT);
        }
        assertThat(control.size()).isZero();
    }

    @Test
    void errorOfAPluginKeepsItsCodeAndState() {
        database.filter("sluice/sets_error", "select .*");
        assertFails(() -> statement.executeQuery(SELECT), 1142, "42000", "denied by the plugin");
    }

    @Test
    void errorOfTheDatabaseIsKeptIfSoAsked() throws SQLException {
        database.filter("c/allows_all", "select .*");
        SQLException own;
        try (Connection plain = database.driver.getConnection();
                Statement asked = plain.createStatement()) {
            own = catchThrowableOfType(SQLException.class, () -> asked.executeQuery(FAULTY));
        }
        SQLException changed = catchThrowableOfType(SQLException.class, () -> statement.executeQuery(FAULTY));
        assertThat((Throwable) changed).hasMessageStartingWith("error from wasm plugin at after execution stage: ");
        assertThat(changed.getErrorCode()).isEqualTo(1105);
        assertThat(changed.getSQLState()).isEqualTo("HY000");
        try (Connection keeping =
                        database.dataSource.withErrorTexts(ErrorTexts.KEPT).getConnection();
                Statement asked = keeping.createStatement()) {
            SQLException kept = catchThrowableOfType(SQLException.class, () -> asked.executeQuery(FAULTY));
            assertThat((Throwable) kept).hasSameClassAs(own);
            assertThat(kept.getErrorCode()).isEqualTo(own.getErrorCode());
            assertThat(kept.getSQLState()).isEqualTo(own.getSQLState());
        }
    }

    @Test
    void openBreakerSaysSo() {
        Plugin plugin = database.host.load(PluginConfig.of("trapping"), Guests.source("hostile/exits_in_before"));
        database.filters.add(
                SqlFilter.of(plugin).withBreaker(BreakerConfig.defaults().withFailuresInARow(2)));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> statement.executeQuery(SELECT))
                    .isInstanceOf(SQLException.class)
                    .hasMessageNotContaining("not called");
        }
        assertThatThrownBy(() -> statement.executeQuery(SELECT))
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith(
                        "filter 'trapping', plugin 'trapping': not called after 2 failures in a row; tried again in ");
    }

    @Test
    @Timeout(60)
    void lockOfAPluginEndsWithItsQuery() throws SQLException {
        database.filter("dialect_b/locks_until_after", "select .*");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> statement.executeQuery(FAULTY))
                    .isInstanceOf(SQLException.class)
                    .hasMessageNotContaining("deadline");
            try (Connection other = database.dataSource.getConnection()) {
                Statement asked = other.createStatement();
                assertThat(asked.executeQuery(SELECT).next()).isTrue();
            }
        }
    }

    @Test
    void batchThatConcernsNoFilterIsTheDriversOwn() throws SQLException {
        add(new FilterAction.Fail(), FilterPattern.any().withQueryRegex("delete .*"));
        statement.addBatch("insert into person(name) values ('b')");
        statement.addBatch("insert into person(name) values ('c')");
        int before = database.events.size();
        assertThat(statement.executeBatch()).containsExactly(1, 1);
        assertThat(database.events).hasSize(before + 2);
        assertThat(database.lastEvent().executed()).isEqualTo("insert into person(name) values ('c')");
        statement.addBatch("insert into person(name) values ('d')");
        statement.addBatch("delete from person");
        statement.addBatch("insert into person(name) values ('e')");
        BatchUpdateException thrown = catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);
        assertThat((Throwable) thrown).hasMessage("disallowed due to rule: rule");
        assertThat(thrown.getUpdateCounts()).containsExactly(1);
        assertThat(count()).isEqualTo(4);
    }
}
