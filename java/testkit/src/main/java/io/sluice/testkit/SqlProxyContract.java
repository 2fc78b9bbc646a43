package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What has to hold of every proxy that filters statements by plugins: extend it in your own tests, say how a statement is sent through
 * your proxy, and JUnit runs the checks.
 *
 * <pre>{@code
 * class MyProxyContractIT extends SqlProxyContract {
 *     protected Proxy open(PluginConfig config, PluginSource plugin) {
 *         MyProxy proxy = MyProxy.start(database, config, plugin);
 *         Connection connection = proxy.connect();
 *         return Proxy.of(connection.createStatement(), proxy::close);
 *     }
 *
 *     protected Answer sendDirectly(String text) {
 *         return Answer.of(plain, text);
 *     }
 * }
 * }</pre>
 *
 * <p>The database has to understand MySQL's {@code CREATE TABLE}, {@code DROP TABLE}, {@code INSERT}, {@code UPDATE}, {@code SELECT} and
 * {@code LIMIT}; the checks use a table {@code contract_people}. The plugins are this kit's own, with failures that refuse the statement.
 *
 * <p><b>Threads.</b> Confined, as JUnit has it. <b>Ownership.</b> Each check closes the proxy that it opened.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class SqlProxyContract {
    private static final String BEFORE =
            "error from wasm plugin at after execution stage: error from wasm plugin at before execution stage: ";
    /** The texts that the plugin is for, as a regular expression on the whole text. */
    protected static final String TEXTS = "(?is).*contract_.*";

    private static final String SELECT = "SELECT id, password FROM contract_people ORDER BY id";

    /** A proxy with one plugin in it, and one client. */
    public interface Proxy extends AutoCloseable {
        /** Sends a statement as a client would, and waits for the answer. */
        Answer send(String text) throws Exception;

        @Override
        void close();

        /**
         * A proxy whose client is a statement of JDBC; closing it closes the statement's connection.
         *
         * @param stop stops the proxy, after that
         */
        static Proxy of(java.sql.Statement statement, Runnable stop) {
            Objects.requireNonNull(statement, "statement");
            Objects.requireNonNull(stop, "stop");
            return new Proxy() {
                @Override
                public Answer send(String text) {
                    return Answer.of(statement, text);
                }

                @Override
                public void close() {
                    try {
                        statement.getConnection().close();
                    } catch (SQLException e) {
                        throw new IllegalStateException("the client's connection cannot be closed", e);
                    } finally {
                        stop.run();
                    }
                }
            };
        }
    }

    /** For who extends it. */
    protected SqlProxyContract() {}

    /**
     * Puts the proxy in front of the database, with that plugin as its one filter, for the texts that match {@link #TEXTS}: what a
     * driver sends of its own accord is none of the plugin's business.
     */
    protected abstract Proxy open(PluginConfig config, PluginSource plugin) throws Exception;

    /** Sends a statement to the same database, with no plugin in between. */
    protected abstract Answer sendDirectly(String text) throws Exception;

    @BeforeEach
    void fillTheTable() throws Exception {
        sendDirectly("DROP TABLE IF EXISTS contract_people");
        direct("CREATE TABLE contract_people(id INT PRIMARY KEY, password VARCHAR(60))");
        direct("INSERT INTO contract_people VALUES (1, 'secret'), (2, NULL)");
    }

    private Answer direct(String text) throws Exception {
        Answer answer = sendDirectly(text);
        assertThat(answer.error()).as(text).isNull();
        return answer;
    }

    private static PluginConfig config() {
        // A busy machine must not fail a check by its time.
        return PluginConfig.of("contract").withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)));
    }

    /** An example of the C SDK. */
    private static PluginSource example(String name) {
        return PluginSource.resource(SqlProxyContract.class, "contract/" + name + "/c/" + name + ".wasm");
    }

    private static PluginSource hostile(String name) {
        return PluginSource.resource(SqlProxyContract.class, "contract/" + name + "/" + name + ".wasm");
    }

    private static List<@Nullable String> row(@Nullable String... values) {
        List<@Nullable String> row = new ArrayList<>();
        for (String value : values) {
            row.add(value);
        }
        return row;
    }

    private static void assertRefused(Answer answer, String message, int code, String state) {
        // Drivers put words of their own before a server's.
        assertThat(answer.error()).endsWith(message);
        assertThat(answer.errorCode()).isEqualTo(code);
        assertThat(answer.sqlState()).isEqualTo(state);
    }

    @Test
    void statementThatThePluginRefusesIsNotExecuted() throws Exception {
        try (Proxy proxy = open(config(), example("reject_without_where"))) {
            Answer answer = proxy.send("UPDATE contract_people SET password = 'gone'");
            assertRefused(answer, BEFORE + "no where clause", 1105, "HY000");
            assertThat(direct(SELECT).rows()).containsExactly(row("1", "secret"), row("2", null));
        }
    }

    @Test
    void statementThatThePluginLetsPassIsExecutedAndAnsweredAsWithoutIt() throws Exception {
        try (Proxy proxy = open(config(), example("reject_without_where"))) {
            assertThat(proxy.send("UPDATE contract_people SET password = 'new' WHERE id = 2")
                            .error())
                    .isNull();
            assertThat(direct(SELECT).rows()).containsExactly(row("1", "secret"), row("2", "new"));
            assertThat(proxy.send(SELECT)).isEqualTo(direct(SELECT));
        }
    }

    @Test
    void connectionIsOfUseAfterARefusal() throws Exception {
        try (Proxy proxy = open(config(), example("reject_without_where"))) {
            assertThat(proxy.send("DELETE FROM contract_people").error()).isNotNull();
            assertThat(proxy.send(SELECT)).isEqualTo(direct(SELECT));
        }
    }

    @Test
    void clientGetsTheRowsAsThePluginMasksThemAndNullStaysNull() throws Exception {
        try (Proxy proxy = open(config(), example("mask_columns"))) {
            Answer answer = proxy.send(SELECT);
            assertThat(answer.error()).isNull();
            assertThat(answer.columns()).containsExactly("id", "password");
            assertThat(answer.rows()).containsExactly(row("1", "****"), row("2", null));
        }
    }

    @Test
    void textThatThePluginSetsIsTheOneThatIsExecuted() throws Exception {
        StringBuilder more = new StringBuilder("INSERT INTO contract_people VALUES (3, NULL)");
        for (int id = 4; id <= 120; id++) {
            more.append(", (").append(id).append(", NULL)");
        }
        direct(more.toString());
        try (Proxy proxy = open(config(), example("rewrite_query"))) {
            assertThat(proxy.send(SELECT).rows()).hasSize(100);
            assertThat(proxy.send(SELECT + " LIMIT 110").rows()).hasSize(110);
        }
    }

    @Test
    void errorOfTheDatabaseIsTheClientsErrorToo() throws Exception {
        try (Proxy proxy = open(config(), example("audit_log"))) {
            assertThat(proxy.send("SELECT * FROM contract_nowhere").error())
                    .isNotNull()
                    .containsIgnoringCase("contract_nowhere");
            assertThat(proxy.send(SELECT)).isEqualTo(direct(SELECT));
        }
    }

    @Test
    void errorKeepsTheCodeAndStateThatThePluginGivesIt() throws Exception {
        try (Proxy proxy = open(config().withConfiguration("{\"token\":\"right\"}"), example("authenticate"))) {
            assertRefused(proxy.send(SELECT), "access denied: no token in the leading comment", 1045, "28000");
            assertRefused(
                    proxy.send("/* token=wrong */ " + SELECT), "access denied: the token is wrong", 1045, "28000");
            assertThat(proxy.send("/* token=right */ " + SELECT)).isEqualTo(direct(SELECT));
        }
    }

    @Test
    void statementOfAPluginThatTrapsIsRefusedAndSoIsTheNext() throws Exception {
        try (Proxy proxy = open(config(), hostile("malloc_traps"))) {
            for (int i = 0; i < 2; i++) {
                assertThat(proxy.send("UPDATE contract_people SET password = 'gone'")
                                .error())
                        .isNotNull()
                        .contains("plugin 'contract', before: ");
            }
            assertThat(direct(SELECT).rows()).containsExactly(row("1", "secret"), row("2", null));
        }
    }

    @Test
    void pluginThatNeverEndsIsStopped() throws Exception {
        PluginLimits limits =
                PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)).withFuelPerCall(1_000_000);
        try (Proxy proxy = open(config().withLimits(limits), hostile("loops_before"))) {
            assertThat(proxy.send("UPDATE contract_people SET password = 'gone'")
                            .error())
                    .isNotNull()
                    .contains("plugin 'contract', before: ", "out of fuel");
            assertThat(direct(SELECT).rows()).containsExactly(row("1", "secret"), row("2", null));
        }
    }
}
