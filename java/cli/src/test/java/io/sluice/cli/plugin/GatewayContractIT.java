package io.sluice.cli.plugin;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.testkit.Answer;
import io.sluice.testkit.SqlProxyContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract of proxies, kept by our gateway in front of MariaDB. */
@ExtendWith(MariaDbServer.class)
class GatewayContractIT extends SqlProxyContract {
    private final PluginHost host = PluginHost.builder().optimiserThreads(0).build();

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Override
    protected Proxy open(PluginConfig config, PluginSource plugin) throws SQLException {
        return Ways.throughGateway(host.load(config, plugin), TEXTS);
    }

    @Override
    protected Answer sendDirectly(String text) throws SQLException {
        try (Connection connection = Ways.mariaDb();
                Statement statement = connection.createStatement()) {
            return Answer.of(statement, text);
        }
    }
}
