package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class MariaDbServerPreparedJdbcIT extends JdbcCases {
    MariaDbServerPreparedJdbcIT() {
        super(Backend.MARIADB_SERVER_PREPARED);
    }
}
