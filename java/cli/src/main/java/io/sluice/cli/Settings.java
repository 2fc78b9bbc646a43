package io.sluice.cli;

import io.sluice.mysql.GatewayConfig;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.Nearest;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a gateway, each from the first of: its flag, its environment variable, the file, the default.
 *
 * <p>In the file, properties in UTF-8, {@code filter.NAME.KEY=value} defines a filter by the keys of {@link
 * io.sluice.sql.FilterDefinition}, and {@code plugins} names the folder of its plugins' binaries.
 */
final class Settings {
    private static final String FILTER_PREFIX = "filter.";

    /** What can be set, with the defaults. */
    private static final Map<String, String> DEFAULTS = defaults();

    private final Map<String, String> values;
    private final Map<String, Map<String, String>> filters;

    private Settings(Map<String, String> values, Map<String, Map<String, String>> filters) {
        this.values = values;
        this.filters = filters;
    }

    private static Map<String, String> defaults() {
        GatewayConfig config = GatewayConfig.defaults();
        Map<String, String> map = new LinkedHashMap<>();
        map.put("listen", config.listenHost() + ":" + config.listenPort());
        map.put("backend", config.backendHost() + ":" + config.backendPort());
        map.put("max_connections", String.valueOf(config.maxConnections()));
        map.put("max_packet_bytes", String.valueOf(config.maxPacketBytes()));
        map.put("event_loops", String.valueOf(config.eventLoops()));
        map.put("connect_ms", String.valueOf(config.connectMillis()));
        map.put("error_texts", config.errorTexts().name().toLowerCase(Locale.ROOT));
        map.put("plugins", "");
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
        Map<String, Map<String, String>> filters = new TreeMap<>();
        if (file != null) {
            readFile(file, values, filters);
        }
        for (String key : DEFAULTS.keySet()) {
            String fromEnvironment = environment.get(variableOf(key));
            if (fromEnvironment != null) {
                values.put(key, fromEnvironment);
            }
            String flag = flags.get(key);
            if (flag != null) {
                values.put(key, flag);
            }
        }
        return new Settings(values, filters);
    }

    private static void readFile(Path file, Map<String, String> values, Map<String, Map<String, String>> filters)
            throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        for (String key :
                new TreeMap<>(properties).keySet().stream().map(String::valueOf).toList()) {
            String value = properties.getProperty(key);
            int dot = key.lastIndexOf('.');
            if (key.startsWith(FILTER_PREFIX) && dot > FILTER_PREFIX.length()) {
                String name = key.substring(FILTER_PREFIX.length(), dot);
                filters.computeIfAbsent(name, none -> new TreeMap<>()).put(key.substring(dot + 1), value);
            } else if (DEFAULTS.containsKey(key)) {
                values.put(key, value);
            } else {
                throw new IllegalArgumentException("'" + key + "' in " + file + " is no setting; the nearest is "
                        + Nearest.of(key, DEFAULTS.keySet()));
            }
        }
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
                .withEventLoops(number("event_loops", 1, 1024))
                .withConnectMillis(number("connect_ms", 1, 600_000))
                .withErrorTexts(errorTexts());
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

    /** The folder of the plugins' binaries. */
    Path plugins() {
        return Path.of(value("plugins"));
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

    /** Every setting as a line of the file, with its environment variable. */
    String show() {
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> text.append(key)
                .append('=')
                .append(value)
                .append("    # --")
                .append(key.replace('_', '-'))
                .append(", ")
                .append(variableOf(key))
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
