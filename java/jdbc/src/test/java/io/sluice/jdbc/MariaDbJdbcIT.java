package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class MariaDbJdbcIT extends JdbcCases {
    MariaDbJdbcIT() {
        super(Backend.MARIADB);
    }
}
