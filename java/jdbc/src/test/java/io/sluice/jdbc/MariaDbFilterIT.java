package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class MariaDbFilterIT extends FilterCases {
    MariaDbFilterIT() {
        super(Backend.MARIADB);
    }
}
