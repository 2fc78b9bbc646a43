package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class ConnectorJJdbcIT extends JdbcCases {
    ConnectorJJdbcIT() {
        super(Backend.CONNECTOR_J);
    }
}
