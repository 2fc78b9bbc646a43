package io.sluice.mysql;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.mariadb.jdbc.MariaDbDataSource;

/** A gateway in front of one of two real servers, with a database that every run of a client finds as every other does. */
final class ClientFixture implements AutoCloseable {
    /** The server behind the gateway. */
    enum Server {
        MARIADB,
        MYSQL;

        int port() {
            return this == MARIADB ? MariaDbServer.port() : MySqlServer.port();
        }
    }

    /** What is in force while a client runs, and must not be seen. */
    enum Filters {
        /** The gateway alone. */
        NONE,
        /** One that calls a plugin and one that refuses, neither for a text that is sent. */
        NOT_MATCHING,
        /** A plugin that is called for every statement and leaves it alone. */
        TRANSPARENT,
        /** A plugin that reads every result and writes it back as it was. */
        RESULTS_READ
    }

    final int serverPort;
    final Gateway gateway;
    private final PluginHost host = PluginHost.create();
    private final FilterSet filters = FilterSet.of();

    ClientFixture(Server server) {
        serverPort = server.port();
        gateway = Gateway.start(
                GatewayConfig.defaults()
                        .withListen("127.0.0.1", 0)
                        .withBackend("127.0.0.1", serverPort)
                        .withErrorTexts(ErrorTexts.KEPT),
                filters);
    }

    void filters(Filters which) {
        switch (which) {
            case NONE -> {}
            case NOT_MATCHING -> {
                plugin("c/mask_result", FilterPattern.any().withQueryRegex("nothing that is ever sent"));
                filters.add(SqlFilter.of("nobody", new FilterAction.Fail())
                        .withPattern(FilterPattern.any().withUserRegex("nobody")));
            }
            case TRANSPARENT -> plugin("c/allows_all", FilterPattern.any());
            case RESULTS_READ ->
                plugin("c/echo_result", FilterPattern.any().withQueryRegex("(?is)(select|insert|update|delete).*"));
        }
    }

    private void plugin(String guest, FilterPattern pattern) {
        PluginConfig config = PluginConfig.of(guest.substring(2))
                .withLimits(PluginLimits.defaults().withMaxMemoryBytes(64 << 20));
        filters.add(SqlFilter.of(host.load(config, Guests.source(guest))).withPattern(pattern));
    }

    /** Refuses whatever names the table of what must not be seen. */
    void refuseHiddenTable() {
        filters.add(SqlFilter.of("no_hidden", new FilterAction.Fail())
                .withPattern(FilterPattern.any().withFullyQualifiedTableNames(List.of("gateway_clients.hidden"))));
    }

    /** Makes the database anew. */
    void reset(String... statements) throws SQLException {
        try (Connection root = new MariaDbDataSource(
                                "jdbc:mariadb://127.0.0.1:" + serverPort + "/?user=root&allowPublicKeyRetrieval=true")
                        .getConnection();
                Statement statement = root.createStatement()) {
            statement.execute("drop database if exists " + ClientProgram.DATABASE);
            statement.execute("create database " + ClientProgram.DATABASE + " character set utf8mb4");
            statement.execute("create user if not exists " + ClientProgram.USER + "@'%' identified by '"
                    + ClientProgram.PASSWORD + "'");
            statement.execute("grant all on *.* to " + ClientProgram.USER + "@'%'");
            statement.execute("use " + ClientProgram.DATABASE);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() {
        gateway.close();
        host.close();
    }
}
