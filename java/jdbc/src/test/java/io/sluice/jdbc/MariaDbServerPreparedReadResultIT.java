package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class MariaDbServerPreparedReadResultIT extends ReadResultCases {
    MariaDbServerPreparedReadResultIT() {
        super(Backend.MARIADB_SERVER_PREPARED);
    }
}
