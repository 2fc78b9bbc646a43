package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients' connections are encrypted, or refused where they must be. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayTlsIT {
    @TempDir
    private static Path folder;

    private static TestCertificate certificate;
    private static int server;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = TestCertificate.in(folder);
        server = Through.serverWith("gateway_tls");
    }

    private static GatewayConfig config(TlsMode mode) {
        return GatewayConfig.defaults()
                .withListen("127.0.0.1", 0)
                .withBackend("127.0.0.1", server)
                .withTls(
                        mode,
                        certificate.certificate().toString(),
                        certificate.key().toString());
    }

    private static Connection mariaDb(int port, String ssl) throws SQLException {
        return Through.MARIADB.connect(port, "gateway_tls", Through.USER, Through.PASSWORD, ssl);
    }

    private static Connection connectorJ(int port, String ssl) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", Through.USER);
        properties.put("password", Through.PASSWORD);
        properties.put("sslMode", ssl);
        return new com.mysql.cj.jdbc.Driver().connect("jdbc:mysql://127.0.0.1:" + port + "/gateway_tls", properties);
    }

    @Test
    void encryptedClientsAreServedAndFiltered() throws SQLException {
        FilterSet filters = FilterSet.of(SqlFilter.of("no_secrets", new FilterAction.Fail())
                .withPattern(FilterPattern.any().withQueryRegex("(?is).*secret.*")));
        try (Gateway gateway = Gateway.start(config(TlsMode.PREFERRED), filters);
                Connection first =
                        mariaDb(gateway.port(), "&sslMode=verify-full&serverSslCert=" + certificate.certificate());
                Connection second = connectorJ(gateway.port(), "REQUIRED");
                Connection plain = mariaDb(gateway.port(), "&sslMode=disable")) {
            for (Connection connection : new Connection[] {first, second, plain}) {
                try (Statement statement = connection.createStatement()) {
                    assertThat(StoreFixture.rows(statement, "select length(repeat('x', 3000000)) n"))
                            .containsExactly("n|", "3000000|");
                    assertThat(StoreFixture.rows(statement, "select repeat('x', 300000) n")
                                    .get(1))
                            .hasSize(300_001);
                    assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                            .hasMessageContaining("disallowed due to rule: no_secrets");
                }
            }
        }
    }

    @Test
    void clientWithoutTlsIsRefusedWhereItIsRequired() throws SQLException {
        try (Gateway gateway = Gateway.start(config(TlsMode.REQUIRED), FilterSet.of())) {
            assertThatThrownBy(() -> mariaDb(gateway.port(), "&sslMode=disable"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(3159));
            mariaDb(gateway.port(), "&sslMode=trust").close();
        }
    }

    @Test
    void serverWithoutTlsIsRefusedWhereItIsRequired() throws IOException {
        GatewayConfig config = config(TlsMode.OFF).withBackendTls(TlsMode.REQUIRED, "");
        try (Gateway gateway = Gateway.start(config, FilterSet.of());
                RawClient client = new RawClient(gateway.port())) {
            assertThat(client.readText()).contains("the server behind the gateway offers no TLS");
        }
    }

    @Test
    void requestForTlsThatWasNotOfferedEndsTheConnection() throws IOException {
        try (Gateway gateway = Gateway.start(config(TlsMode.OFF), FilterSet.of());
                RawClient client = new RawClient(gateway.port())) {
            client.read();
            byte[] request = java.util.Arrays.copyOf(RawClient.login(), 32);
            request[1] |= 0x08;
            client.write(1, request);
            assertThat(client.readText()).contains("a request for TLS, which the gateway did not offer");
        }
    }

    @Test
    void certificatesAreReadAgainAndWrongOnesAreRefused() throws Exception {
        Path certificateFile = folder.resolve("reloaded.crt");
        Path keyFile = folder.resolve("reloaded.key");
        Files.copy(certificate.certificate(), certificateFile, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(certificate.key(), keyFile, StandardCopyOption.REPLACE_EXISTING);
        GatewayConfig config =
                config(TlsMode.OFF).withTls(TlsMode.REQUIRED, certificateFile.toString(), keyFile.toString());
        try (Gateway gateway = Gateway.start(config, FilterSet.of())) {
            String old = "&sslMode=verify-full&serverSslCert=" + certificate.certificate();
            mariaDb(gateway.port(), old).close();
            Files.writeString(keyFile, "no key");
            assertThatThrownBy(gateway::reloadCertificates).hasMessageContaining("cannot be used");
            mariaDb(gateway.port(), old).close();
            TestCertificate other = TestCertificate.in(Files.createDirectories(folder.resolve("other")));
            Files.copy(other.certificate(), certificateFile, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(other.key(), keyFile, StandardCopyOption.REPLACE_EXISTING);
            gateway.reloadCertificates();
            assertThatThrownBy(() -> mariaDb(gateway.port(), old)).isInstanceOf(SQLException.class);
            mariaDb(gateway.port(), "&sslMode=verify-full&serverSslCert=" + other.certificate())
                    .close();
        }
    }
}
