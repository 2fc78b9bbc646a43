package io.sluice.mysql;

import java.util.concurrent.atomic.LongAdder;

/**
 * What went through a gateway, for all its connections together.
 *
 * <p><b>Threads.</b> Shared.
 */
final class GatewayTraffic {
    final LongAdder connectionsOpened = new LongAdder();
    final LongAdder connectionsRefused = new LongAdder();
    final LongAdder bytesFromClients = new LongAdder();
    final LongAdder bytesFromServer = new LongAdder();
    final LongAdder commands = new LongAdder();
}
