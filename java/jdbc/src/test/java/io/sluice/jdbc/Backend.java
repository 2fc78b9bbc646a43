package io.sluice.jdbc;

import com.mysql.cj.jdbc.MysqlDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** A driver and a database of its own for each test. */
enum Backend {
    H2 {
        @Override
        DataSource newDatabase(String options) {
            JdbcDataSource source = new JdbcDataSource();
            source.setURL("jdbc:h2:mem:backend" + NUMBER.incrementAndGet() + ";MODE=MySQL;DB_CLOSE_DELAY=-1" + options);
            source.setUser("sa");
            return source;
        }
    },
    /** MariaDB's driver; prepared statements are the driver's. */
    MARIADB {
        @Override
        DataSource newDatabase(String options) throws SQLException {
            return new MariaDbDataSource(urlOfNewDatabase("jdbc:mariadb", options));
        }
    },
    /** MariaDB's driver; prepared statements are the server's. */
    MARIADB_SERVER_PREPARED {
        @Override
        DataSource newDatabase(String options) throws SQLException {
            return new MariaDbDataSource(urlOfNewDatabase("jdbc:mariadb", "&useServerPrepStmts=true" + options));
        }
    },
    /** MySQL's driver. */
    CONNECTOR_J {
        @Override
        DataSource newDatabase(String options) throws SQLException {
            MysqlDataSource source = new MysqlDataSource();
            source.setURL(urlOfNewDatabase("jdbc:mysql", options));
            return source;
        }
    };

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** An empty database. */
    abstract DataSource newDatabase(String options) throws SQLException;

    boolean isH2() {
        return this == H2;
    }

    private static String urlOfNewDatabase(String scheme, String options) throws SQLException {
        String server = "://127.0.0.1:" + MariaDbServer.port() + "/";
        String name = "backend" + NUMBER.incrementAndGet();
        try (Connection connection = new MariaDbDataSource("jdbc:mariadb" + server + "?user=root").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return scheme + server + name + "?user=root&allowMultiQueries=true" + options;
    }
}
