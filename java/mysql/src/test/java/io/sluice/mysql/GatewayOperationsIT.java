package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.GatewayObserver.Outcome;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What whoever runs a gateway relies on. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayOperationsIT {
    private static final String DATABASE = "gateway_operations";

    @TempDir
    private Path folder;

    @Test
    void drainingLetsStatementsAndTransactionsEnd() throws Exception {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE);
                Connection idle = fixture.connect(Through.MARIADB);
                Connection busy = fixture.connect(Through.MARIADB);
                Statement statement = busy.createStatement()) {
            statement.execute("create or replace table drained(a int) engine=innodb");
            busy.setAutoCommit(false);
            statement.execute("insert into drained values (1)");
            Thread drain = new Thread(() -> {
                try {
                    assertThat(fixture.gateway.drain(Duration.ofSeconds(20))).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            drain.start();
            Thread.sleep(300);
            assertThat(fixture.gateway.status().draining()).isTrue();
            assertThat(idle.isValid(1)).isFalse();
            statement.execute("insert into drained values (2)");
            busy.commit();
            drain.join();
            assertThat(fixture.gateway.connections()).isZero();
            try (Connection direct = fixture.connectDirectly(Through.MARIADB);
                    Statement read = direct.createStatement()) {
                assertThat(StoreFixture.rows(read, "select count(*) n from drained"))
                        .containsExactly("n|", "2|");
            }
        }
    }

    @Test
    void silentClientIsClosedAndOneThatWaitsIsNot() throws SQLException, IOException {
        try (GatewayFixture fixture =
                        new GatewayFixture(DATABASE, GatewayConfig.defaults().withIdleMillis(300));
                RawClient silent = RawClient.loggedIn(fixture.gateway.port());
                Connection waiting = fixture.connect(Through.MARIADB);
                Statement statement = waiting.createStatement();
                ResultSet rows = statement.executeQuery("select sleep(1)")) {
            assertThat(rows.next()).isTrue();
            assertThat(silent.readText()).contains("the client sent nothing for 300 ms");
        }
    }

    @Test
    void queryWhoseClientLeftIsKilled() throws Exception {
        try (StoreFixture fixture = new StoreFixture(DATABASE);
                Connection direct = fixture.connectDirectly();
                Statement watch = direct.createStatement()) {
            try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
                client.query("select sleep(33)");
                Thread.sleep(200);
            }
            int left = 1;
            for (int i = 0; i < 50 && left > 0; i++) {
                Thread.sleep(100);
                left = StoreFixture.rows(
                                        watch,
                                        "select 1 from information_schema.processlist where info = 'select sleep(33)'")
                                .size()
                        - 1;
            }
            assertThat(left).isZero();
        }
    }

    @Test
    void unixSocketServesAsThePortDoes() throws SQLException, IOException {
        Path path = folder.resolve("gateway.sock");
        try (GatewayFixture fixture =
                        new GatewayFixture(DATABASE, GatewayConfig.defaults().withUnixSocket(path.toString()));
                SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(fixture.gateway.connections()).isZero();
            socket.connect(UnixDomainSocketAddress.of(path));
            ByteBuffer greeting = ByteBuffer.allocate(5);
            while (greeting.hasRemaining()) {
                assertThat(socket.read(greeting)).isPositive();
            }
            assertThat(greeting.get(4)).isEqualTo((byte) 10);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void observerIsToldWhatBecameOfStatements() throws SQLException {
        List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        GatewayObserver observer = new GatewayObserver() {
            @Override
            public void statementAnswered(Outcome outcome, long filterNanos) {
                assertThat(filterNanos).isPositive();
                outcomes.add(outcome);
            }
        };
        try (GatewayFixture fixture =
                        new GatewayFixture(DATABASE, GatewayConfig.defaults().withObserver(observer));
                Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            fixture.filter("c/allows_all", "select 1");
            fixture.filter("c/refuses", "select 2");
            fixture.filter("c/mask_result", "select 'secret'");
            statement.executeQuery("select 0").close();
            statement.executeQuery("select 1").close();
            assertThatThrownBy(() -> statement.executeQuery("select 2")).hasMessageContaining("refused");
            statement.executeQuery("select 'secret'").close();
            assertThat(outcomes).containsExactly(Outcome.UNFILTERED, Outcome.PASSED, Outcome.REFUSED, Outcome.CHANGED);
            assertThat(fixture.gateway.status().commands()).isGreaterThanOrEqualTo(4);
            assertThat(fixture.gateway.status().bytesFromClients()).isPositive();
            assertThat(fixture.gateway.status().bytesFromServer()).isPositive();
        }
    }
}
