package io.sluice.test.e2e;

import io.sluice.jdbc.MariaDbServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mariadb.jdbc.MariaDbDataSource;

/** The five plugins in front of a real MariaDB. */
@ExtendWith(MariaDbServer.class)
class UseCaseMariaDbIT extends UseCaseTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @Override
    DataSource newDatabase() throws SQLException {
        String server = "jdbc:mariadb://127.0.0.1:" + MariaDbServer.port() + "/";
        String name = "use_case" + NUMBER.incrementAndGet();
        try (Connection connection = new MariaDbDataSource(server + "?user=root").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return new MariaDbDataSource(server + name + "?user=root");
    }
}
