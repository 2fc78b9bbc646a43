package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mysql.cj.jdbc.JdbcConnection;
import io.netty.buffer.Unpooled;
import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command of the protocol that carries a statement meets the filters, and is the server's own otherwise. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayWireIT {
    private GatewayFixture fixture;

    @BeforeEach
    void start() throws SQLException {
        fixture = new GatewayFixture("gateway_wire", GatewayConfig.defaults().withErrorTexts(ErrorTexts.KEPT));
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Connection through(Through driver, String more) throws SQLException {
        return driver.connect(fixture.gateway.port(), "gateway_wire", Through.USER, Through.PASSWORD, more);
    }

    private Connection directly(Through driver, String more) throws SQLException {
        return driver.connect(fixture.serverPort, "gateway_wire", Through.USER, Through.PASSWORD, more);
    }

    // ---- several statements in one

    @ParameterizedTest
    @EnumSource(
            value = Through.class,
            names = {"MARIADB", "CONNECTOR_J"})
    void severalStatementsAreAnsweredAsByTheServer(Through driver) throws SQLException {
        List<String> direct;
        try (Connection connection = directly(driver, "&allowMultiQueries=true")) {
            direct = several(connection);
        }
        try (Connection connection = through(driver, "&allowMultiQueries=true")) {
            assertThat(several(connection)).isEqualTo(direct);
        }
        fixture.filter("c/allows_all", "(?is).*");
        try (Connection connection = through(driver, "&allowMultiQueries=true")) {
            assertThat(several(connection)).isEqualTo(direct);
        }
        fixture.filter("c/echo_result", "(?is)(select|insert|update|delete).*");
        try (Connection connection = through(driver, "&allowMultiQueries=true")) {
            assertThat(several(connection)).isEqualTo(direct);
        }
    }

    private static List<String> several(Connection connection) throws SQLException {
        List<String> seen = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            all(
                    statement,
                    "create or replace table several(a int auto_increment primary key, b text); insert into several(b)"
                            + " values ('x;y'),('z'); select * from several; update several set b = 'q' where a = 2; select b from"
                            + " several order by a desc /* ; */",
                    seen);
            all(statement, "select 1; select 2 from no_such_table; select 3", seen);
            all(statement, "select 1;", seen);
            all(
                    statement,
                    "drop procedure if exists twice; create procedure twice() begin select 1 a; select 2 b; end",
                    seen);
            all(statement, "call twice(); select 3", seen);
            all(statement, "select repeat('x', 300) l; select '' e, 0xfe00 f union all select 0x00, null", seen);
        }
        return seen;
    }

    private static void all(Statement statement, String sql, List<String> seen) {
        try {
            boolean rows = statement.execute(sql);
            while (rows || statement.getUpdateCount() >= 0) {
                if (rows) {
                    try (ResultSet result = statement.getResultSet()) {
                        seen.addAll(StoreFixture.rows(result));
                    }
                } else {
                    seen.add("count " + statement.getUpdateCount());
                }
                rows = statement.getMoreResults();
            }
        } catch (SQLException e) {
            seen.add("error " + e.getErrorCode() + " " + e.getSQLState());
        }
    }

    @Test
    void eachOfSeveralStatementsMeetsTheFilters() throws SQLException {
        fixture.refuse("no_secrets", "(?is)select 'secret'");
        fixture.filter("c/reject_without_where", "(?is)delete.*");
        try (Connection connection = through(Through.MARIADB, "&allowMultiQueries=true");
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table guarded(a int); insert into guarded values (1),(2)");
            List<String> seen = new ArrayList<>();
            all(
                    statement,
                    "delete from guarded where a = 1; delete from guarded; insert into guarded values (3)",
                    seen);
            assertThat(seen).containsExactly("error 1105 HY000"); // the driver reads all answers before it gives one
            assertThat(StoreFixture.rows(statement, "select a from guarded")).containsExactly("a|", "2|");
            seen.clear();
            all(statement, "select count(*) n from guarded; select 'secret'; select 2", seen);
            assertThat(seen).containsExactly("error 1105 HY000");
        }
    }

    @Test
    void restOfSeveralIsRefusedWhenTheirMeaningChanges() throws SQLException {
        try (Connection connection = through(Through.MARIADB, "&allowMultiQueries=true");
                Statement statement = connection.createStatement()) {
            List<String> seen = new ArrayList<>();
            all(statement, "set sql_mode = 'ANSI_QUOTES'; select 1", seen);
            assertThat(seen).containsExactly("error 1235 42000");
            seen.clear();
            all(statement, "set @x = 1; select @x", seen);
            assertThat(seen).containsExactly("count 0", "@x|", "1|");
        }
    }

    @Test
    void clientThatDoesNotAskForSeveralStatementsHasThemRefused() throws SQLException {
        try (Connection connection = through(Through.MARIADB, "");
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("select 1; select 2"))
                    .hasMessageContaining("You have an error in your SQL syntax");
        }
    }

    @Test
    void optionSwitchesSeveralStatements() throws IOException {
        fixture.refuse("no_secrets", "(?is)select 'secret'");
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            client.write(0, new byte[] {Command.SET_OPTION.code(), 1, 0});
            assertThat(client.read()[0] & 0xff).isIn(0, 0xfe);
            client.query("do 1; do 2");
            assertThat(client.readText()).contains("You have an error in your SQL syntax");
            client.write(0, new byte[] {Command.SET_OPTION.code(), 0, 0});
            assertThat(client.read()[0] & 0xff).isIn(0, 0xfe);
            client.query("do 1; select 'secret'");
            assertThat(client.read()[0]).isZero();
            assertThat(client.readText()).contains("disallowed due to rule: no_secrets");
        }
    }

    // ---- cursors and long data

    @Test
    void cursorsFetchWhatTheyFetchDirectly() throws SQLException {
        String cursors = "&useCursorFetch=true";
        List<String> direct;
        try (Connection connection = directly(Through.CONNECTOR_J, cursors)) {
            direct = fetched(connection);
        }
        assertThat(direct).hasSize(51);
        try (Connection connection = through(Through.CONNECTOR_J, cursors)) {
            assertThat(fetched(connection)).isEqualTo(direct);
        }
        fixture.filter("c/allows_all", "(?is)select.*");
        try (Connection connection = through(Through.CONNECTOR_J, cursors)) {
            assertThat(fetched(connection)).isEqualTo(direct);
        }
        fixture.filter("c/mask_result", "(?is)select.*");
        try (Connection connection = through(Through.CONNECTOR_J, cursors)) {
            assertThat(fetched(connection))
                    .hasSize(51)
                    .allSatisfy(line -> assertThat(line).doesNotContain("secret"));
        }
    }

    private static List<String> fetched(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select seq, concat('secret ', seq) s from seq_1_to_50 where seq > ?")) {
            statement.setFetchSize(7);
            statement.setInt(1, 0);
            try (ResultSet rows = statement.executeQuery()) {
                return StoreFixture.rows(rows);
            }
        }
    }

    @Test
    void longDataReachesTheServerAndNothingOfRefusedExecutesStays() throws SQLException {
        try (Connection connection = through(Through.CONNECTOR_J_SERVER_PREPARED, "");
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table long_data(a int, b longblob)");
            byte[] large = new byte[100_000];
            try (PreparedStatement insert = connection.prepareStatement("insert into long_data values (?, ?)")) {
                insert.setInt(1, 1);
                insert.setBinaryStream(2, new ByteArrayInputStream(large));
                assertThat(insert.executeUpdate()).isEqualTo(1);
                fixture.refuse("no_inserts", "(?is)insert.*");
                insert.setInt(1, 2);
                insert.setBinaryStream(2, new ByteArrayInputStream(large));
                assertThatThrownBy(insert::executeUpdate).hasMessageContaining("disallowed due to rule: no_inserts");
                fixture.filters.drop("no_inserts");
                insert.setInt(1, 3);
                insert.setBinaryStream(2, new ByteArrayInputStream(new byte[] {1, 2, 3}));
                assertThat(insert.executeUpdate()).isEqualTo(1);
            }
            assertThat(StoreFixture.rows(statement, "select a, length(b) l from long_data order by a"))
                    .containsExactly("a|l|", "1|100000|", "3|3|");
        }
    }

    // ---- prepared statements

    @ParameterizedTest
    @EnumSource(
            value = Through.class,
            names = {"MARIADB_SERVER_PREPARED", "CONNECTOR_J_SERVER_PREPARED"})
    void preparedStatementIsJudgedInTheDatabaseInWhichItWasPrepared(Through driver) throws SQLException {
        Through.serverWith("gateway_wire_other");
        try (Connection connection = through(driver, "");
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table secrets(a int)");
            statement.execute("create or replace table gateway_wire_other.secrets(a int)");
            try (PreparedStatement prepared = connection.prepareStatement("select a from secrets where a > ?")) {
                prepared.setInt(1, 0);
                prepared.executeQuery().close(); // a driver may prepare as late as here
                fixture.filter(
                        SqlFilter.of("no_secrets", new FilterAction.Fail()),
                        FilterPattern.any().withFullyQualifiedTableNames(List.of("gateway_wire.secrets")));
                statement.execute("use gateway_wire_other");
                assertThatThrownBy(prepared::executeQuery).hasMessageContaining("disallowed due to rule: no_secrets");
            }
            StoreFixture.rows(statement, "select a from secrets");
        }
    }

    @Test
    void preparedStatementWhoseTextMeansSomethingElseNowIsRefused() throws SQLException {
        try (Connection connection = through(Through.CONNECTOR_J_SERVER_PREPARED, "");
                Statement statement = connection.createStatement();
                PreparedStatement prepared = connection.prepareStatement("select \"a\", ?")) {
            prepared.setInt(1, 0);
            statement.execute("set sql_mode = 'ANSI_QUOTES'");
            prepared.executeQuery().close();
            fixture.filter("c/allows_all", "(?is).*");
            assertThatThrownBy(prepared::executeQuery)
                    .hasMessageContaining("sql_mode or character_set_client is another one than when the statement was"
                            + " prepared; prepare it again");
            statement.execute("set sql_mode = ''");
            prepared.executeQuery().close();
        }
    }

    @Test
    void textOfPluginIsNotPreparedInAnotherDatabaseThanTheClients() throws SQLException {
        Through.serverWith("gateway_wire_other");
        fixture.filter("c/rewrites_as_told", "(?is).*=> .*");
        try (Connection connection = through(Through.CONNECTOR_J_SERVER_PREPARED, "");
                Statement statement = connection.createStatement();
                PreparedStatement first =
                        connection.prepareStatement("select ? /* => select concat(database(), ?) -- */");
                PreparedStatement second = connection.prepareStatement("select ? /* => select concat('b', ?) -- */")) {
            first.setString(1, "v");
            first.executeQuery().close();
            statement.execute("use gateway_wire_other");
            first.executeQuery().close();
            second.setString(1, "v");
            assertThatThrownBy(second::executeQuery)
                    .hasMessageContaining("text that a plugin made cannot be prepared: the default database is"
                            + " 'gateway_wire_other', and was 'gateway_wire' when the client's statement was"
                            + " prepared; prepare it again");
        }
    }

    @Test
    void typesOfRefusedExecuteAreThoseOfTheNext() throws IOException {
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            byte[] text = "select ? + 1".getBytes(StandardCharsets.US_ASCII);
            PacketWriter prepare = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
            client.write(0, prepare.u8(Command.STMT_PREPARE.code()).bytes(text).takePayload());
            int id = CommandRunner.idOf(client.read());
            for (int i = 0; i < 4; i++) {
                client.read(); // one parameter, one column, the end of each
            }
            fixture.refuse("none", "(?is)select.*");
            // Servers take any number but 0 as that types follow.
            client.write(0, executeOf(id).u8(2).u8(3).u8(0).i32(41).takePayload());
            assertThat(client.readText()).contains("disallowed due to rule: none");
            fixture.filters.drop("none");
            client.write(0, executeOf(id).u8(0).i32(41).takePayload());
            client.read();
            client.read();
            client.read();
            assertThat(client.read()).startsWith(0, 0, 42, 0, 0, 0);
        }
    }

    private static PacketWriter executeOf(int id) {
        return new PacketWriter(Unpooled.EMPTY_BUFFER, 0)
                .u8(Command.STMT_EXECUTE.code())
                .i32(id)
                .u8(0)
                .i32(1)
                .u8(0);
    }

    // ---- the session

    @Test
    void userIsTheServersWhateverTheClientCallsIt() throws IOException {
        fixture.filter(
                SqlFilter.of("not_for_root", new FilterAction.Fail()),
                FilterPattern.any().withUserRegex("root").withQueryRegex("(?is)select 'x'"));
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port(), "'root'")) {
            client.query("select 'x'");
            assertThat(client.readText()).contains("disallowed due to rule: not_for_root");
        }
    }

    @Test
    void userIsChangedForServerAndFilters() throws SQLException {
        try (Connection root = StoreFixture.source(fixture.serverPort).getConnection();
                Statement admin = root.createStatement()) {
            admin.execute("create or replace user other@'%' identified by 'o'");
            admin.execute("grant select on *.* to other@'%'");
        }
        try (Connection connection = through(Through.CONNECTOR_J, "");
                Statement statement = connection.createStatement()) {
            fixture.filter(
                    SqlFilter.of("not_for_other", new FilterAction.Fail()),
                    FilterPattern.any().withUserRegex("other").withQueryRegex("select 'x'"));
            statement.executeQuery("select 'x'").close();
            connection.unwrap(JdbcConnection.class).changeUser("other", "o");
            try (Statement after = connection.createStatement()) {
                assertThat(StoreFixture.rows(after, "select current_user() u")).containsExactly("u|", "other@%|");
                assertThatThrownBy(() -> after.executeQuery("select 'x'"))
                        .hasMessageContaining("disallowed due to rule: not_for_other");
            }
        }
    }

    @Test
    void failedChangeOfTheUserLeavesTheOldOneForServerAndFilters() throws IOException {
        fixture.refuse("no_secrets", "(?is)select 'secret'");
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            PacketWriter writer = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
            writer.u8(Command.CHANGE_USER.code()).withNul("app".getBytes(StandardCharsets.US_ASCII));
            writer.u8(0).u8(0).u16(45);
            writer.withNul("mysql_native_password".getBytes(StandardCharsets.US_ASCII));
            client.write(0, writer.takePayload());
            byte[] answer = client.read();
            if ((answer[0] & 0xff) == 0xfe) {
                client.write(2, new byte[0]);
                answer = client.read();
            }
            assertThat(new String(answer, StandardCharsets.UTF_8)).contains("Access denied for user 'app'");
            client.query("select 'secret'");
            assertThat(client.readText()).contains("disallowed due to rule: no_secrets");
            client.query("do 1");
            assertThat(client.read()[0]).isZero();
        }
    }

    @Test
    void changeToMethodThatIsNotPassedOnIsRefused() throws IOException {
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
            PacketWriter writer = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
            writer.u8(Command.CHANGE_USER.code()).withNul("root".getBytes(StandardCharsets.US_ASCII));
            writer.u8(0).u8(0).u16(45);
            writer.withNul("mysql_clear_password".getBytes(StandardCharsets.US_ASCII));
            client.write(0, writer.takePayload());
            assertThat(client.readText()).contains("'mysql_clear_password' is not one that this gateway passes on");
            client.query("do 1");
            assertThat(client.read()[0]).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(bytes = {0x0e, 0x09, 0x1f})
    void commandsWithoutStatementsAreTheServersOwn(byte code) throws IOException {
        fixture.refuse("no_secrets", "(?is)select 'secret'");
        try (RawClient client = RawClient.loggedIn(fixture.gateway.port());
                RawClient direct = RawClient.loggedIn(fixture.serverPort)) {
            client.write(0, new byte[] {code});
            direct.write(0, new byte[] {code});
            byte[] through = client.read();
            byte[] expected = direct.read();
            assertThat(through[0]).isEqualTo(expected[0]);
            assertThat(through[0] == 0 ? through.length : 0).isEqualTo(expected[0] == 0 ? expected.length : 0);
            client.query("select 'secret'");
            assertThat(client.readText()).contains("disallowed due to rule: no_secrets");
        }
    }

    @Test
    void statementIsKilledByItsConnectionsNumber() throws Exception {
        try (Connection connection = through(Through.CONNECTOR_J, "");
                Statement statement = connection.createStatement()) {
            Thread later = new Thread(() -> {
                try {
                    Thread.sleep(300);
                    statement.cancel();
                } catch (InterruptedException | SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            later.start();
            long began = System.nanoTime();
            try (ResultSet rows = statement.executeQuery("select sleep(20)")) {
                rows.next();
            } catch (SQLException e) {
                assertThat(e.getErrorCode()).isIn(1317, 0);
            }
            assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
            later.join();
        }
        try (RawClient victim = RawClient.loggedIn(fixture.gateway.port());
                RawClient killer = RawClient.loggedIn(fixture.gateway.port())) {
            victim.query("select connection_id()");
            victim.read();
            victim.read();
            victim.read();
            int id = Integer.parseInt(victim.readText().substring(1));
            victim.read();
            PacketWriter writer = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
            killer.write(0, writer.u8(Command.PROCESS_KILL.code()).i32(id).takePayload());
            assertThat(killer.read()[0]).isZero();
            assertThat(victim.readToEnd())
                    .satisfiesAnyOf(
                            end -> assertThat(end).isEmpty(),
                            end -> assertThat(new String(end, StandardCharsets.UTF_8))
                                    .contains("killed"));
        }
    }
}
