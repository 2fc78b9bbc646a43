package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** The gateway in front of a real MySQL. */
@Timeout(60)
@ExtendWith(MySqlServer.class)
class MySqlGatewayIT {
    private static final String PASSWORD = "päss wörd";

    @TempDir
    private static Path folder;

    private static TestCertificate certificate;

    @BeforeAll
    static void prepare() throws Exception {
        certificate = TestCertificate.in(folder);
        try (Connection root = root().getConnection();
                Statement statement = root.createStatement()) {
            statement.execute("create database if not exists gateway_mysql");
            statement.execute(
                    "create user if not exists sha2@'%' identified with caching_sha2_password by '" + PASSWORD + "'");
            statement.execute("grant all on *.* to sha2@'%'");
        }
    }

    private static MariaDbDataSource root() throws SQLException {
        return new MariaDbDataSource(
                "jdbc:mariadb://127.0.0.1:" + MySqlServer.port() + "/?user=root&allowPublicKeyRetrieval=true");
    }

    private static Connection connect(String driver, int port, boolean tls, String password) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", "sha2");
        properties.put("password", password);
        properties.put("allowPublicKeyRetrieval", "true");
        boolean maria = driver.equals("mariadb");
        properties.put("sslMode", maria ? (tls ? "trust" : "disable") : (tls ? "REQUIRED" : "DISABLED"));
        String url = "jdbc:" + driver + "://127.0.0.1:" + port + "/gateway_mysql";
        return maria
                ? new org.mariadb.jdbc.Driver().connect(url, properties)
                : new com.mysql.cj.jdbc.Driver().connect(url, properties);
    }

    @ParameterizedTest
    @CsvSource({"false,false", "true,false", "false,true", "true,true"})
    void passwordsOfCachingSha2AreTakenWhateverIsEncrypted(boolean front, boolean back) throws SQLException {
        GatewayConfig config = GatewayConfig.defaults()
                .withListen("127.0.0.1", 0)
                .withBackend("127.0.0.1", MySqlServer.port())
                .withTls(
                        TlsMode.PREFERRED,
                        certificate.certificate().toString(),
                        certificate.key().toString())
                .withBackendTls(back ? TlsMode.REQUIRED : TlsMode.OFF, "");
        try (PluginHost host = PluginHost.create();
                FilterStore store = FilterStore.of(root(), "mysql", 1 << 20);
                FilterCatalog catalog = FilterCatalog.create(host, store);
                FilterService service = FilterService.start(catalog, store, Duration.ofSeconds(1), true);
                Gateway gateway = Gateway.start(config, service)) {
            for (String driver : List.of("mysql", "mariadb")) {
                forgetPasswords();
                for (String exchange : List.of("full", "cached")) {
                    try (Connection connection = connect(driver, gateway.port(), front, PASSWORD);
                            Statement statement = connection.createStatement()) {
                        List<String> cipher = StoreFixture.rows(statement, "show status like 'Ssl_cipher'");
                        assertThat(cipher.get(1).length() > "Ssl_cipher||".length())
                                .as(driver + " " + exchange + " " + cipher)
                                .isEqualTo(back);
                    }
                }
                forgetPasswords();
                assertThatThrownBy(() -> connect(driver, gateway.port(), front, "wrong"))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(1045));
            }
        }
    }

    /** Makes the server ask for the password itself at the next log-in. */
    private static void forgetPasswords() throws SQLException {
        try (Connection root = root().getConnection();
                Statement statement = root.createStatement()) {
            statement.execute("flush privileges");
        }
    }

    @Test
    void expiredPasswordIsChangedThroughFilters() throws SQLException {
        try (Connection root = root().getConnection();
                Statement admin = root.createStatement()) {
            FilterSet filters = FilterSet.of();
            filters.add(SqlFilter.of("no_secrets", new FilterAction.Fail())
                    .withPattern(FilterPattern.any().withQueryRegex("(?is).*secret.*")));
            admin.execute("create user if not exists expired@'%'");
            admin.execute("alter user expired@'%' identified by 'old' password expire");
            GatewayConfig config =
                    GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", MySqlServer.port());
            try (Gateway gateway = Gateway.start(config, filters)) {
                String address = "jdbc:mysql://127.0.0.1:" + gateway.port()
                        + "/?user=expired&sslMode=DISABLED&allowPublicKeyRetrieval=true"
                        + "&disconnectOnExpiredPasswords=false&readOnlyPropagatesToServer=false&password=";
                try (Connection connection = new com.mysql.cj.jdbc.Driver().connect(address + "old", new Properties());
                        Statement statement = connection.createStatement()) {
                    assertThatThrownBy(() -> statement.execute("do 1"))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getErrorCode()).isEqualTo(1820));
                    assertThatThrownBy(() -> statement.execute("alter user user() identified by 'secret'"))
                            .hasMessage("disallowed due to rule: no_secrets");
                    statement.execute("alter user user() identified by 'new'");
                    statement.execute("do 1");
                    assertThatThrownBy(() -> statement.execute("do 'secret'"))
                            .hasMessage("disallowed due to rule: no_secrets");
                }
                new com.mysql.cj.jdbc.Driver()
                        .connect(address + "new", new Properties())
                        .close();
            }
        }
    }

    @Test
    void filterStatementsAndOperationsWorkAsOnMariaDb() throws SQLException {
        List<String> direct = new ArrayList<>();
        try (Connection connection = connect("mysql", MySqlServer.port(), false, PASSWORD)) {
            direct.addAll(Operations.on(connection));
        }
        try (PluginHost host = PluginHost.create();
                FilterStore store = FilterStore.of(root(), "mysql", 1 << 20);
                FilterCatalog catalog = FilterCatalog.create(host, store);
                FilterService service = FilterService.start(catalog, store, Duration.ofSeconds(1), true);
                Gateway gateway = Gateway.start(
                        GatewayConfig.defaults()
                                .withListen("127.0.0.1", 0)
                                .withBackend("127.0.0.1", MySqlServer.port()),
                        service);
                Connection connection = connect("mysql", gateway.port(), false, PASSWORD);
                Statement statement = connection.createStatement()) {
            assertThat(
                            statement.executeUpdate(
                                    "create filter no_secrets with_pattern(query_regex='(?is).*secret.*') execute(action='FAIL')"))
                    .isEqualTo(1);
            assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                    .hasMessageContaining("disallowed due to rule: no_secrets");
            assertThat(StoreFixture.rows(statement, "show filters").get(1)).contains("|no_secrets|");
            List<String> through;
            try (Connection other = connect("mysql", gateway.port(), false, PASSWORD)) {
                through = Operations.on(other);
            }
            assertThat(through).isEqualTo(direct);
            statement.executeUpdate("alter filter no_secrets (status='INACTIVE')");
            statement.executeQuery("select 'secret'").close();
            assertThat(statement.executeUpdate("drop filter no_secrets")).isEqualTo(1);
        }
    }
}
