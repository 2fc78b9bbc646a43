package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.testkit.Answer;
import io.sluice.testkit.Desk;
import io.sluice.testkit.Outcome;
import io.sluice.testkit.Rows;
import io.sluice.testkit.SqlProxyContract.Proxy;
import io.sluice.testkit.Statement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes do the same on the desk, in a data source in front of H2, and in the gateway in front of MariaDB. */
@ExtendWith(MariaDbServer.class)
class OneBinaryIT {
    @TempDir
    static Path cache;

    private static final String FILTERED = "(?is).*people.*";
    private static final List<String> TABLE = List.of(
            "DROP TABLE IF EXISTS people",
            "CREATE TABLE people(id INT PRIMARY KEY, password VARCHAR(60))",
            "INSERT INTO people VALUES (1, 'secret'), (2, NULL)");

    private static final String SELECT = "SELECT id, password FROM people ORDER BY id";
    private static final List<String> TEXTS = List.of(
            SELECT,
            "UPDATE people SET password = 'gone'",
            "UPDATE people SET password = 'it''s where' /* WHERE id = 1 */",
            "DELETE FROM people",
            "UPDATE people SET password = 'other' WHERE id = 3");

    private static @Nullable PluginHost shared;

    @BeforeAll
    static void openHost() {
        // Every way has the same code: it is compiled once.
        shared = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withOptimisation(false))
                .cacheFolder(cache)
                .optimiserThreads(0)
                .build();
    }

    @AfterAll
    static void closeHost() {
        if (shared != null) {
            shared.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "go", "rust", "assemblyscript", "java"})
    void doesTheSameOnTheDeskThroughJdbcAndThroughTheGateway(String language) throws Exception {
        PluginHost host = Objects.requireNonNull(shared);
        for (String example : List.of("reject_without_where", "mask_columns")) {
            byte[] module = Files.readAllBytes(Examples.module(example + "/" + language));
            PluginConfig config =
                    PluginConfig.of("one").withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)));
            List<String> onTheDesk = onTheDesk(host, config, PluginSource.bytes(module));
            assertThat(throughJdbc(host, config, PluginSource.bytes(module)))
                    .as("%s through JDBC", example)
                    .isEqualTo(onTheDesk);
            assertThat(throughGateway(host, config, PluginSource.bytes(module)))
                    .as("%s through the gateway", example)
                    .isEqualTo(onTheDesk);
            assertThat(onTheDesk.get(0))
                    .isEqualTo(example.equals("mask_columns") ? "[[1, ****], [2, null]]" : "[[1, secret], [2, null]]");
            assertThat(onTheDesk.get(1))
                    .isEqualTo(
                            example.equals("mask_columns")
                                    ? "[]"
                                    : "1105 HY000 error from wasm plugin at after execution stage: error from wasm plugin"
                                            + " at before execution stage: no where clause");
        }
    }

    private static List<String> onTheDesk(PluginHost host, PluginConfig config, PluginSource plugin) {
        List<String> seen = new ArrayList<>();
        try (Desk desk = Desk.open(host, config, plugin)) {
            for (String text : TEXTS) {
                Rows answered = text.equals(SELECT)
                        ? Rows.ofColumns("id", "password").withRow(1, "secret").withRow(2, null)
                        : Rows.none();
                Outcome outcome = desk.query(Statement.of(text).withResult(answered));
                seen.add(
                        outcome.result() == null
                                ? outcome.errorCode() + " " + outcome.sqlState() + " " + outcome.clientError()
                                : outcome.result().rows().toString());
            }
        }
        return seen;
    }

    private static List<String> throughJdbc(PluginHost host, PluginConfig config, PluginSource plugin)
            throws Exception {
        JdbcDataSource database = Ways.h2();
        try (Connection plain = database.getConnection()) {
            fill(plain);
            try (Proxy proxy = Ways.throughJdbc(database, host.load(config, plugin), FILTERED)) {
                return answers(proxy);
            }
        }
    }

    private static List<String> throughGateway(PluginHost host, PluginConfig config, PluginSource plugin)
            throws Exception {
        try (Connection plain = Ways.mariaDb()) {
            fill(plain);
            try (Proxy proxy = Ways.throughGateway(host.load(config, plugin), FILTERED)) {
                return answers(proxy);
            }
        }
    }

    private static void fill(Connection plain) throws SQLException {
        try (java.sql.Statement statement = plain.createStatement()) {
            for (String text : TABLE) {
                statement.execute(text);
            }
        }
    }

    private static List<String> answers(Proxy proxy) throws Exception {
        List<String> seen = new ArrayList<>();
        for (String text : TEXTS) {
            Answer answer = proxy.send(text);
            String error = answer.error();
            seen.add(
                    error == null
                            ? answer.rows().toString()
                            // MariaDB's driver puts the connection's number before a server's text.
                            : answer.errorCode() + " " + answer.sqlState() + " "
                                    + error.replaceFirst("^\\(conn=\\d+\\) ", ""));
        }
        return seen;
    }
}
