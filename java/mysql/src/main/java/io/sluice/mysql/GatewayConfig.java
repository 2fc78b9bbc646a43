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
    private static final GatewayConfig DEFAULTS = new GatewayConfig();

    private String listenHost = "127.0.0.1";
    private int listenPort = 13306;
    private String backendHost = "127.0.0.1";
    private int backendPort = 3306;
    private int maxConnections = 1000;
    private int maxPacketBytes = 64 << 20;
    private int eventLoops = 1;
    private int connectMillis = 10_000;
    private ErrorTexts errorTexts = ErrorTexts.COMPATIBLE;
    private int idleMillis = 0;
    private int slowFilterMillis = 0;
    private GatewayObserver observer = new GatewayObserver() {};
    private String unixSocket = "";
    private TlsMode tls = TlsMode.OFF;
    private String tlsCertificate = "";
    private String tlsKey = "";
    private TlsMode backendTls = TlsMode.OFF;
    private String backendCa = "";
    private long eventLoopFuel = 100_000;
    private boolean localInfile;
    private long maxResultBytes = 0;
    private TrustedNetworks proxyProtocolFrom = TrustedNetworks.none();
    private ProxyProtocol proxyProtocolTo = ProxyProtocol.OFF;

    private GatewayConfig() {}

    private GatewayConfig(GatewayConfig from) {
        listenHost = from.listenHost;
        listenPort = from.listenPort;
        backendHost = from.backendHost;
        backendPort = from.backendPort;
        maxConnections = from.maxConnections;
        maxPacketBytes = from.maxPacketBytes;
        eventLoops = from.eventLoops;
        connectMillis = from.connectMillis;
        errorTexts = from.errorTexts;
        idleMillis = from.idleMillis;
        slowFilterMillis = from.slowFilterMillis;
        observer = from.observer;
        unixSocket = from.unixSocket;
        tls = from.tls;
        tlsCertificate = from.tlsCertificate;
        tlsKey = from.tlsKey;
        backendTls = from.backendTls;
        backendCa = from.backendCa;
        eventLoopFuel = from.eventLoopFuel;
        localInfile = from.localInfile;
        maxResultBytes = from.maxResultBytes;
        proxyProtocolFrom = from.proxyProtocolFrom;
        proxyProtocolTo = from.proxyProtocolTo;
    }

    /** Every default. */
    public static GatewayConfig defaults() {
        return DEFAULTS;
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
        GatewayConfig copy = new GatewayConfig(this);
        copy.listenHost = Objects.requireNonNull(host, "listenHost");
        copy.listenPort = port;
        return copy;
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
        GatewayConfig copy = new GatewayConfig(this);
        copy.backendHost = Objects.requireNonNull(host, "backendHost");
        copy.backendPort = port;
        return copy;
    }

    /** The connections at a time; one more is refused with error 1040. */
    public int maxConnections() {
        return maxConnections;
    }

    /** A copy with another limit of connections. */
    public GatewayConfig withMaxConnections(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.maxConnections = value;
        return copy;
    }

    /** The bytes of a client's longest message; a longer one ends its connection. */
    public int maxPacketBytes() {
        return maxPacketBytes;
    }

    /** A copy with another limit of a message. */
    public GatewayConfig withMaxPacketBytes(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.maxPacketBytes = value;
        return copy;
    }

    /** The threads that move bytes. */
    public int eventLoops() {
        return eventLoops;
    }

    /** A copy with another number of threads that move bytes. */
    public GatewayConfig withEventLoops(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.eventLoops = value;
        return copy;
    }

    /** The fuel that a plugin may use for a query if event loops are to call it themselves; 0: they call none. */
    public long eventLoopFuel() {
        return eventLoopFuel;
    }

    /** A copy whose event loops call plugins up to that fuel. */
    public GatewayConfig withEventLoopFuel(long value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.eventLoopFuel = value;
        return copy;
    }

    /** Whether clients may be asked for their files by {@code LOAD DATA LOCAL}. */
    public boolean localInfile() {
        return localInfile;
    }

    /** A copy that passes files of clients on, or does not. */
    public GatewayConfig withLocalInfile(boolean value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.localInfile = value;
        return copy;
    }

    /** The bytes of the server's longest answer to one statement; a longer one ends its connection; 0: there is no limit. */
    public long maxResultBytes() {
        return maxResultBytes;
    }

    /** A copy with another limit of an answer. */
    public GatewayConfig withMaxResultBytes(long value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.maxResultBytes = value;
        return copy;
    }

    /** Who says by the PROXY protocol for whom it connects, and has to; nobody by default. */
    public TrustedNetworks proxyProtocolFrom() {
        return proxyProtocolFrom;
    }

    /** A copy in which others say so. */
    public GatewayConfig withProxyProtocolFrom(TrustedNetworks value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.proxyProtocolFrom = Objects.requireNonNull(value, "proxyProtocolFrom");
        return copy;
    }

    /** How the server is told for whom the gateway connects. */
    public ProxyProtocol proxyProtocolTo() {
        return proxyProtocolTo;
    }

    /** A copy that tells the server so. */
    public GatewayConfig withProxyProtocolTo(ProxyProtocol value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.proxyProtocolTo = Objects.requireNonNull(value, "proxyProtocolTo");
        return copy;
    }

    /** The milliseconds that a connection to the server may take. */
    public int connectMillis() {
        return connectMillis;
    }

    /** A copy with another limit of the time to connect. */
    public GatewayConfig withConnectMillis(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.connectMillis = value;
        return copy;
    }

    /** How errors of the server that plugins leave alone reach the client where a plugin was called. */
    public ErrorTexts errorTexts() {
        return errorTexts;
    }

    /** A copy that treats errors which plugins leave alone in that way. */
    public GatewayConfig withErrorTexts(ErrorTexts value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.errorTexts = Objects.requireNonNull(value, "errorTexts");
        return copy;
    }

    /** The milliseconds after which a client that sends nothing, and waits for nothing, is closed; 0 is never. */
    public int idleMillis() {
        return idleMillis;
    }

    /** A copy with another limit of idle time. */
    public GatewayConfig withIdleMillis(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.idleMillis = value;
        return copy;
    }

    /** The milliseconds of filters above which a statement is logged; 0 is never. */
    public int slowFilterMillis() {
        return slowFilterMillis;
    }

    /** A copy that logs statements whose filters take longer. */
    public GatewayConfig withSlowFilterMillis(int value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.slowFilterMillis = value;
        return copy;
    }

    /** Who is told what happens. */
    public GatewayObserver observer() {
        return observer;
    }

    /** A copy that tells somebody else what happens. */
    public GatewayConfig withObserver(GatewayObserver value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.observer = Objects.requireNonNull(value, "observer");
        return copy;
    }

    /** The path of a Unix socket to listen on, too; empty for none. */
    public String unixSocket() {
        return unixSocket;
    }

    /** A copy that listens on a Unix socket, too. */
    public GatewayConfig withUnixSocket(String value) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.unixSocket = Objects.requireNonNull(value, "unixSocket");
        return copy;
    }

    /** Whether clients' connections are encrypted. */
    public TlsMode tls() {
        return tls;
    }

    /** The file with the gateway's certificate and its chain, PEM. */
    public String tlsCertificate() {
        return tlsCertificate;
    }

    /** The file with the certificate's key, PKCS#8 in PEM. */
    public String tlsKey() {
        return tlsKey;
    }

    /** Whether connections to the server are encrypted. */
    public TlsMode backendTls() {
        return backendTls;
    }

    /** The file with the authorities that may have signed the server's certificate, PEM; empty for Java's own. */
    public String backendCa() {
        return backendCa;
    }

    /**
     * A copy whose clients' connections are encrypted.
     *
     * @throws IllegalArgumentException if the mode is {@link TlsMode#VERIFIED}
     */
    public GatewayConfig withTls(TlsMode mode, String certificate, String key) {
        if (mode == TlsMode.VERIFIED) {
            throw new IllegalArgumentException("tls is VERIFIED; for clients it must be OFF, PREFERRED or REQUIRED");
        }
        GatewayConfig copy = new GatewayConfig(this);
        copy.tls = Objects.requireNonNull(mode, "mode");
        copy.tlsCertificate = Objects.requireNonNull(certificate, "certificate");
        copy.tlsKey = Objects.requireNonNull(key, "key");
        return copy;
    }

    /** A copy whose connections to the server are encrypted. */
    public GatewayConfig withBackendTls(TlsMode mode, String authorities) {
        GatewayConfig copy = new GatewayConfig(this);
        copy.backendTls = Objects.requireNonNull(mode, "mode");
        copy.backendCa = Objects.requireNonNull(authorities, "authorities");
        return copy;
    }
}
