package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mariadb.jdbc.MariaDbDataSource;

/** The gateway as a process: under load, and killed under load. */
@Timeout(240)
@ExtendWith(MariaDbServer.class)
class GatewayProcessIT {
    private static final String SCHEMA = "gateway_killed";

    private static Connection connect(int port) throws SQLException {
        return new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + port + "/?user=root&socketTimeout=20000")
                .getConnection();
    }

    @Test
    void gatewayServesRightRowsWhileItsPluginIsReplaced() throws Exception {
        GatewaySoak.Seen seen = GatewaySoak.run(Duration.ofSeconds(8)); // make soak-gateway: half an hour
        assertThat(seen.wrong()).isEmpty();
        assertThat(seen.statements()).isGreaterThan(100);
        assertThat(seen.replaced()).isPositive();
    }

    @Test
    void gatewayKilledUnderLoadLeavesNoHalfMadeFilter() throws Exception {
        int serverPort = MariaDbServer.port();
        try (Connection direct = connect(serverPort);
                Statement statement = direct.createStatement()) {
            statement.execute("create or replace database " + SCHEMA);
            for (int round = 0; round < 2; round++) {
                killWhileFiltersAreMade(serverPort, round);
                // What was answered is there, and what is there is whole.
                try (GatewayProcess gateway = GatewayProcess.start(
                                serverPort, List.of("-Xmx256m"), "--user", "root", "--store-schema", SCHEMA);
                        Connection connection = connect(gateway.port());
                        Statement show = connection.createStatement()) {
                    int shown = 0;
                    try (ResultSet rows = show.executeQuery("show filters")) {
                        while (rows.next()) {
                            shown++;
                        }
                    }
                    try (ResultSet rows =
                            statement.executeQuery("select count(*) from " + SCHEMA + ".wescale_plugin")) {
                        rows.next();
                        assertThat(shown).isEqualTo(rows.getInt(1)).isPositive();
                    }
                }
                try (ResultSet rows = statement.executeQuery("select count(*) from " + SCHEMA
                        + ".wescale_plugin where action is null or action = '' or name is null or status is null")) {
                    rows.next();
                    assertThat(rows.getInt(1)).isZero();
                }
            }
        }
    }

    private static void killWhileFiltersAreMade(int serverPort, int round) throws Exception {
        AtomicInteger made = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        GatewayProcess gateway =
                GatewayProcess.start(serverPort, List.of("-Xmx256m"), "--user", "root", "--store-schema", SCHEMA);
        try {
            for (int client = 0; client < 4; client++) {
                int number = client;
                Thread thread = new Thread(() -> {
                    try (Connection connection = connect(gateway.port());
                            Statement statement = connection.createStatement()) {
                        for (int i = 0; ; i++) {
                            String name = "f" + round + "_" + number + "_" + i;
                            statement.execute("create filter " + name
                                    + " with_pattern(query_regex='nothing that is sent') execute(action='FAIL')");
                            statement.execute("alter filter " + name + " (priority='" + (1 + i) + "')");
                            if (i % 2 == 1) {
                                statement.execute("drop filter " + name);
                            }
                            made.incrementAndGet();
                        }
                    } catch (SQLException e) {
                        // The gateway is gone.
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (int i = 0; i < 300 && made.get() < 20; i++) {
                Thread.sleep(100);
            }
            gateway.kill();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(made.get()).isGreaterThanOrEqualTo(20);
        } finally {
            gateway.close();
        }
    }
}
