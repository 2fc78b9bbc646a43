package io.sluice.cli.plugin;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.jdbc.SluiceDataSource;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayConfig;
import io.sluice.plugin.Plugin;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import io.sluice.testkit.SqlProxyContract.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.jdbcx.JdbcDataSource;

/** The ways of a statement through a plugin that lead to a database: JDBC to H2, and the gateway to MariaDB. */
final class Ways {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Ways() {}

    /** An empty database of H2 that speaks MySQL's dialect. */
    static JdbcDataSource h2() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:ways" + NUMBER.incrementAndGet() + ";MODE=MySQL;DB_CLOSE_DELAY=-1");
        source.setUser("sa");
        return source;
    }

    /** A client of a data source with the plugin in it; closing it closes the plugin. */
    static Proxy throughJdbc(JdbcDataSource database, Plugin plugin, String texts) throws SQLException {
        SluiceDataSource source = SluiceDataSource.wrap(database, filters(plugin, texts));
        return Proxy.of(source.getConnection().createStatement(), plugin::close);
    }

    private static FilterSet filters(Plugin plugin, String texts) {
        return FilterSet.of(SqlFilter.of(plugin).withPattern(FilterPattern.any().withQueryRegex(texts)));
    }

    /** A client of the tests' MariaDB, and the database {@code ways} there. */
    static Connection mariaDb() throws SQLException {
        try (Connection connection = connect(MariaDbServer.port(), "");
                Statement statement = connection.createStatement()) {
            statement.execute("create database if not exists ways");
            statement.execute("create user if not exists app@'%' identified by 'pw'");
            statement.execute("grant all on *.* to app@'%'");
        }
        return connect(MariaDbServer.port(), "ways");
    }

    private static Connection connect(int port, String database) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root");
    }

    /** A client of a gateway with the plugin in it; closing it closes the plugin. */
    static Proxy throughGateway(Plugin plugin, String texts) throws SQLException {
        Gateway gateway = Gateway.start(
                GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", MariaDbServer.port()),
                filters(plugin, texts));
        Connection client = DriverManager.getConnection(
                "jdbc:mariadb://127.0.0.1:" + gateway.port() + "/ways?user=app&password=pw");
        return Proxy.of(client.createStatement(), () -> {
            gateway.close();
            plugin.close();
        });
    }
}
