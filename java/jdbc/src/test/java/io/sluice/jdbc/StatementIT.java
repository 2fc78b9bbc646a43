package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginLimits;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.h2.jdbc.JdbcResultSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatementIT {
    private static final String REJECTION = "error from wasm plugin at after execution stage: error from wasm plugin at"
            + " before execution stage: no where clause";

    private FilteredDatabase database;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase();
        statement = database.connection.createStatement();
        statement.execute("create table person(id int primary key, name varchar(20), note varchar(20))");
        statement.execute("insert into person values (1, 'Ada', 'pin secret'), (2, 'Grace', null)");
        database.filter("c/reject_without_where", "(?is)(update|delete).*");
        database.events.clear();
    }

    @AfterEach
    void close() throws SQLException {
        statement.close();
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    private static List<String> column(ResultSet rows, int column) throws SQLException {
        List<String> values = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                values.add(rows.getString(column));
            }
        }
        return values;
    }

    private void assertRejected(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
                .hasMessage(REJECTION)
                .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(1105))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("HY000"));
    }

    @Test
    void rejectionIsAnSqlExceptionOnEveryWayToExecute() throws SQLException {
        String sql = "update person set name = 'x'";
        assertRejected(() -> statement.executeUpdate(sql));
        assertRejected(() -> statement.executeLargeUpdate(sql));
        assertRejected(() -> statement.execute(sql));
        assertRejected(() -> statement.executeQuery(sql));
        assertRejected(() -> statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS));
        assertRejected(() -> statement.execute(sql, new int[] {1}));
        assertRejected(() -> statement.executeUpdate(sql, new String[] {"ID"}));

        assertThat(database.lastEvent().executed()).isNull();
        assertThat(column(statement.executeQuery("select name from person order by id"), 1))
                .containsExactly("Ada", "Grace");
    }

    @Test
    void whatIsLetPassIsTheDriversOwn() throws SQLException {
        assertThat(statement.executeUpdate("update person set name = 'Eve' where id = 1"))
                .isEqualTo(1);
        assertThat(statement.getUpdateCount()).isEqualTo(1);
        assertThat(statement.executeLargeUpdate("delete from person where id = 2"))
                .isEqualTo(1);
        assertThat(statement.execute("select name from person")).isTrue();
        ResultSet rows = statement.getResultSet();
        assertThat(rows.isWrapperFor(JdbcResultSet.class)).isTrue();
        assertThat(statement.getResultSet()).isSameAs(rows);
        assertThat(column(rows, 1)).containsExactly("Eve");
        assertThat(statement.getMoreResults()).isFalse();
        assertThat(statement.execute("update person set name = 'Eva' where id = 1"))
                .isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(1);
    }

    @Test
    void resultLeadsBackToTheFilteredStatement() throws SQLException {
        try (ResultSet rows = statement.executeQuery("select name from person")) {
            assertThat(rows.getStatement()).isSameAs(statement);
        }
        statement.executeUpdate("update person set name = 'Eve' where id = 1", Statement.RETURN_GENERATED_KEYS);
        try (ResultSet keys = statement.getGeneratedKeys()) {
            assertThat(keys.getStatement()).isSameAs(statement);
        }
    }

    @Test
    void rejectionEndsTheResultBefore() throws SQLException {
        assertThat(statement.execute("select name from person")).isTrue();
        ResultSet before = statement.getResultSet();
        assertRejected(() -> statement.execute("delete from person"));
        assertThat(before.isClosed()).isTrue();
        assertThat(statement.getResultSet()).isNull();
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
    }

    @Test
    void errorOfTheDatabaseGoesThroughAfter() {
        assertThatThrownBy(() -> statement.executeUpdate("delete from nobody where id = 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith("error from wasm plugin at after execution stage: ")
                .hasMessageContaining("NOBODY")
                .hasCauseInstanceOf(SQLException.class);
    }

    @Test
    void errorOfTheDatabaseIsTheDriversOwnWhereNoFilterIsCalled() {
        assertThatThrownBy(() -> statement.executeQuery("select * from nobody"))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("42S02"));
    }

    @Test
    void rewrittenQueryIsWhatTheDatabaseGets() throws SQLException {
        database.filter("c/rewrite_query", "select x .*");

        assertThat(column(statement.executeQuery("select x from system_range(1, 1000)"), 1))
                .hasSize(10);

        assertThat(database.lastEvent().executed()).isEqualTo("select x from system_range(1, 1000) limit 10");
        assertThat(database.lastEvent().queryChanged()).isTrue();
    }

    @Test
    void rewrittenResultIsWhatTheApplicationGets() throws SQLException {
        database.filter("c/mask_result", "select .*");

        ResultSet rows = statement.executeQuery("select id, name as who, note from person order by id");

        assertThat(rows.getStatement()).isSameAs(statement);
        assertThat(rows.getMetaData().getColumnLabel(2)).isEqualToIgnoringCase("who");
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(1);
        assertThat(rows.getObject(1)).isEqualTo(1);
        assertThat(rows.getString("WHO")).isEqualTo("Ada");
        assertThat(rows.getString("note")).isEqualTo("pin ******");
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(3)).isNull();
        assertThat(rows.wasNull()).isTrue();
        assertThat(rows.next()).isFalse();
        assertThat(statement.getResultSet()).isSameAs(rows);
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
        assertThat(statement.getMoreResults()).isFalse();
        assertThat(rows.isClosed()).isTrue();
        assertThat(database.lastEvent().resultChanged()).isTrue();
    }

    @Test
    void resultIsRewrittenOnExecute() throws SQLException {
        database.filter("c/mask_result", "select .*");

        assertThat(statement.execute("select note from person where id = 1")).isTrue();

        assertThat(column(statement.getResultSet(), 1)).containsExactly("pin ******");
    }

    @Test
    void updateCountGoesThroughAPluginThatReadsResults() throws SQLException {
        database.filter("c/echo_result", ".*");

        assertThat(statement.executeUpdate("insert into person values (3, 'Lin', null), (4, 'Bea', null)"))
                .isEqualTo(2);
        assertThat(statement.execute("update person set note = '' where id > 2"))
                .isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(2);
        assertThat(statement.getLargeUpdateCount()).isEqualTo(2);
        assertThat(statement.getMoreResults()).isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
    }

    @Test
    void resultAboveTheLimitIsAnErrorThatNamesIt() {
        PluginConfig config =
                PluginConfig.of("echo").withLimits(PluginLimits.defaults().withMaxResultBytes(10_000));
        database.filter(config, "c/echo_result", "select .*");

        assertThatThrownBy(() -> statement.executeQuery("select x from system_range(1, 100000)"))
                .isInstanceOf(SQLException.class)
                .hasMessage("error from wasm plugin at after execution stage: the query's result has more than 10000"
                        + " bytes, which a plugin that reads results may be given; ask for fewer rows or raise"
                        + " PluginLimits.maxResultBytes");
    }

    @Test
    void resultOf64MibIsAnErrorThatNamesTheDefaultLimit() throws SQLException {
        database.filter(PluginConfig.of("echo"), "c/echo_result", "select .*");

        assertThatThrownBy(() -> statement.executeQuery("select repeat('x', 1048576) from system_range(1, 64)"))
                .isInstanceOf(SQLException.class)
                .hasMessage("error from wasm plugin at after execution stage: the query's result has more than 16777216"
                        + " bytes, which a plugin that reads results may be given; ask for fewer rows or raise"
                        + " PluginLimits.maxResultBytes");
        try (ResultSet rows = statement.executeQuery("select repeat('x', 1048576) from system_range(1, 8)")) {
            assertThat(rows.next()).isTrue();
        }
    }

    @Test
    void pluginThatFailsFailsTheQuery() {
        database.filter("hostile/loops_before", "select 1");

        assertThatThrownBy(() -> statement.executeQuery("select 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith("plugin 'loops_before', before: ")
                .hasCauseInstanceOf(PluginException.class);
        assertThat(database.lastEvent().failure()).isNotNull();
    }

    @Test
    void pluginThatFailsOpenIsPassedOver() throws SQLException {
        PluginConfig config = PluginConfig.of("open")
                .withFailPolicy(FailPolicy.OPEN)
                .withLimits(PluginLimits.defaults().withFuelPerCall(100_000));
        database.filter(config, "hostile/loops_before", "select 1");

        assertThat(column(statement.executeQuery("select 1"), 1)).containsExactly("1");
        assertThat(database.lastEvent().error()).isNull();
        assertThat(database.lastEvent().failure()).isNotNull();
    }

    @Test
    void batchGoesThroughTheFiltersOneByOne() throws SQLException {
        statement.addBatch("insert into person values (3, 'Lin', null)");
        statement.addBatch("update person set note = 'x' where id > 1");
        assertThat(statement.executeBatch()).containsExactly(1, 2);

        statement.addBatch("insert into person values (4, 'Bea', null)");
        statement.addBatch("delete from person");
        statement.addBatch("insert into person values (5, 'Noor', null)");
        assertThatThrownBy(() -> statement.executeBatch())
                .asInstanceOf(InstanceOfAssertFactories.throwable(BatchUpdateException.class))
                .hasMessage(REJECTION)
                .satisfies(e -> assertThat(e.getUpdateCounts()).containsExactly(1))
                .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(1105));
        assertThat(statement.executeBatch()).isEmpty();
        assertThat(column(statement.executeQuery("select id from person order by id"), 1))
                .containsExactly("1", "2", "3", "4");
    }

    @Test
    void batchWithoutFiltersIsTheDriversOwn() throws SQLException {
        database.filters.drop("reject_without_where");
        statement.addBatch("delete from person where id = 1");
        statement.addBatch("delete from person");

        assertThat(statement.executeLargeBatch()).containsExactly(1, 1);

        statement.addBatch("broken");
        statement.clearBatch();
        assertThat(statement.executeBatch()).isEmpty();
    }

    @Test
    void generatedKeysAreTheDriversOwn() throws SQLException {
        statement.execute("create table counted(id int auto_increment primary key, v int)");
        statement.executeUpdate("insert into counted(v) values (7), (8)", Statement.RETURN_GENERATED_KEYS);

        assertThat(column(statement.getGeneratedKeys(), 1)).containsExactly("1", "2");
    }

    @Test
    void filtersChangeForOpenConnections() throws SQLException {
        database.filters.drop("reject_without_where");

        assertThat(statement.executeUpdate("update person set name = 'x'")).isEqualTo(2);
    }

    @Test
    void transactionsAndMetadataAreTheDriversOwn() throws SQLException {
        Connection connection = database.connection;
        connection.setAutoCommit(false);
        statement.executeUpdate("delete from person where id = 1");
        assertRejected(() -> statement.executeUpdate("delete from person"));
        connection.rollback();
        connection.setAutoCommit(true);

        assertThat(column(statement.executeQuery("select id from person order by id"), 1))
                .containsExactly("1", "2");
        assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("H2");
        assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
        assertThat(statement.getConnection()).isSameAs(connection);
    }

    @Test
    void wrappersUnwrapToThemselvesAndToTheDriver() throws SQLException {
        Connection connection = database.connection;

        assertThat(connection.isWrapperFor(Connection.class)).isTrue();
        assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
        assertThat(connection.isWrapperFor(org.h2.jdbc.JdbcConnection.class)).isTrue();
        assertThat(connection.unwrap(org.h2.jdbc.JdbcConnection.class)).isNotNull();
        assertThat(connection.isWrapperFor(String.class)).isFalse();
        assertThatThrownBy(() -> connection.unwrap(String.class)).isInstanceOf(SQLException.class);
        assertThat(database.dataSource.unwrap(SluiceDataSource.class)).isSameAs(database.dataSource);
        assertThat(database.dataSource.unwrap(org.h2.jdbcx.JdbcDataSource.class))
                .isSameAs(database.driver);
        assertThat(database.dataSource.isWrapperFor(String.class)).isFalse();
        assertThat(database.dataSource.filters()).isSameAs(database.filters);
        assertThatThrownBy(() -> database.dataSource.createConnectionBuilder())
                .hasMessage("a filtered data source has no connection builder; use getConnection");
    }

    @Test
    void objectsAreEqualToThemselvesOnly() throws SQLException {
        try (Statement other = database.connection.createStatement()) {
            assertThat(new java.util.HashSet<>(List.of(statement, other)))
                    .contains(statement)
                    .hasSize(2);
        }
        assertThat(statement.toString()).startsWith("filtered ");
    }

    @Test
    void eventTellsWhatBecameOfTheQuery() throws SQLException {
        column(statement.executeQuery("select 1"), 1);
        assertThat(database.lastEvent().sent()).isEqualTo("select 1");
        assertThat(database.lastEvent().executed()).isEqualTo("select 1");
        assertThat(database.lastEvent().fuel()).isZero();
        assertThat(database.lastEvent().databaseNanos()).isPositive();

        assertRejected(() -> statement.execute("delete from person"));
        assertThat(database.lastEvent().fuel()).isPositive();
        assertThat(database.lastEvent().filterNanos()).isPositive();
        assertThat(String.valueOf(database.lastEvent().error())).isEqualTo("ERROR 1105 (HY000): " + REJECTION);
        assertThat(database.lastEvent().databaseNanos()).isZero();
    }

    @Test
    void closedStatementIsTheDriversError() throws SQLException {
        statement.close();

        assertThat(statement.isClosed()).isTrue();
        assertThatThrownBy(() -> statement.executeQuery("select 1")).isInstanceOf(SQLException.class);
    }
}
