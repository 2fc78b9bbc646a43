package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters and the server see the address that the PROXY protocol says, from those alone who may say it. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class ProxyProtocolIT {
    private static final String DATABASE = "proxy_protocol";
    private static final String RESET = "the connection was reset";
    private static final String V1 = "PROXY TCP4 203.0.113.7 127.0.0.1 5555 3306\r\n";

    private static byte[] v2() {
        byte[] header = {
            0x0d,
            0x0a,
            0x0d,
            0x0a,
            0x00,
            0x0d,
            0x0a,
            0x51,
            0x55,
            0x49,
            0x54,
            0x0a,
            0x21,
            0x11,
            0,
            12,
            (byte) 203,
            0,
            113,
            7,
            127,
            0,
            0,
            1,
            0x15,
            (byte) 0xb3,
            0x0c,
            (byte) 0xea
        };
        return header;
    }

    /** What comes until the other side closes; a reset, by bytes that it has not read, may overtake it. */
    private static String end(RawClient client) {
        try {
            return new String(client.readToEnd(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return RESET;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SqlFilter refuseFrom(String address) {
        return SqlFilter.of("from_there", new FilterAction.Fail())
                .withPattern(FilterPattern.any().withRequestIpRegex(address));
    }

    private static GatewayConfig trusting(String networks) {
        return GatewayConfig.defaults()
                .withProxyProtocolFrom(TrustedNetworks.of(networks))
                .withConnectMillis(2000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addressOfWhoIsConnectedForIsTheFilters(boolean binary) throws Exception {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE, trusting("10.0.0.0/8, 127.0.0.0/8"))) {
            fixture.filters.add(refuseFrom("203\\.0\\.113\\.7"));
            try (RawClient client = new RawClient(fixture.gateway.port())) {
                client.out.write(binary ? v2() : V1.getBytes(StandardCharsets.US_ASCII));
                client.out.flush();
                client.read();
                client.write(1, RawClient.login());
                assertThat(client.read()[0]).isZero();
                client.query("do 1");
                assertThat(client.readText()).contains("disallowed due to rule: from_there");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TCP6 ::ffff:203.0.113.7 ::ffff:127.0.0.1, 203\\.0\\.113\\.7",
        "TCP6 2001:DB8::7 ::1, 2001:db8:0:0:0:0:0:7",
        "TCP6 2001:db8:0::7 ::1, 2001:db8:0:0:0:0:0:7"
    })
    void addressHasOneFormHoweverItIsWritten(String said, String seen) throws Exception {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE, trusting("127.0.0.0/8"))) {
            fixture.filters.add(refuseFrom(seen));
            try (RawClient client = new RawClient(fixture.gateway.port())) {
                client.out.write(("PROXY " + said + " 5555 3306\r\n").getBytes(StandardCharsets.US_ASCII));
                client.out.flush();
                client.read();
                client.write(1, RawClient.login());
                assertThat(client.read()[0]).isZero();
                client.query("do 1");
                assertThat(client.readText()).contains("disallowed due to rule: from_there");
            }
        }
    }

    @Test
    void whoMayNotSayAnAddressIsNotBelievedAndWhoMustAndDoesNotIsClosed() throws Exception {
        try (GatewayFixture fixture = new GatewayFixture(DATABASE, trusting("10.0.0.0/8"));
                RawClient client = new RawClient(fixture.gateway.port())) {
            client.out.write(V1.getBytes(StandardCharsets.US_ASCII));
            client.out.flush();
            assertThat(end(client)).containsAnyOf("malformed packet of the client", RESET);
        }
        try (GatewayFixture fixture = new GatewayFixture(DATABASE, trusting("127.0.0.1"));
                RawClient silent = new RawClient(fixture.gateway.port());
                RawClient garbage = new RawClient(fixture.gateway.port())) {
            garbage.out.write("no header at all, but some bytes more than one\r\n".getBytes(StandardCharsets.US_ASCII));
            garbage.out.flush();
            assertThat(end(garbage)).isIn("", RESET);
            assertThat(end(silent)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"V1", "V2"})
    void serverIsToldTheClientsAddress(String version) throws SQLException {
        GatewayConfig config = trusting("127.0.0.1").withProxyProtocolTo(ProxyProtocol.valueOf(version));
        try (GatewayFixture fixture = new GatewayFixture(DATABASE, config);
                Connection root = StoreFixture.source(fixture.serverPort).getConnection();
                Statement admin = root.createStatement()) {
            admin.execute("set global proxy_protocol_networks = '127.0.0.1'");
            try (RawClient client = new RawClient(fixture.gateway.port())) {
                client.out.write(v2());
                client.out.flush();
                client.read();
                client.write(1, RawClient.login());
                String answer = client.readText();
                // Root may log in from this machine alone, so the server's refusal names the address that it was told.
                assertThat(answer).contains("203.0.113.7");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                admin.execute("set global proxy_protocol_networks = ''");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"300.0.0.1", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/-1", "''x"})
    void networkThatIsNoneIsNamed(String text) {
        assertThatThrownBy(() -> TrustedNetworks.of("127.0.0.1," + text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no network; it must be ADDRESS or ADDRESS/BITS, as 10.0.0.0/8");
    }
}
