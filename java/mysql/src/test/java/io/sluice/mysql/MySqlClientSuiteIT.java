package io.sluice.mysql;

import io.sluice.mysql.ClientFixture.Server;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that are no Java on a real MySQL. */
@Timeout(900)
@ExtendWith(MySqlServer.class)
class MySqlClientSuiteIT extends ClientSuiteCases {
    MySqlClientSuiteIT() {
        super(Server.MYSQL);
    }
}
