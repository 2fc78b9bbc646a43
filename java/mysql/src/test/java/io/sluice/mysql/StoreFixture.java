package io.sluice.mysql;

import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.sql.FilterCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.mariadb.jdbc.MariaDbDataSource;

/** A gateway whose filters are in a schema of the tests' MariaDB. */
final class StoreFixture implements AutoCloseable {
    static final Duration POLL = Duration.ofMillis(200);

    final PluginHost host = PluginHost.create();
    final String schema;
    final int serverPort;
    final FilterStore store;
    final FilterCatalog catalog;
    final FilterService service;
    final Gateway gateway;

    /** Whether a binary cannot be had for a reason that will pass. */
    volatile boolean binariesFail;

    StoreFixture(String schema) throws SQLException {
        this.schema = schema;
        serverPort = Through.serverWith(schema);
        store = FilterStore.of(
                source(serverPort), schema, EngineConfig.defaults().maxModuleBytes());
        catalog = FilterCatalog.create(host, name -> {
            PluginSource source = store.find(name);
            if (binariesFail) {
                throw new IOException("no binary for now");
            }
            return source;
        });
        service = FilterService.start(catalog, store, POLL, true);
        gateway = Gateway.start(
                GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", serverPort), service);
    }

    static MariaDbDataSource source(int port) throws SQLException {
        return new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + port + "/?user=root&connectTimeout=2000");
    }

    Connection connect(Through driver) throws SQLException {
        return driver.connect(gateway.port(), schema);
    }

    Connection connectDirectly() throws SQLException {
        return Through.MARIADB.connect(serverPort, schema);
    }

    /** Puts a guest into the table of binaries; returns the rows affected. */
    int store(Connection connection, String name, String guest) throws SQLException, IOException {
        byte[] wasm = Files.readAllBytes(
                Guests.folder().resolve(guest).resolve(guest.substring(guest.indexOf('/') + 1) + ".wasm"));
        try (PreparedStatement statement = connection.prepareStatement("insert ignore into " + schema
                + ".wasm_binary(name,runtime,data,compress_algorithm,hash_before_compress) values (?,?,?,?,?)")) {
            statement.setString(1, name);
            statement.setString(2, "wasmtime");
            statement.setBytes(3, PluginPacking.pack(wasm, "bzip2"));
            statement.setString(4, "bzip2");
            statement.setString(5, PluginPacking.md5(wasm));
            return statement.executeUpdate();
        }
    }

    /** A result as lines: the columns' names, then the rows. */
    static List<String> rows(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            return rows(rows);
        }
    }

    static List<String> rows(ResultSet rows) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            line.append(meta.getColumnLabel(i)).append('|');
        }
        lines.add(line.toString());
        while (rows.next()) {
            line.setLength(0);
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                line.append(rows.getString(i)).append('|');
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Override
    public void close() {
        gateway.close();
        service.close();
        catalog.close();
        store.close();
        host.close();
        try (Connection connection = source(serverPort).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists " + schema + ".wescale_plugin, " + schema + ".wasm_binary");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
