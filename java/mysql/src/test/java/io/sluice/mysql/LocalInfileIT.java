package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of clients reach the server where they may, and the statement that asks for them meets the filters. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class LocalInfileIT {
    private static final String DATABASE = "local_infile";
    private static final int LINES = 300_000;

    @TempDir
    private Path folder;

    private Path file() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            text.append(i).append("\tline ").append(i).append('\n');
        }
        return Files.writeString(folder.resolve("rows.tsv"), text);
    }

    private static Connection connect(GatewayFixture fixture, Through driver) throws SQLException {
        return driver.connect(
                fixture.gateway.port(),
                DATABASE,
                Through.USER,
                Through.PASSWORD,
                "&allowLoadLocalInfile=true&allowLocalInfile=true&allowMultiQueries=true");
    }

    private static String load(Path file) {
        return "load data local infile '" + file + "' into table loaded";
    }

    @ParameterizedTest
    @EnumSource(
            value = Through.class,
            names = {"MARIADB", "CONNECTOR_J"})
    void fileReachesTheServerAlsoAmongOtherStatements(Through driver) throws Exception {
        Path file = file();
        try (GatewayFixture fixture =
                        new GatewayFixture(DATABASE, GatewayConfig.defaults().withLocalInfile(true));
                Connection connection = connect(fixture, driver);
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table loaded(a int, b varchar(30))");
            assertThat(statement.executeUpdate(load(file))).isEqualTo(LINES);
            fixture.refuse("no_secrets", "(?is).*secret.*");
            fixture.filter("c/allows_all", ".*load data.*");
            assertThat(statement.executeUpdate(load(file))).isEqualTo(LINES);
            fixture.filter("c/echo_result", ".*load data.*");
            assertThat(statement.executeUpdate(load(file))).isEqualTo(LINES);
            statement.execute("select 1; " + load(file) + "; select count(*), sum(a) from loaded");
            assertThat(statement.getMoreResults()).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(LINES);
            assertThat(statement.getMoreResults()).isTrue();
            long sum = 4L * LINES * (LINES - 1) / 2;
            assertThat(StoreFixture.rows(statement.getResultSet()).get(1)).isEqualTo(4 * LINES + "|" + sum + "|");
            assertThatThrownBy(() -> statement.execute(load(file) + " /* secret */"))
                    .hasMessageContaining("disallowed due to rule: no_secrets");
            assertThatThrownBy(() -> statement.execute(load(file).replace("loaded", "missing")))
                    .hasMessageContaining("missing");
            assertThat(StoreFixture.rows(statement, "select 7").get(1)).isEqualTo("7|");
        }
    }

    @Test
    void serverIsNotLetAskWhereItIsOff() throws Exception {
        Path file = file();
        try (GatewayFixture fixture = new GatewayFixture(DATABASE);
                Connection connection = connect(fixture, Through.MARIADB);
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table loaded(a int, b varchar(30))");
            assertThatThrownBy(() -> statement.executeUpdate(load(file))).isInstanceOf(SQLException.class);
            assertThat(StoreFixture.rows(statement, "select count(*) from loaded")
                            .get(1))
                    .isEqualTo("0|");
        }
    }
}
