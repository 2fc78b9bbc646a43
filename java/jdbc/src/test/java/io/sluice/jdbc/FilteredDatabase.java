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
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.jdbcx.JdbcDataSource;

/** An empty database in memory with filters in front of it. */
final class FilteredDatabase implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final PluginHost host = PluginHost.create();
    final FilterSet filters = FilterSet.of();
    final List<QueryEvent> events = new ArrayList<>();
    final JdbcDataSource h2 = new JdbcDataSource();
    final SluiceDataSource dataSource = SluiceDataSource.wrap(h2, filters, events::add);
    final Connection connection;

    FilteredDatabase() throws SQLException {
        h2.setURL("jdbc:h2:mem:filtered" + NUMBER.incrementAndGet() + ";MODE=MySQL");
        connection = dataSource.getConnection();
    }

    /** Adds a filter for the texts that match. */
    Plugin filter(String guest, String queryRegex) {
        return filter(PluginConfig.of(guest.substring(guest.indexOf('/') + 1)), guest, queryRegex);
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
