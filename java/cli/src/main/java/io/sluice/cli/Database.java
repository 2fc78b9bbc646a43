package io.sluice.cli;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** Connections of the command's own to a MySQL or MariaDB server, or to a gateway in front of one. */
final class Database {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 60_000;

    private Database() {}

    /** Connections with an account. */
    static DataSource source(String host, int port, String user, String password) throws SQLException {
        String address = host.contains(":") ? "[" + host + "]" : host;
        MariaDbDataSource source = new MariaDbDataSource("jdbc:mariadb://" + address + ":" + port
                + "/?allowPublicKeyRetrieval=true&connectTimeout=" + CONNECT_MILLIS + "&socketTimeout="
                + ANSWER_MILLIS);
        source.setUser(user);
        source.setPassword(password);
        return source;
    }
}
