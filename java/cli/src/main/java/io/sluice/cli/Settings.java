package io.sluice.cli;

import io.sluice.mysql.GatewayConfig;
import io.sluice.mysql.ProxyProtocol;
import io.sluice.mysql.TlsMode;
import io.sluice.mysql.TrustedNetworks;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.Nearest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a gateway, each from the first of: its flag, its environment variable, the file, the default.
 *
 * <p>In the file, properties or YAML, {@code filter.NAME.KEY} defines a filter by the keys of {@link
 * io.sluice.sql.FilterDefinition}, and {@code plugins} names the folder of its plugins' binaries.
 */
final class Settings {
    private static final String FILTER_PREFIX = "filter.";

    /**
     * One thing that can be set.
     *
     * @param key its name in the file
     * @param value the default
     * @param label what its values are
     * @param description what it is for
     */
    record Setting(String key, String value, String label, String description) {
        /** The flag of the command line. */
        String flag() {
            return "--" + key.replace('_', '-');
        }
    }

    /** Everything that can be set. */
    static final List<Setting> ALL = all();

    /** What can be set, with the defaults. */
    private static final Map<String, String> DEFAULTS = defaults();

    private final Map<String, String> values;
    private final Map<String, String> origins;
    private final Map<String, Map<String, String>> filters;

    private Settings(
            Map<String, String> values, Map<String, String> origins, Map<String, Map<String, String>> filters) {
        this.values = values;
        this.origins = origins;
        this.filters = filters;
    }

    private static List<Setting> all() {
        GatewayConfig config = GatewayConfig.defaults();
        return List.of(
                new Setting(
                        "listen",
                        config.listenHost() + ":" + config.listenPort(),
                        "HOST:PORT",
                        "where clients connect to"),
                new Setting("backend", config.backendHost() + ":" + config.backendPort(), "HOST:PORT", "the server"),
                new Setting("user", "", "NAME", "the gateway's own account, for its tables; none: no tables"),
                new Setting("password_env", "", "VARIABLE", "the variable of the environment with its password"),
                new Setting("store_schema", "mysql", "NAME", "where the gateway's tables are"),
                new Setting("store_poll_ms", "1000", "N", "milliseconds between two looks at them"),
                new Setting(
                        "store_required", "true", "true|false", "serve nobody before all filters of the tables hold"),
                new Setting("max_connections", String.valueOf(config.maxConnections()), "N", "clients at a time"),
                new Setting(
                        "max_packet_bytes",
                        String.valueOf(config.maxPacketBytes()),
                        "N",
                        "bytes of a client's longest message"),
                new Setting(
                        "max_result_bytes",
                        "0",
                        "N",
                        "bytes of the server's longest answer to a statement; 0: no limit"),
                new Setting(
                        "event_loop_fuel",
                        String.valueOf(config.eventLoopFuel()),
                        "N",
                        "fuel up to which a plugin is called by the event loop itself; 0: none is"),
                new Setting("local_infile", "false", "true|false", "pass files of clients on for LOAD DATA LOCAL"),
                new Setting(
                        "proxy_protocol_from",
                        "",
                        "NETWORKS",
                        "who says by the PROXY protocol for whom it connects, as 10.0.0.0/8,::1; none: nobody"),
                new Setting("proxy_protocol_to", "off", "off|v1|v2", "tell the server for whom the gateway connects"),
                new Setting("event_loops", String.valueOf(config.eventLoops()), "N", "threads that move bytes"),
                new Setting(
                        "connect_ms",
                        String.valueOf(config.connectMillis()),
                        "N",
                        "milliseconds to connect to the server"),
                new Setting(
                        "error_texts",
                        config.errorTexts().name().toLowerCase(Locale.ROOT),
                        "compatible|kept",
                        "errors of the server where a plugin was called"),
                new Setting("tls", "off", "off|preferred|required", "encrypt clients' connections"),
                new Setting("tls_certificate", "", "FILE", "the gateway's certificate and its chain, PEM"),
                new Setting("tls_key", "", "FILE", "its key, PKCS#8 in PEM"),
                new Setting(
                        "backend_tls", "off", "off|preferred|required|verified", "encrypt connections to the server"),
                new Setting("backend_ca", "", "FILE", "who may have signed the server's certificate, PEM"),
                new Setting("idle_ms", "0", "N", "milliseconds after which a silent client is closed; 0: never"),
                new Setting("slow_filter_ms", "0", "N", "log statements whose filters take longer; 0: none"),
                new Setting("log_format", "text", "text|json", "how log records look on standard error"),
                new Setting("drain_ms", "10000", "N", "milliseconds that clients have to end when the gateway does"),
                new Setting("unix_socket", "", "PATH", "a Unix socket to listen on, too"),
                new Setting("metrics", "", "HOST:PORT", "where /metrics, /healthz and /readyz are; none: nowhere"),
                new Setting("plugins", "", "FOLDER", "binaries of plugins, beside those of the tables"));
    }

