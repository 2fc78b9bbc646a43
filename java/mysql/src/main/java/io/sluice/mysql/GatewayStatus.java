package io.sluice.mysql;

/**
 * What a gateway does and has done; a snapshot.
 *
 * @param connections the clients that are connected
 * @param connectionsOpened those that ever were
 * @param connectionsRefused those that were refused before they could log in
 * @param commands the commands of clients
 * @param bytesFromClients what clients sent
 * @param bytesFromServer what the server sent
 * @param draining whether the gateway takes no new clients because it is about to end
 */
public record GatewayStatus(
        int connections,
        long connectionsOpened,
        long connectionsRefused,
        long commands,
        long bytesFromClients,
        long bytesFromServer,
        boolean draining) {}
