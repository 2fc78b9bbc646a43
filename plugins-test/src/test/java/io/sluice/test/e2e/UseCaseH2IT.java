package io.sluice.test.e2e;

import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** The five plugins in front of H2. */
class UseCaseH2IT extends UseCaseTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @Override
    DataSource newDatabase() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:use_case" + NUMBER.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
        return database;
    }
}