    private static Map<String, String> defaults() {
        Map<String, String> map = new LinkedHashMap<>();
        ALL.forEach(setting -> map.put(setting.key(), setting.value()));
        return map;
    }

    /**
     * Puts the settings together.
     *
     * @param flags what the command line says, by the settings' names; null values were not said
     * @throws IllegalArgumentException if a key of the file is not known, which names the nearest
     */
    static Settings of(@Nullable Path file, Map<String, @Nullable String> flags, Map<String, String> environment)
            throws IOException {
        Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
        Map<String, String> origins = new LinkedHashMap<>();
        DEFAULTS.keySet().forEach(key -> origins.put(key, "default"));
        Map<String, Map<String, String>> filters = new TreeMap<>();
        if (file != null) {
            SettingsFile.read(file).forEach((key, value) -> {
                int dot = key.lastIndexOf('.');
                if (key.startsWith(FILTER_PREFIX) && dot > FILTER_PREFIX.length()) {
                    String name = key.substring(FILTER_PREFIX.length(), dot);
                    filters.computeIfAbsent(name, none -> new TreeMap<>()).put(key.substring(dot + 1), value);
                } else if (DEFAULTS.containsKey(key)) {
                    values.put(key, value);
                    origins.put(key, "file");
                } else {
                    throw new IllegalArgumentException("'" + key + "' in " + file + " is no setting; the nearest is "
                            + Nearest.of(key, DEFAULTS.keySet()));
                }
            });
        }
        for (String key : DEFAULTS.keySet()) {
            String fromEnvironment = environment.get(variableOf(key));
            if (fromEnvironment != null) {
                values.put(key, fromEnvironment);
                origins.put(key, "environment");
            }
            String flag = flags.get(key);
            if (flag != null) {
                values.put(key, flag);
                origins.put(key, "flag");
            }
        }
        return new Settings(values, origins, filters);
    }

    /** The environment variable of a setting. */
    static String variableOf(String key) {
        return "SLUICE_" + key.toUpperCase(Locale.ROOT);
    }

    GatewayConfig config() {
        GatewayConfig config = GatewayConfig.defaults();
        config = config.withListen(host("listen"), port("listen")).withBackend(host("backend"), port("backend"));
        return config.withMaxConnections(number("max_connections", 1, 1_000_000))
                .withMaxPacketBytes(number("max_packet_bytes", 1024, 1 << 30))
                .withMaxResultBytes(longNumber("max_result_bytes"))
                .withEventLoopFuel(longNumber("event_loop_fuel"))
                .withLocalInfile(yes("local_infile"))
                .withProxyProtocolFrom(networks())
                .withProxyProtocolTo(proxyProtocolTo())
                .withEventLoops(number("event_loops", 1, 1024))
                .withConnectMillis(number("connect_ms", 1, 600_000))
                .withIdleMillis(number("idle_ms", 0, Integer.MAX_VALUE))
                .withSlowFilterMillis(number("slow_filter_ms", 0, Integer.MAX_VALUE))
                .withUnixSocket(value("unix_socket"))
                .withTls(tlsMode("tls"), value("tls_certificate"), value("tls_key"))
                .withBackendTls(tlsMode("backend_tls"), value("backend_ca"))
                .withErrorTexts(errorTexts());
    }

