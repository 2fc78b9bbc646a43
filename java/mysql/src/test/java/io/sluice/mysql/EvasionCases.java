package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.mysql.ClientFixture.Server;
import io.sluice.mysql.ClientProgram.Mode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ways round a filter, from every client: a table's content must not come out by any of them, and each client must get it by many of them
 * where no gateway is in between.
 */
abstract class EvasionCases {
    private static final String SECRET = "TOPSECRET";
    private static final Pattern SEEN = Pattern.compile("TOPSECRET|x544f50534543524554");
    private static final Pattern ALLOWED = Pattern.compile("open|x6f70656e");

    /** Ways that work directly, on either server and by every client; the list has others for one of the servers each. */
    private static final int AT_LEAST = 25;

    private final Server server;

    EvasionCases(Server server) {
        this.server = server;
    }

    static List<ClientProgram> clients() {
        return ClientProgram.chosen();
    }

    private static void reset(ClientFixture fixture) throws SQLException {
        fixture.reset(
                "create table hidden(word varchar(100))",
                "insert into hidden values ('" + SECRET + "')",
                "create table visible(word varchar(100))",
                "insert into visible values ('open')");
    }

    /** A client that goes through a list of ways on a port. */
    private interface Attempts {
        String on(int port) throws SQLException, IOException, InterruptedException;
    }

    private void assertNothingComesOut(Attempts attempts) throws SQLException, IOException, InterruptedException {
        try (ClientFixture fixture = new ClientFixture(server)) {
            reset(fixture);
            long direct =
                    SEEN.matcher(attempts.on(fixture.serverPort)).results().count();
            assertThat(direct).as("ways that work directly").isGreaterThanOrEqualTo(AT_LEAST);
            reset(fixture);
            fixture.refuseHiddenTable();
            String through = attempts.on(fixture.gateway.port());
            for (String line : through.split("\n## ", -1)) {
                assertThat(SEEN.matcher(line).find()).as(line).isFalse();
            }
            assertThat(ALLOWED.matcher(through).find())
                    .as("what is allowed is answered")
                    .isTrue();
            assertThat(through).contains("disallowed due to rule: no_hidden");
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void noWayRoundTheFilterIsOpenToClient(ClientProgram client) throws Exception {
        assertNothingComesOut(port -> client.run(port, Mode.EVASION));
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void noWayRoundTheFilterIsOpenToDriver(Through driver) throws Exception {
        assertNothingComesOut(port -> byDriver(driver, port));
    }

    private static String byDriver(Through driver, int port) throws IOException, SQLException {
        StringBuilder seen = new StringBuilder();
        for (String block : ClientProgram.blocks(ClientProgram.text(Mode.EVASION))) {
            String[] head = block.substring(0, block.indexOf('\n')).split(" charset=", -1);
            String more = "&allowMultiQueries=true&allowPublicKeyRetrieval=true";
            if (head.length > 1) {
                if (driver.isMariaDb()) {
                    continue; // that driver speaks UTF-8 alone
                }
                more += "&characterEncoding=" + (head[1].equals("sjis") ? "SJIS" : head[1]);
            }
            seen.append("## ").append(head[0]).append('\n');
            try (Connection connection =
                    driver.connect(port, ClientProgram.DATABASE, ClientProgram.USER, ClientProgram.PASSWORD, more)) {
                for (String sql : block.substring(block.indexOf('\n') + 1).split("\n----\n", -1)) {
                    attempt(driver, connection, sql, seen);
                }
            }
        }
        return seen.toString();
    }

    private static void attempt(Through driver, Connection connection, String sql, StringBuilder seen) {
        seen.append("> ").append(sql).append('\n');
        if (driver.isServerPrepared()) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                results(statement, statement.execute(), seen);
            } catch (SQLException e) {
                seen.append("  error ").append(e.getMessage()).append('\n');
            }
        } else {
            try (Statement statement = connection.createStatement()) {
                results(statement, statement.execute(sql), seen);
            } catch (SQLException e) {
                seen.append("  error ").append(e.getMessage()).append('\n');
            }
        }
    }

    private static void results(Statement statement, boolean first, StringBuilder seen) throws SQLException {
        boolean rows = first;
        while (rows || statement.getUpdateCount() >= 0) {
            if (rows) {
                try (ResultSet result = statement.getResultSet()) {
                    for (String row : StoreFixture.rows(result)) {
                        seen.append("  ").append(row).append('\n');
                    }
                }
            }
            rows = statement.getMoreResults();
        }
    }

    @Test
    void cursorsAndBatchesAreNoWayRoundTheFilter() throws SQLException {
        try (ClientFixture fixture = new ClientFixture(server)) {
            reset(fixture);
            fixture.refuseHiddenTable();
            String known = "&allowPublicKeyRetrieval=true";
            for (String more : List.of(
                    "&useCursorFetch=true&defaultFetchSize=1",
                    "&rewriteBatchedStatements=true",
                    "&useBulkStmts=true&useServerPrepStmts=true",
                    "&useBulkStmtsForInserts=true",
                    "&disablePipeline=true",
                    "&useCompression=true")) {
                for (Through driver : List.of(Through.MARIADB, Through.CONNECTOR_J)) {
                    try (Connection connection = driver.connect(
                                    fixture.gateway.port(),
                                    ClientProgram.DATABASE,
                                    ClientProgram.USER,
                                    ClientProgram.PASSWORD,
                                    known + more);
                            PreparedStatement read = connection.prepareStatement("select word from visible")) {
                        StringBuilder seen = new StringBuilder();
                        results(read, read.execute(), seen);
                        assertThat(seen.toString()).contains("open");
                        assertThat(refused(connection, "select word from hidden where word <> ?", 1))
                                .as(driver + more)
                                .contains("disallowed due to rule: no_hidden");
                        assertThat(refused(connection, "insert into hidden values (?)", 3))
                                .as(driver + more)
                                .contains("disallowed due to rule: no_hidden");
                    }
                }
            }
            try (Connection direct = Through.MARIADB.connect(
                            fixture.serverPort,
                            ClientProgram.DATABASE,
                            ClientProgram.USER,
                            ClientProgram.PASSWORD,
                            known);
                    Statement statement = direct.createStatement()) {
                assertThat(StoreFixture.rows(statement, "select count(*) n from hidden"))
                        .containsExactly("n|", "1|");
            }
        }
    }

    private static String refused(Connection connection, String sql, int batch) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < batch; i++) {
                statement.setString(1, "w" + i);
                if (batch > 1) {
                    statement.addBatch();
                }
            }
            if (batch > 1) {
                statement.executeBatch();
            } else {
                statement.executeQuery().close();
            }
            return "was executed";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
