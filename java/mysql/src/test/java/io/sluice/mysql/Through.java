package io.sluice.mysql;

import com.mysql.cj.jdbc.MysqlDataSource;
import io.sluice.jdbc.MariaDbServer;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** A driver, and how it prepares statements. */
enum Through {
    MARIADB("jdbc:mariadb", ""),
    MARIADB_SERVER_PREPARED("jdbc:mariadb", "&useServerPrepStmts=true"),
    CONNECTOR_J("jdbc:mysql", ""),
    CONNECTOR_J_SERVER_PREPARED("jdbc:mysql", "&useServerPrepStmts=true");

    static final String USER = "app";
    static final String PASSWORD = "päss wörd";

    private final String scheme;
    private final String options;

    Through(String scheme, String options) {
        this.scheme = scheme;
        this.options = options;
    }

    boolean isServerPrepared() {
        return !options.isEmpty();
    }

    boolean isMariaDb() {
        return scheme.equals("jdbc:mariadb");
    }

    Connection connect(int port, String database) throws SQLException {
        return connect(port, database, USER, PASSWORD, "");
    }

    Connection connect(int port, String database, String user, String password, String more) throws SQLException {
        String url = scheme + "://127.0.0.1:" + port + "/" + database + "?connectTimeout=10000&socketTimeout=20000"
                + options + more;
        DataSource source;
        if (isMariaDb()) {
            source = new MariaDbDataSource(url);
        } else {
            MysqlDataSource mysql = new MysqlDataSource();
            mysql.setURL(url + "&sslMode=DISABLED");
            source = mysql;
        }
        return source.getConnection(user, password);
    }

    /** The port of the server, with a database of that name and an account that may use every database. */
    static synchronized int serverWith(String database) throws SQLException {
        int port = MariaDbServer.port();
        try (Connection root =
                        new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + port + "/?user=root").getConnection();
                java.sql.Statement statement = root.createStatement()) {
            statement.execute("create database if not exists " + database + " character set utf8mb4");
            statement.execute("create user if not exists '" + USER + "'@'%' identified by '" + PASSWORD + "'");
            statement.execute("grant all on *.* to '" + USER + "'@'%'");
        }
        return port;
    }
}