    private TlsMode tlsMode(String key) {
        for (TlsMode mode : TlsMode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(value(key))) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                key + " is '" + value(key) + "'; it must be off, preferred, required or, for the server, verified");
    }

    private TrustedNetworks networks() {
        try {
            return TrustedNetworks.of(value("proxy_protocol_from"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("proxy_protocol_from: " + e.getMessage(), e);
        }
    }

    private ProxyProtocol proxyProtocolTo() {
        return switch (value("proxy_protocol_to")) {
            case "off" -> ProxyProtocol.OFF;
            case "v1" -> ProxyProtocol.V1;
            case "v2" -> ProxyProtocol.V2;
            default ->
                throw new IllegalArgumentException(
                        "proxy_protocol_to is '" + value("proxy_protocol_to") + "'; it must be off, v1 or v2");
        };
    }

    /** Whether log records are lines of JSON. */
    boolean logsJson() {
        return switch (value("log_format")) {
            case "text" -> false;
            case "json" -> true;
            default ->
                throw new IllegalArgumentException(
                        "log_format is '" + value("log_format") + "'; it must be text or json");
        };
    }

    private ErrorTexts errorTexts() {
        return switch (value("error_texts")) {
            case "compatible" -> ErrorTexts.COMPATIBLE;
            case "kept" -> ErrorTexts.KEPT;
            default ->
                throw new IllegalArgumentException(
                        "error_texts is '" + value("error_texts") + "'; it must be compatible or kept");
        };
    }

    /** The folder of the plugins' binaries; null if none is named. */
    @Nullable
    Path plugins() {
        return value("plugins").isEmpty() ? null : Path.of(value("plugins"));
    }

    /** The gateway's own account; empty if it has none. */
    String user() {
        return value("user");
    }

    /** The password of the gateway's own account. */
    String password(Map<String, String> environment) {
        String variable = value("password_env");
        if (variable.isEmpty()) {
            return "";
        }
        String password = environment.get(variable);
        if (password == null) {
            throw new IllegalArgumentException(
                    "password_env names the variable " + variable + ", which the environment does not have");
        }
        return password;
    }

    Duration drain() {
        return Duration.ofMillis(number("drain_ms", 0, 3_600_000));
    }

    /** Where the metrics are; null for nowhere. */
    @Nullable
    InetSocketAddress metrics() {
        return value("metrics").isEmpty() ? null : new InetSocketAddress(host("metrics"), port("metrics"));
    }

    String storeSchema() {
        return value("store_schema");
    }

    Duration storePoll() {
        return Duration.ofMillis(number("store_poll_ms", 50, 600_000));
    }

    boolean storeRequired() {
        return yes("store_required");
    }

    private boolean yes(String key) {
        return switch (value(key)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(key + " is '" + value(key) + "'; it must be true or false");
        };
    }

    /** The filters of the file: keys and values by name. */
    Map<String, Map<String, String>> filters() {
        return filters;
    }

    private String value(String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    private String host(String key) {
        String value = value(key);
        int colon = value.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(key + " is '" + value + "'; it must be HOST:PORT");
        }
        return value.substring(0, colon);
    }

    private int port(String key) {
        String value = value(key);
        return parse(key, value.substring(value.lastIndexOf(':') + 1), 0, 65_535);
    }

    private long longNumber(String key) {
        String text = value(key).strip();
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(key + " has '" + text + "'; it must be a number from 0 up");
    }

    private int number(String key, int least, int most) {
        return parse(key, value(key), least, most);
    }

    private static int parse(String key, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                key + " has '" + text + "'; it must be a number from " + least + " to " + most);
    }

    /** Every setting as a line of the file, below a comment with its flag, its environment variable and where its value is from. */
    String show() {
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> text.append("# --")
                .append(key.replace('_', '-'))
                .append(", ")
                .append(variableOf(key))
                .append("; from: ")
                .append(origins.get(key))
                .append('\n')
                .append(key)
                .append('=')
                .append(value)
                .append('\n'));
        filters.forEach((name, keys) -> keys.forEach((key, value) -> text.append(FILTER_PREFIX)
                .append(name)
                .append('.')
                .append(key)
                .append('=')
                .append(value)
                .append('\n')));
        return text.toString();
    }
}
