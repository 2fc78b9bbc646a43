package io.sluice.jdbc;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MariaDbServer.class)
class ConnectorJReadResultIT extends ReadResultCases {
    ConnectorJReadResultIT() {
        super(Backend.CONNECTOR_J);
    }
}
