package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails behind the gateway, or in it, is an error for the clients that it concerns: no wrong row, and nobody waits for ever. */
@Timeout(120)
@ExtendWith(MariaDbServer.class)
class ServerFaultsIT {
    private static final String DATABASE = "gateway_server_faults";

    private static long id(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select connection_id()")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void kill(GatewayFixture fixture, long id) throws SQLException {
        try (Connection direct = fixture.connectDirectly(Through.MARIADB);
                Statement statement = direct.createStatement()) {
            statement.execute("kill " + id);
        }
    }

    private static int count(GatewayFixture fixture, String table) throws SQLException {
        try (Connection direct = fixture.connectDirectly(Through.MARIADB);
                Statement statement = direct.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from " + table)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void killedConnectionEndsWhileIdle(Through driver) throws SQLException {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE);
                Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            kill(fixture, id(connection));
            assertThatThrownBy(() -> statement.executeQuery("select 1")).isInstanceOf(SQLException.class);
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    void connectionThatIsKilledInTheMiddleOfRowsEndsWithAnErrorAndNoWrongRow() throws SQLException {
        for (String guest : List.of("", "c/allows_all")) {
            try (GatewayFixture fixture = new GatewayFixture(DATABASE)) {
                if (!guest.isEmpty()) {
                    fixture.filter(guest, "(?is)select.*");
                }
                AtomicInteger last = new AtomicInteger();
                assertThatThrownBy(() -> readAndKill(fixture, last)).isInstanceOf(SQLException.class);
                assertThat(last.get()).isBetween(100, 30_000);
            }
        }
    }

    private static void readAndKill(GatewayFixture fixture, AtomicInteger last) throws SQLException {
        try (Connection connection = Through.MARIADB.connect(
                        fixture.gateway.port(), DATABASE, Through.USER, Through.PASSWORD, "&defaultFetchSize=10");
                Statement statement = connection.createStatement()) {
            long own = id(connection);
            try (ResultSet rows =
                    statement.executeQuery("select seq, repeat('x', 2000), sleep(seq > 20000) from seq_1_to_1000000")) {
                while (rows.next()) {
                    assertThat(rows.getInt(1)).isEqualTo(last.incrementAndGet());
                    assertThat(rows.getString(2)).hasSize(2000);
                    if (last.get() == 100) {
                        kill(fixture, own);
                    }
                }
            }
        }
    }

    @Test
    void transactionOfAKilledConnectionLeavesNothing() throws SQLException {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE);
                Connection connection = fixture.connect(Through.CONNECTOR_J);
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists half");
            statement.execute("create table half(a int) engine=innodb");
            connection.setAutoCommit(false);
            statement.execute("insert into half values (1)");
            kill(fixture, id(connection));
            assertThatThrownBy(() -> {
                        statement.execute("insert into half values (2)");
                        connection.commit();
                    })
                    .isInstanceOf(SQLException.class);
            // Closing it would roll back on a connection that is gone, which the driver may or may not have found out.
            connection.abort(Runnable::run);
            assertThat(count(fixture, "half")).isZero();
        }
    }

