package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.sql.ConcurrencyControl;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What filters do to statements and results, and that no statement goes round them. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayFilterIT {
    private GatewayFixture fixture;

    @BeforeEach
    void start() throws SQLException {
        fixture = new GatewayFixture("gateway_filter");
    }

    @AfterEach
    void stop() {
        fixture.close();
        assertThat(fixture.host.memoryUsedBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void pluginChangesValuesAndLeavesTypesAlone(Through driver) throws SQLException {
        fixture.filter("c/mask_result", "(?is)select.*");
        String sql = "select 7 i, -1.5e0 d, 'a secret' s, null n, cast('2024-02-29 01:02:03.5' as datetime(1)) t,"
                + " cast(18446744073709551615 as unsigned) u, cast('-12:13:14' as time) c, cast(1.25 as decimal(9,3)) m from dual where 1=?";
        try (Connection connection = fixture.connect(driver);
                PreparedStatement prepared = connection.prepareStatement(sql)) {
            prepared.setInt(1, 1);
            try (ResultSet rows = prepared.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt("i")).isEqualTo(7);
                assertThat(rows.getDouble("d")).isEqualTo(-1.5);
                assertThat(rows.getString("s")).isEqualTo("a ******");
                assertThat(rows.getString("n")).isNull();
                assertThat(rows.getTimestamp("t")).isEqualTo(Timestamp.valueOf("2024-02-29 01:02:03.5"));
                assertThat(rows.getString("u")).isEqualTo("18446744073709551615");
                assertThat(rows.getString("c")).startsWith("-12:13:14");
                assertThat(rows.getBigDecimal("m")).isEqualByComparingTo("1.25");
                assertThat(rows.next()).isFalse();
            }
            try (PreparedStatement none =
                    connection.prepareStatement("select 'secret' x from dual where 1=0 and 1=?")) {
                none.setInt(1, 1);
                assertThat(none.executeQuery().next()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void answersThatPluginRewroteAreComplete(Through driver) throws SQLException {
        fixture.filter("c/echo_result", "(?is)(select|insert|update|delete|call).*");
        List<String> direct;
        try (Connection connection = fixture.connectDirectly(driver);
                Statement statement = connection.createStatement()) {
            direct = everyType(connection, statement);
        }
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            assertThat(everyType(connection, statement)).isEqualTo(direct);
        }
    }

    private static List<String> everyType(Connection connection, Statement statement) throws SQLException {
        List<String> seen = new ArrayList<>();
        statement.execute(
                "create or replace table every(id int auto_increment primary key, t tinyint, u bigint unsigned, f float,"
                        + " d double, n decimal(20,6), da date, ti time(3), dt datetime(6), y year, v varchar(200), bl blob, bt bit(10),"
                        + " e enum('one','two'))");
        seen.add("count "
                + statement.executeUpdate(
                        "insert into every values (null,-128,18446744073709551615,1.5,1e300,-2.5,"
                                + "'2024-02-29','-12:34:56.789','2024-12-31 23:59:59.123456',2024,'grüße 😀',x'00ff',b'1010101010','two'),"
                                + "(null,null,null,0.1,-1e-7,null,'0000-00-00','838:59:59','2024-01-01',null,'',x'',null,null)",
                        Statement.RETURN_GENERATED_KEYS));
        try (ResultSet keys = statement.getGeneratedKeys()) {
            seen.add("key " + keys.next() + keys.getLong(1));
        }
        try (PreparedStatement prepared = connection.prepareStatement("select * from every where id > ? order by id")) {
            prepared.setInt(1, 0);
            try (ResultSet rows = prepared.executeQuery()) {
                int columns = rows.getMetaData().getColumnCount();
                while (rows.next()) {
                    for (int i = 1; i <= columns; i++) {
                        boolean zeroDate = rows.getMetaData().getColumnLabel(i).equals("da") && rows.getRow() == 2;
                        seen.add(rows.getMetaData().getColumnTypeName(i) + " " + (zeroDate ? "-" : rows.getString(i)));
                    }
                }
            }
        }
        return seen;
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void pluginPutsAnotherStatementInTheClientsPlace(Through driver) throws SQLException {
        fixture.filter("c/rewrites_as_told", "(?is).*=> .*");
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("select 1 /* => select 'other', 2 -- */")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("other");
            }
            if (!driver.isServerPrepared()) {
                return; // the driver's own placeholders are not looked for in comments
            }
            try (PreparedStatement prepared =
                    connection.prepareStatement("select ? /* => select concat('given ', ?) -- */")) {
                for (int i = 0; i < 3; i++) {
                    prepared.setString(1, "v" + i);
                    try (ResultSet rows = prepared.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getString(1)).isEqualTo("given v" + i);
                    }
                }
            }
        }
    }

    @Test
    void rewriteThatChangesTheNumberOfParametersIsRefused() throws SQLException {
        fixture.filter("c/rewrites_as_told", "(?is).*=> .*");
        try (Connection connection = fixture.connect(Through.MARIADB_SERVER_PREPARED);
                PreparedStatement prepared = connection.prepareStatement("select ? /* => select ?, ? -- */")) {
            prepared.setInt(1, 1);
            assertThatThrownBy(prepared::executeQuery)
                    .hasMessageContaining("text that a plugin made has 2 parameters where the client sent 1");
        }
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void pluginRefusesAfterTheServerAnswered(Through driver) throws SQLException {
        fixture.filter("c/refuses_after", "(?is)select.*seq.*");
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("select seq, repeat('x', 1000) from seq_1_to_5000"))
                    .hasMessageContaining("error from wasm plugin at after execution stage: refused after");
            assertThat(one(statement, "select 'still there'")).isEqualTo("still there");
        }
    }

    @Test
    void resultAboveThePluginsLimitIsAnError() throws SQLException {
        PluginConfig config =
                PluginConfig.of("mask").withLimits(PluginLimits.defaults().withMaxResultBytes(10_000));
        fixture.filter(
                SqlFilter.of(fixture.host.load(config, Guests.source("c/mask_result"))),
                FilterPattern.any().withQueryRegex("(?is)select.*"));
        try (Connection connection = fixture.connect(Through.CONNECTOR_J);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("select repeat('x', 100000)"))
                    .hasMessageContaining("10000 bytes that plugins may be shown");
            assertThat(one(statement, "select 'a secret'")).isEqualTo("a ******");
        }
    }

    @Test
    void severalResultsCannotBeShownToPlugins() throws SQLException {
        fixture.filter("c/mask_result", "(?is)call.*");
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace procedure two() begin select 'secret'; select 'secret'; end");
            statement.execute("create or replace procedure one() begin select 'secret'; end");
            assertThatThrownBy(() -> statement.execute("call two()"))
                    .hasMessageContaining(
                            "statement has several results, and a plugin that reads results can be shown one only");
            assertThat(statement.execute("call one()")).isTrue();
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo("******");
            }
        }
    }

    @Test
    void statementsThatHideAnotherAreRefusedWhileThereAreFilters() throws SQLException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            statement.execute("prepare s from 'select 1'");
            fixture.refuse("any", "nothing like it");
            for (String sql : new String[] {
                "execute s",
                "prepare t from 'select 2'",
                "execute immediate 'select 3'",
                "/*!50000 execute */ immediate 'select 3'",
                "begin not atomic execute immediate 'select 3'; end"
            }) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .as(sql)
                        .hasMessageContaining("PREPARE and EXECUTE as statements are refused by this gateway");
            }
        }
    }

    @Test
    void eachOfSeveralStatementsInOneIsFiltered() throws SQLException {
        fixture.refuse("no_secrets", "(?is)select 'secret'.*");
        for (Through driver : new Through[] {Through.MARIADB, Through.CONNECTOR_J}) {
            try (Connection connection = driver.connect(
                            fixture.gateway.port(),
                            "gateway_filter",
                            Through.USER,
                            Through.PASSWORD,
                            "&allowMultiQueries=true");
                    Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("select 1; select 'secret'"))
                        .hasMessageContaining("disallowed due to rule: no_secrets");
            }
        }
    }

    @Test
    void textsAreReadInTheSessionsModeAndCharacterSet() throws SQLException {
        fixture.filter(
                SqlFilter.of("no_deletes", new FilterAction.Fail()),
                FilterPattern.any().withFullyQualifiedTableNames(List.of("gateway_filter.hidden")));
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            // A string in the default mode, a column of the table under ANSI_QUOTES.
            String sql = "select \" from hidden -- \"";
            assertThat(one(statement, sql)).isEqualTo(" from hidden -- ");
            statement.execute("set sql_mode = 'ANSI_QUOTES'");
            assertThatThrownBy(() -> statement.execute("select * from \"hidden\""))
                    .hasMessageContaining("disallowed due to rule: no_deletes");
            statement.execute("set character_set_results = utf16");
            assertThatThrownBy(() -> statement.execute("select * from \"hidden\""))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(1105));
            statement.execute("set names utf8mb4");
            statement.execute("set sql_mode = ''");
            assertThat(one(statement, sql)).isEqualTo(" from hidden -- ");
        }
    }

    @Test
    void changesOfFiltersHoldAtOnceForOpenConnectionsAndPreparedStatements() throws SQLException {
        try (Connection connection = fixture.connect(Through.MARIADB_SERVER_PREPARED);
                PreparedStatement prepared = connection.prepareStatement("select ?")) {
            prepared.setInt(1, 1);
            prepared.executeQuery().close();
            fixture.refuse("none", "(?is)select.*");
            assertThatThrownBy(prepared::executeQuery).hasMessageContaining("disallowed due to rule: none");
            fixture.filters.drop("none");
            prepared.executeQuery().close();
        }
    }

    @Test
    void placeIsHeldUntilTheServerAnswers() throws SQLException {
        fixture.filter(
                SqlFilter.of("one_at_a_time", ConcurrencyControl.of(1, 1)),
                FilterPattern.any().withQueryRegex("(?is)select sleep.*"));
        try (Connection first = fixture.connect(Through.MARIADB);
                Connection second = fixture.connect(Through.MARIADB);
                Statement sleeper = first.createStatement();
                Statement statement = second.createStatement()) {
            Thread thread = new Thread(() -> {
                try {
                    sleeper.execute("select sleep(2)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            Thread.sleep(500);
            assertThatThrownBy(() -> statement.execute("select sleep(0)"))
                    .hasMessageContaining("concurrency control protection: too many queued transactions");
            thread.join();
            assertThat(one(statement, "select sleep(0)")).isEqualTo("0");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
