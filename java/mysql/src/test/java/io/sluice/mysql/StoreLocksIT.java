package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that locks the gateway's tables holds up neither other clients nor the end of their queries. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class StoreLocksIT {
    private static final int MOST_SECONDS = 3 * ServiceConnection.LOCK_WAIT_SECONDS + 2;

    @Test
    void lockedTablesAreGivenUpSoonAndReadAgainLater() throws Exception {
        try (StoreFixture fixture = new StoreFixture("store_locks");
                Connection locker = fixture.connectDirectly();
                Connection connection = fixture.connect(Through.MARIADB);
                Connection direct = fixture.connectDirectly();
                Statement lock = locker.createStatement();
                Statement statement = connection.createStatement();
                Statement watch = direct.createStatement()) {
            statement.executeUpdate(
                    "create filter no_secrets with_pattern(query_regex='(?is).*secret.*')" + " execute(action='FAIL')");
            lock.execute("lock tables wescale_plugin write, wasm_binary write");
            try (RawClient client = RawClient.loggedIn(fixture.gateway.port())) {
                client.query("select sleep(44)");
                Thread.sleep(500); // the store waits for its table by now
            }
            long began = System.nanoTime();
            assertThatThrownBy(fixture.service::reload)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Lock wait timeout exceeded");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(MOST_SECONDS));
            assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                    .hasMessageContaining("disallowed due to rule: no_secrets");
            assertThat(StoreFixture.rows(
                            watch, "select 1 from information_schema.processlist where info = 'select sleep(44)'"))
                    .hasSize(1);
            assertThat(fixture.service.storeProblem()).contains("Lock wait timeout exceeded");
            lock.execute("unlock tables");
            statement.executeUpdate("reload filters");
            assertThat(fixture.service.storeProblem()).isEmpty();
        }
    }
}