    private static void mariadb(Path folder, String what, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Guests.folder().resolve("../../tools/mariadb").normalize().toString(), what, folder.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void clientsAreServedAgainWhenTheServerIsBack() throws Exception {
        Path folder = Files.createTempDirectory("sluice-mariadb");
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        mariadb(folder, "up", Integer.toString(port));
        GatewayConfig config =
                GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", port);
        try (Gateway gateway = Gateway.start(config, io.sluice.sql.FilterSet.of());
                Connection before = Through.MARIADB.connect(gateway.port(), "", "root", "", "");
                Statement statement = before.createStatement()) {
            statement.execute("do 1");
            mariadb(folder, "down");
            assertThatThrownBy(() -> statement.execute("do 1")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> Through.MARIADB.connect(gateway.port(), "", "root", "", ""))
                    .hasMessageContaining("the gateway cannot connect to the server at 127.0.0.1:" + port);
            mariadb(folder, "up", Integer.toString(port));
            try (Connection after = Through.MARIADB.connect(gateway.port(), "", "root", "", "");
                    Statement again = after.createStatement()) {
                again.execute("do 1");
            }
        } finally {
            mariadb(folder, "down");
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void filtersStayInForceWhileTheirTablesAreGoneOrLocked() throws Exception {
        try (StoreFixture fixture = new StoreFixture("gateway_store_faults");
                Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement();
                Connection direct = fixture.connectDirectly();
                Statement lock = direct.createStatement()) {
            statement.execute(
                    "create filter no_secrets with_pattern(query_regex='(?is).*secret.*') execute(action='FAIL')");
            lock.execute("lock tables wescale_plugin write, wasm_binary write");
            Thread.sleep(StoreFixture.POLL.toMillis() * 4);
            assertRefuses(statement);
            lock.execute("unlock tables");
            lock.execute("rename table wescale_plugin to gone, wasm_binary to gone_too");
            Thread.sleep(StoreFixture.POLL.toMillis() * 4);
            assertRefuses(statement);
            assertThatThrownBy(() -> statement.execute("create filter another execute(action='FAIL')"))
                    .isInstanceOf(SQLException.class);
            lock.execute("rename table gone to wescale_plugin, gone_too to wasm_binary");
            statement.execute("reload filters");
            assertRefuses(statement);
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(2);
            lock.execute("delete from wescale_plugin");
            statement.execute("reload filters");
            assertThat(StoreFixture.rows(statement, "select 'secret'")).containsExactly("secret|", "secret|");
        }
    }

    private static void assertRefuses(Statement statement) throws SQLException {
        assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                .hasMessageContaining("disallowed due to rule: no_secrets");
        statement.execute("do 1");
    }

    @Test
    void binaryWithAWrongHashIsRefusedAndWhatIsInForceStays() throws Exception {
        try (StoreFixture fixture = new StoreFixture("gateway_store_hash");
                Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            fixture.store(connection, "guard", "c/reject_without_where");
            fixture.store(connection, "wrong", "c/reject_without_where");
            statement.execute("update wasm_binary set hash_before_compress = repeat('0', 32) where name = 'wrong'");
            assertThatThrownBy(() -> statement.execute(
                            "create filter w execute(action='WASM_PLUGIN', action_args='wasm_binary_name=\"wrong\"')"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("hash_before_compress");
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(1);
            statement.execute(
                    "create filter g execute(action='WASM_PLUGIN', action_args='wasm_binary_name=\"guard\"')");
            statement.execute("create or replace table kept(a int)");
            statement.execute("update wasm_binary set hash_before_compress = repeat('0', 32) where name = 'guard'");
            Thread.sleep(StoreFixture.POLL.toMillis() * 4);
            assertThatThrownBy(() -> statement.execute("delete from kept")).hasMessageContaining("no where clause");
            statement.execute("drop filter g");
        }
    }

    /** Where a plugin fails. */
    enum Failing {
        BEFORE("hostile/loops_before"),
        AFTER("hostile/loops_after");

        private final String guest;

        Failing(String guest) {
            this.guest = guest;
        }
    }

    @ParameterizedTest
    @EnumSource(Failing.class)
    void failingPluginIsAnErrorOrIsLeftOutAsItsPolicySays(Failing failing) throws SQLException {
        for (FailPolicy policy : FailPolicy.values()) {
            try (GatewayFixture fixture =
                    new GatewayFixture(DATABASE, GatewayConfig.defaults().withErrorTexts(ErrorTexts.KEPT))) {
                for (int i = 0; i < 2; i++) { // one after the other: the second fails where the first left off
                    fixture.filter(
                            SqlFilter.of(fixture.host.load(
                                    PluginConfig.of("failing" + i)
                                            .withFailPolicy(policy)
                                            .withLimits(PluginLimits.defaults().withFuelPerCall(1_000_000)),
                                    Guests.source(failing.guest))),
                            FilterPattern.any().withQueryRegex("(?is)(select|insert).*kept.*"));
                }
                for (Through driver : Through.values()) {
                    try (Connection connection = fixture.connect(driver);
                            Statement statement = connection.createStatement()) {
                        statement.execute("create or replace table kept(a int)");
                        for (String sql : List.of("insert into kept values (1)", "select a from kept")) {
                            if (policy == FailPolicy.OPEN) {
                                statement.execute(sql);
                            } else {
                                assertThatThrownBy(() -> statement.execute(sql))
                                        .as(driver + " " + sql)
                                        .isInstanceOf(SQLException.class)
                                        .hasMessageContaining("fuel");
                            }
                        }
                        // A statement that failed after it was executed was executed.
                        int rows = policy == FailPolicy.OPEN || failing == Failing.AFTER ? 1 : 0;
                        assertThat(count(fixture, "kept"))
                                .as(driver + " " + policy)
                                .isEqualTo(rows);
                        statement.execute("do 1");
                    }
                }
            }
        }
    }

    @Test
    void stormOfConnectionsIsServedOrRefusedAndEnds() throws Exception {
        try (GatewayFixture fixture =
                new GatewayFixture(DATABASE, GatewayConfig.defaults().withMaxConnections(50))) {
            AtomicInteger served = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            List<String> other = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Thread thread = new Thread(() -> {
                    for (int round = 0; round < 5; round++) {
                        try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
                            client.query("do 1");
                            client.read();
                            served.incrementAndGet();
                        } catch (IOException | RuntimeException e) {
                            // the raw client takes the error in the greeting's place for a greeting
                            refused.incrementAndGet();
                        } catch (Throwable e) {
                            other.add(e.toString());
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(other).isEmpty();
            assertThat(served.get()).isPositive();
            assertThat(served.get() + refused.get()).isEqualTo(500);
            try (Connection connection = fixture.connect(Through.MARIADB)) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
    }
}
