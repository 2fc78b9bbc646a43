package io.sluice.mysql;

import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.SQLException;

/** A gateway in front of the tests' MariaDB, with filters. */
final class GatewayFixture implements AutoCloseable {
    final PluginHost host = PluginHost.create();
    final FilterSet filters = FilterSet.of();
    final Gateway gateway;
    final int serverPort;
    private final String database;

    GatewayFixture(String database) throws SQLException {
        this(database, GatewayConfig.defaults());
    }

    GatewayFixture(String database, GatewayConfig config) throws SQLException {
        this.database = database;
        serverPort = Through.serverWith(database);
        gateway = Gateway.start(config.withListen("127.0.0.1", 0).withBackend("127.0.0.1", serverPort), filters);
    }

    Connection connect(Through driver) throws SQLException {
        return driver.connect(gateway.port(), database);
    }

    Connection connectDirectly(Through driver) throws SQLException {
        return driver.connect(serverPort, database);
    }

    /** Adds a filter with a guest for the texts that match. */
    void filter(String guest, String queryRegex) {
        String name = guest.substring(guest.indexOf('/') + 1);
        filter(
                SqlFilter.of(host.load(PluginConfig.of(name), Guests.source(guest))),
                FilterPattern.any().withQueryRegex(queryRegex));
    }

    void filter(SqlFilter filter, FilterPattern pattern) {
        filters.add(filter.withPattern(pattern));
    }

    /** Adds a filter that refuses the texts that match. */
    void refuse(String name, String queryRegex) {
        filter(SqlFilter.of(name, new FilterAction.Fail()), FilterPattern.any().withQueryRegex(queryRegex));
    }

    @Override
    public void close() {
        gateway.close();
        host.close();
    }
}
