package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.sql.FilterSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(MariaDbServer.class)
class GatewayIT {
    @ParameterizedTest
    @EnumSource(Through.class)
    void smoke(Through driver) throws SQLException {
        int port = Through.serverWith("smoke");
        GatewayConfig config = GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", port);
        try (Gateway gateway = Gateway.start(config, FilterSet.of());
                Connection connection = driver.connect(gateway.port(), "smoke");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select 1, 'zwölf', null")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(1);
            assertThat(rows.getString(2)).isEqualTo("zwölf");
        }
    }
}
