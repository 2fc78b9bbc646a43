package io.sluice.cli;

import io.sluice.plugin.PluginException;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.FilterDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The filters of the settings' file in a gateway's catalog, put there at the start and again when the file has changed.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class FileFilters {
    private final FilterCatalog catalog;
    private Map<String, FilterDefinition> inForce = Map.of();
    private boolean applied;

    FileFilters(FilterCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * Makes, alters and drops filters as the file has them now, and takes the plugins' files anew.
     *
     * @throws IllegalArgumentException if one of them is wrong
     * @throws PluginException if a plugin does not load
     */
    synchronized void apply(Settings settings) {
        Map<String, FilterDefinition> wanted = new LinkedHashMap<>();
        settings.filters().forEach((name, keys) -> {
            FilterDefinition definition = FilterDefinition.of(name);
            for (Map.Entry<String, String> entry : keys.entrySet()) {
                definition = definition.with(entry.getKey(), entry.getValue());
            }
            wanted.put(name, definition);
        });
        Path folder = settings.plugins();
        // Filters of the tables may use the folder too, so it is read again whether the file has filters or not.
        if (folder != null && applied) {
            binariesOf(folder).forEach(catalog::binaryChanged);
        }
        applied = true;
        Map<String, FilterDefinition> done = new LinkedHashMap<>(inForce);
        try {
            for (FilterDefinition definition : wanted.values()) {
                if (!done.containsKey(definition.name())) {
                    catalog.create(definition);
                } else if (!definition.equals(done.get(definition.name()))) {
                    catalog.alter(definition);
                }
                done.put(definition.name(), definition);
            }
            for (String name : List.copyOf(done.keySet())) {
                if (!wanted.containsKey(name)) {
                    catalog.drop(name);
                    done.remove(name);
                }
            }
        } finally {
            inForce = done;
        }
    }

    private static List<String> binariesOf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("folder of plugins " + folder + " cannot be read", e);
        }
    }
}
