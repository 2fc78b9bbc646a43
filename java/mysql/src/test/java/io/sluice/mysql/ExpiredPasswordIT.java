package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client whose password has expired changes it through the filters, and does nothing else. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class ExpiredPasswordIT {
    private static final String DATABASE = "expired_password";

    private static void expire(GatewayFixture fixture) throws SQLException {
        try (Connection root = StoreFixture.source(fixture.serverPort).getConnection();
                Statement statement = root.createStatement()) {
            statement.execute("create or replace user expired@'%' password expire");
        }
    }

    private static String answer(RawClient client, String sql) throws IOException {
        client.query(sql);
        byte[] packet = client.read();
        if (packet[0] != (byte) 0xff) {
            return "OK";
        }
        int code = (packet[1] & 0xff) | (packet[2] & 0xff) << 8;
        return code + " " + new String(packet, 9, packet.length - 9, StandardCharsets.UTF_8);
    }

    @Test
    void nothingButAChangeOfThePasswordIsAnsweredUntilItIsChanged() throws SQLException, IOException {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE)) {
            fixture.refuse("no_secrets", "(?is).*secret.*");
            expire(fixture);
            try (RawClient client = RawClient.loggedIn(fixture.gateway.port(), "expired")) {
                assertThat(answer(client, "do 1")).startsWith("1820 ");
                assertThat(answer(client, "/*!50000 set password */ = password('')"))
                        .startsWith("1820 ");
                assertThat(answer(client, "set password = password('secret')"))
                        .isEqualTo("1105 disallowed due to rule: no_secrets");
                assertThat(answer(client, "do 1")).startsWith("1820 ");
                assertThat(answer(client, " SET PASSWORD = password('')")).isEqualTo("OK");
                assertThat(answer(client, "do 1")).isEqualTo("OK");
                assertThat(answer(client, "do 'secret'")).isEqualTo("1105 disallowed due to rule: no_secrets");
            }
        }
    }

    @Test
    void statementBehindAChangeOfThePasswordIsNotExecuted() throws SQLException, IOException {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE)) {
            fixture.refuse("no_secrets", "(?is)do.*secret.*");
            expire(fixture);
            try (RawClient client = RawClient.loggedIn(fixture.gateway.port(), "expired")) {
                assertThat(answer(client, "set password = password(''); do 'secret'"))
                        .startsWith("1064 ");
                assertThat(answer(client, "do 1")).startsWith("1820 ");
            }
        }
    }
}
