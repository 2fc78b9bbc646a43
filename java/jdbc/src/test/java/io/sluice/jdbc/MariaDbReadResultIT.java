package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class MariaDbReadResultIT extends ReadResultCases {
    MariaDbReadResultIT() {
        super(Backend.MARIADB);
    }
}
