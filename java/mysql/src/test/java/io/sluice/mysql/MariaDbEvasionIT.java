package io.sluice.mysql;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.ClientFixture.Server;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ways round a filter on MariaDB. */
@Timeout(300)
@ExtendWith(MariaDbServer.class)
class MariaDbEvasionIT extends EvasionCases {
    MariaDbEvasionIT() {
        super(Server.MARIADB);
    }
}
