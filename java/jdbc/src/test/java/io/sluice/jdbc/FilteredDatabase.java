package io.sluice.jdbc;

import io.sluice.plugin.Guests;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** An empty database with filters in front of it. */
final class FilteredDatabase implements AutoCloseable {
    final PluginHost host = PluginHost.create();
    final FilterSet filters = FilterSet.of();
    final List<QueryEvent> events = new ArrayList<>();
    final DataSource driver;
    final SluiceDataSource dataSource;
    final Connection connection;

    FilteredDatabase() throws SQLException {
        this(Backend.H2, "");
    }

    FilteredDatabase(Backend backend, String options) throws SQLException {
        driver = backend.newDatabase(options);
        dataSource = SluiceDataSource.wrap(driver, filters, events::add);
        connection = dataSource.getConnection();
    }

    /** Adds a filter for the texts that match. */
    Plugin filter(String guest, String queryRegex) {
        return filter(PluginConfig.of(guest.substring(guest.indexOf('/') + 1)), guest, queryRegex);
    }

    /** Adds a filter by another name than its guest's. */
    Plugin filter(String name, String guest, String queryRegex) {
        return filter(PluginConfig.of(name), guest, queryRegex);
    }

    Plugin filter(PluginConfig config, String guest, String queryRegex) {
        Plugin plugin = host.load(config, Guests.source(guest));
        filters.add(SqlFilter.of(plugin).withPattern(FilterPattern.any().withQueryRegex(queryRegex)));
        return plugin;
    }

    QueryEvent lastEvent() {
        return events.get(events.size() - 1);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        host.close();
    }
}
