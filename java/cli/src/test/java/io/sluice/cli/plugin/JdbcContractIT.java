package io.sluice.cli.plugin;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.testkit.Answer;
import io.sluice.testkit.SqlProxyContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;

/** The contract of proxies, kept by our data source in front of H2. */
class JdbcContractIT extends SqlProxyContract {
    private final PluginHost host = PluginHost.builder().optimiserThreads(0).build();

    @AfterEach
    void closeHost() {
        host.close();
    }

    private final JdbcDataSource database = Ways.h2();

    @Override
    protected Proxy open(PluginConfig config, PluginSource plugin) throws SQLException {
        return Ways.throughJdbc(database, host.load(config, plugin), TEXTS);
    }

    @Override
    protected Answer sendDirectly(String text) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            return Answer.of(statement, text);
        }
    }
}
