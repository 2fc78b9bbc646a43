package io.sluice.mysql;

import io.sluice.mysql.ClientFixture.Server;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ways round a filter on a real MySQL. */
@Timeout(300)
@ExtendWith(MySqlServer.class)
class MySqlEvasionIT extends EvasionCases {
    MySqlEvasionIT() {
        super(Server.MYSQL);
    }
}
