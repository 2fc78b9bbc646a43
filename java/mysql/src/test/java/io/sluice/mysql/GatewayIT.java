package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.ErrorTexts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What applications see through the gateway is what they see without it, but for what filters do. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class GatewayIT {
    private static final String NOWHERE = "nothing that is ever sent";

    private GatewayFixture fixture;

    @BeforeEach
    void start() throws SQLException {
        fixture = new GatewayFixture("gateway", GatewayConfig.defaults().withErrorTexts(ErrorTexts.KEPT));
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void answersAreTheServersOwnWithoutFilters(Through driver) throws SQLException {
        assertSameAsDirectly(driver);
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void answersAreTheServersOwnWithFiltersThatDoNotMatch(Through driver) throws SQLException {
        fixture.filter("c/mask_result", NOWHERE);
        fixture.refuse("no_such_text", NOWHERE);
        assertSameAsDirectly(driver);
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void answersAreTheServersOwnWithPluginThatReadsNoResult(Through driver) throws SQLException {
        fixture.filter("c/allows_all", "(?is)(select|insert|update|delete).*");
        assertSameAsDirectly(driver);
    }

    @ParameterizedTest
    @EnumSource(names = {"MARIADB_SERVER_PREPARED", "CONNECTOR_J"})
    void largePacketsComeThrough(Through driver) throws SQLException {
        fixture.refuse("no_such_text", NOWHERE);
        List<String> direct;
        try (Connection connection = fixture.connectDirectly(driver)) {
            direct = Operations.largeOn(connection);
        }
        try (Connection connection = fixture.connect(driver)) {
            assertSame(Operations.largeOn(connection), direct);
        }
    }

    private void assertSameAsDirectly(Through driver) throws SQLException {
        List<String> direct;
        try (Connection connection = fixture.connectDirectly(driver)) {
            direct = Operations.on(connection);
        }
        try (Connection connection = fixture.connect(driver)) {
            assertSame(Operations.on(connection), direct);
        }
    }

    private static void assertSame(List<String> through, List<String> direct) {
        for (int i = 0; i < Math.min(through.size(), direct.size()); i++) {
            assertThat(through.get(i)).as("line " + i).isEqualTo(direct.get(i));
        }
        assertThat(through).hasSameSizeAs(direct);
    }

    @Test
    void wrongPasswordIsTheServersError() {
        assertThatThrownBy(() -> Through.MARIADB.connect(fixture.gateway.port(), "gateway", Through.USER, "wrong", ""))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(1045))
                .hasMessageContaining("Access denied for user 'app'@'");
    }

    @Test
    void unknownDatabaseIsTheServersError() {
        assertThatThrownBy(() -> Through.CONNECTOR_J.connect(fixture.gateway.port(), "no_such_database"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(1049));
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void filterRefusesStatement(Through driver) throws SQLException {
        fixture.refuse("no_secrets", "(?is).*secret.*");
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                    .hasMessageContaining("disallowed due to rule: no_secrets")
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getErrorCode()).isEqualTo(1105);
                        assertThat(e.getSQLState()).isEqualTo("HY000");
                    });
            assertThatThrownBy(() -> {
                        try (PreparedStatement prepared = connection.prepareStatement("select 'secret', ?")) {
                            prepared.setInt(1, 1);
                            prepared.executeQuery();
                        }
                    })
                    .hasMessageContaining("disallowed due to rule: no_secrets");
            assertThat(one(statement, "select 'public'")).isEqualTo("public");
        }
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void pluginRefusesStatementBeforeTheServerSeesIt(Through driver) throws SQLException {
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table guarded(a int)");
            statement.execute("insert into guarded values (1),(2)");
            fixture.filter("c/reject_without_where", "(?is).*");
            assertThatThrownBy(() -> statement.executeUpdate("delete from guarded"))
                    .hasMessageContaining("no where clause");
            assertThatThrownBy(() -> {
                        try (PreparedStatement prepared = connection.prepareStatement("delete from guarded")) {
                            prepared.executeUpdate();
                        }
                    })
                    .hasMessageContaining("no where clause");
            assertThat(one(statement, "select count(*) from guarded")).isEqualTo("2");
            assertThat(statement.executeUpdate("delete from guarded where a = 1"))
                    .isEqualTo(1);
        }
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
