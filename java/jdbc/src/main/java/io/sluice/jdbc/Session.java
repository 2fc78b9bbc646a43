package io.sluice.jdbc;

import io.sluice.sql.SqlDialect;
import io.sluice.sql.SqlRequest;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What filters may know of a connection beside a query's text: who sends it, from where, and to which database. */
final class Session {
    private static final String[] EVERYDAY = {"select", "insert", "update", "delete", "replace", "with", "values"};

    private final Connection connection;
    private final Filtering filtering;
    private final Properties given = new Properties();

    private @Nullable String loginName;
    private @Nullable String database;
    private @Nullable SqlDialect dialect;
    private @Nullable Server server;

    /** @param loginName the name that the application logged in with; null if it is the data source's own */
    Session(Connection connection, Filtering filtering, @Nullable String loginName) {
        this.connection = connection;
        this.filtering = filtering;
        this.loginName = loginName;
    }

    /** Puts what is known into a request. */
    void fill(SqlRequest request) throws SQLException {
        request.user(user()).clientAddress(clientAddress()).database(database()).dialect(dialect());
    }

    private String user() throws SQLException {
        String told = given.getProperty(SluiceDataSource.USER, filtering.user());
        if (!told.isEmpty()) {
            return told;
        }
        String known = loginName;
        if (known == null) {
            known = Objects.requireNonNullElse(connection.getMetaData().getUserName(), "");
            // MySQL's driver answers user@host.
            int host = known.lastIndexOf('@');
            known = host < 0 ? known : known.substring(0, host);
            loginName = known;
        }
        return known;
    }

    private String clientAddress() {
        return given.getProperty(SluiceDataSource.CLIENT_ADDRESS, filtering.clientAddress());
    }

    private String database() throws SQLException {
        String known = database;
        if (known == null) {
            known = Objects.requireNonNullElse(
                    server().schemas() ? connection.getSchema() : connection.getCatalog(), "");
            database = known;
        }
        return known;
    }

    private SqlDialect dialect() throws SQLException {
        SqlDialect told = filtering.dialect();
        if (told != null) {
            return told;
        }
        SqlDialect known = dialect;
        if (known == null) {
            known = server().dialect();
            if (server().hasSqlMode()) {
                known = known.withSqlMode(sqlMode());
            }
            dialect = known;
        }
        return known;
    }

    private String sqlMode() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select @@sql_mode")) {
            return rows.next() ? Objects.requireNonNullElse(rows.getString(1), "") : "";
        }
    }

    private Server server() throws SQLException {
        Server known = server;
        if (known == null) {
            known = Server.of(connection.getMetaData());
            server = known;
        }
        return known;
    }

    /**
     * What the driver says of its server.
     *
     * @param schemas whether what stands before a table's name is a schema, as in most databases, and not a catalog, as in MySQL
     * @param hasSqlMode whether a session's {@code sql_mode} says what is a string
     */
    private record Server(boolean schemas, boolean hasSqlMode, SqlDialect dialect) {
        static Server of(DatabaseMetaData metaData) throws SQLException {
            String product = Objects.requireNonNullElse(metaData.getDatabaseProductName(), "");
            boolean mysql = product.equals("MySQL") || product.equals("MariaDB");
            return new Server(
                    metaData.supportsSchemasInDataManipulation(),
                    mysql,
                    mysql
                            ? SqlDialect.ofServer(metaData.getDatabaseProductVersion())
                            : SqlDialect.mysql().withAnsiQuotes(true).withNoBackslashEscapes(true));
        }
    }

    /** The current database and the SQL mode are asked for anew when they are next needed. */
    void forget() {
        database = null;
        dialect = null;
    }

    /** Looks whether a statement that was executed may have changed the current database or the SQL mode. */
    void executed(String sql) {
        if (mayChangeSession(sql)) {
            forget();
        }
    }

    /** Whether a text is anything but one of the everyday statements, which change no setting. */
    static boolean mayChangeSession(String sql) {
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (sql.startsWith("/*", at)) {
                int end = sql.indexOf("*/", at + 2);
                if (end < 0 || sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
                    return true;
                }
                at = end + 2;
            } else if (Character.isWhitespace(c) || c == '(') {
                at++;
            } else {
                break;
            }
        }
        for (String word : EVERYDAY) {
            if (sql.regionMatches(true, at, word, 0, word.length())) {
                return sql.indexOf(';', at) >= 0;
            }
        }
        return true;
    }

    /** Whether a client info property is ours and not the driver's. */
    static boolean owns(@Nullable Object name) {
        return SluiceDataSource.USER.equals(name) || SluiceDataSource.CLIENT_ADDRESS.equals(name);
    }

    void setClientInfo(String name, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            given.remove(name);
        } else {
            given.setProperty(name, value);
        }
    }

    @Nullable
    String clientInfo(String name) {
        return given.getProperty(name);
    }

    /** Takes what is ours from an application's properties and returns the rest, which is the driver's. */
    Properties takeClientInfo(Properties all) {
        Properties rest = new Properties();
        given.clear();
        for (String name : all.stringPropertyNames()) {
            if (owns(name)) {
                setClientInfo(name, all.getProperty(name));
            } else {
                rest.setProperty(name, all.getProperty(name));
            }
        }
        return rest;
    }

    /** The driver's properties and ours. */
    Properties allClientInfo(@Nullable Properties ofDriver) {
        Properties all = new Properties();
        if (ofDriver != null) {
            all.putAll(ofDriver);
        }
        all.putAll(given);
        return all;
    }
}
