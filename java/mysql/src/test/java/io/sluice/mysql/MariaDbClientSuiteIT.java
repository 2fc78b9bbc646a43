package io.sluice.mysql;

import io.sluice.jdbc.MariaDbServer;
import io.sluice.mysql.ClientFixture.Server;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that are no Java on MariaDB. */
@Timeout(900)
@ExtendWith(MariaDbServer.class)
class MariaDbClientSuiteIT extends ClientSuiteCases {
    MariaDbClientSuiteIT() {
        super(Server.MARIADB);
    }
}
