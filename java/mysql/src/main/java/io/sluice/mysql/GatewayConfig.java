package io.sluice.mysql;

import io.sluice.sql.ErrorTexts;
import java.util.Objects;

/**
 * Where a gateway listens, which server is behind it, and its walls; immutable.
 *
 * <p>Defaults: 127.0.0.1:13306 in front, 127.0.0.1:3306 behind, 1,000 connections, messages of up to 64 MiB, one event loop, 10 s to
 * connect, WeScale's error texts.
 */
public final class GatewayConfig {
    private final String listenHost;
    private final int listenPort;
    private final String backendHost;
    private final int backendPort;
    private final int maxConnections;
    private final int maxPacketBytes;
    private final int eventLoops;
    private final int connectMillis;
    private final ErrorTexts errorTexts;

    private GatewayConfig(
            String listenHost,
            int listenPort,
            String backendHost,
            int backendPort,
            int maxConnections,
            int maxPacketBytes,
            int eventLoops,
            int connectMillis,
            ErrorTexts errorTexts) {
        this.listenHost = Objects.requireNonNull(listenHost, "listenHost");
        this.listenPort = listenPort;
        this.backendHost = Objects.requireNonNull(backendHost, "backendHost");
        this.backendPort = backendPort;
        this.maxConnections = maxConnections;
        this.maxPacketBytes = maxPacketBytes;
        this.eventLoops = eventLoops;
        this.connectMillis = connectMillis;
        this.errorTexts = Objects.requireNonNull(errorTexts, "errorTexts");
    }

    /** Every default. */
    public static GatewayConfig defaults() {
        return new GatewayConfig(
                "127.0.0.1", 13306, "127.0.0.1", 3306, 1000, 64 << 20, 1, 10_000, ErrorTexts.COMPATIBLE);
    }

    /** The address that clients connect to. */
    public String listenHost() {
        return listenHost;
    }

    /** The port that clients connect to; 0 is a free one. */
    public int listenPort() {
        return listenPort;
    }

    /** A copy that listens somewhere else. */
    public GatewayConfig withListen(String host, int port) {
        return new GatewayConfig(
                host,
                port,
                backendHost,
                backendPort,
                maxConnections,
                maxPacketBytes,
                eventLoops,
                connectMillis,
                errorTexts);
    }

    /** The server's address. */
    public String backendHost() {
        return backendHost;
    }

    /** The server's port. */
    public int backendPort() {
        return backendPort;
    }

    /** A copy for another server. */
    public GatewayConfig withBackend(String host, int port) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                host,
                port,
                maxConnections,
                maxPacketBytes,
                eventLoops,
                connectMillis,
                errorTexts);
    }

    /** The connections at a time; one more is refused with error 1040. */
    public int maxConnections() {
        return maxConnections;
    }

    /** A copy with another limit of connections. */
    public GatewayConfig withMaxConnections(int value) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                backendHost,
                backendPort,
                value,
                maxPacketBytes,
                eventLoops,
                connectMillis,
                errorTexts);
    }

    /** The bytes of a client's longest message; a longer one ends its connection. */
    public int maxPacketBytes() {
        return maxPacketBytes;
    }

    /** A copy with another limit of a message. */
    public GatewayConfig withMaxPacketBytes(int value) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                backendHost,
                backendPort,
                maxConnections,
                value,
                eventLoops,
                connectMillis,
                errorTexts);
    }

    /** The threads that move bytes. */
    public int eventLoops() {
        return eventLoops;
    }

    /** A copy with another number of threads that move bytes. */
    public GatewayConfig withEventLoops(int value) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                backendHost,
                backendPort,
                maxConnections,
                maxPacketBytes,
                value,
                connectMillis,
                errorTexts);
    }

    /** The milliseconds that a connection to the server may take. */
    public int connectMillis() {
        return connectMillis;
    }

    /** A copy with another limit of the time to connect. */
    public GatewayConfig withConnectMillis(int value) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                backendHost,
                backendPort,
                maxConnections,
                maxPacketBytes,
                eventLoops,
                value,
                errorTexts);
    }

    /** How errors of the server that plugins leave alone reach the client where a plugin was called. */
    public ErrorTexts errorTexts() {
        return errorTexts;
    }

    /** A copy that treats errors which plugins leave alone in that way. */
    public GatewayConfig withErrorTexts(ErrorTexts value) {
        return new GatewayConfig(
                listenHost,
                listenPort,
                backendHost,
                backendPort,
                maxConnections,
                maxPacketBytes,
                eventLoops,
                connectMillis,
                value);
    }
}
