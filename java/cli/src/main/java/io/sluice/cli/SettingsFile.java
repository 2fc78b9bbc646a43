package io.sluice.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A file of settings as keys and values: YAML if its name ends so, else properties; both in UTF-8.
 *
 * <p>In YAML a map in a map joins its keys by dots, and a list is its values joined by commas, so that both kinds of file say the same.
 */
final class SettingsFile {
    private SettingsFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it is no YAML, or not a map
     */
    static Map<String, String> read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        Map<String, String> values = new TreeMap<>();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            if (name.endsWith(".yaml") || name.endsWith(".yml")) {
                Object root = new Load(
                                LoadSettings.builder().setLabel(file.toString()).build())
                        .loadFromReader(in);
                if (root != null) {
                    flatten("", root, file, values);
                }
            } else {
                Properties properties = new Properties();
                properties.load(in);
                properties.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(file + " is no YAML: " + e.getMessage(), e);
        }
        return values;
    }

    private static void flatten(String key, @Nullable Object value, Path file, Map<String, String> values) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((inner, more) ->
                    flatten(key.isEmpty() ? String.valueOf(inner) : key + "." + inner, more, file, values));
        } else if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    file + " is no map of settings; it must have lines as max_connections: 100");
        } else if (value instanceof List<?> list) {
            values.put(key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
        } else {
            values.put(key, value == null ? "" : String.valueOf(value));
        }
    }
}
