package io.sluice.sql;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a proxy as the texts that define them, with the plugins that they name: created, altered and dropped while queries run.
 *
 * <pre>{@code
 * FilterCatalog catalog = FilterCatalog.create(host, name -> PluginSource.file(folder.resolve(name)));
 * catalog.create(FilterDefinition.of("mask")
 *         .with("plans", "Select")
 *         .with("action", "WASM_PLUGIN")
 *         .with("action_args", "wasm_binary_name=\"mask.wasm\"; deadline_ms=20"));
 * DataSource filtered = SluiceDataSource.wrap(dataSource, catalog.filters());
 * }</pre>
 *
 * <p>A filter is made or altered as a whole or not at all: its plugin is loaded and compiled first.
 *
 * <p>Filters that say of a binary nothing but its name share one plugin, and with it the values of module scope; a filter that says more
 * has a plugin of its own, named {@code binary@filter}. A plugin goes with the last filter that names it.
 *
 * <p><b>Threads.</b> Shared; changes are made one after the other. <b>Ownership.</b> Owns the plugins that it loads, not the host.
 */
public final class FilterCatalog implements AutoCloseable {
    /** A plugin and the filters that use it. */
    private static final class Loaded {
        final Plugin plugin;
        final String binaryName;
        int filters;

        Loaded(Plugin plugin, String binaryName) {
            this.plugin = plugin;
            this.binaryName = binaryName;
        }
    }

    private final PluginHost host;
    private final PluginBinaries binaries;
    private final UnaryOperator<PluginConfig> defaults;
    private final FilterSet filters = FilterSet.of();
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<String, Loaded> plugins = new HashMap<>();

    private volatile Map<String, FilterDefinition> definitions = Map.of();

    private FilterCatalog(PluginHost host, PluginBinaries binaries, UnaryOperator<PluginConfig> defaults) {
        this.host = Objects.requireNonNull(host, "host");
        this.binaries = Objects.requireNonNull(binaries, "binaries");
        this.defaults = Objects.requireNonNull(defaults, "defaults");
    }

    /** A catalog without filters, whose plugins have every default that their filters do not replace. */
    public static FilterCatalog create(PluginHost host, PluginBinaries binaries) {
        return create(host, binaries, UnaryOperator.identity());
    }

    /** As {@link #create(PluginHost, PluginBinaries)}, with defaults of the proxy's own, put into a configuration before the filter's. */
    public static FilterCatalog create(PluginHost host, PluginBinaries binaries, UnaryOperator<PluginConfig> defaults) {
        return new FilterCatalog(host, binaries, defaults);
    }

    /** The filters, for whoever executes queries; changed by this catalog alone. */
    public FilterSet filters() {
        return filters;
    }

    /** All definitions in the order in which they were created; a snapshot. */
    public List<FilterDefinition> definitions() {
        return List.copyOf(definitions.values());
    }

    /** The definition of that name. */
    public Optional<FilterDefinition> find(String name) {
        return Optional.ofNullable(definitions.get(Objects.requireNonNull(name, "name")));
    }

    /**
     * Creates a filter.
     *
     * @throws IllegalArgumentException if there is one of that name, the definition has no action or wrong arguments, or there is no such
     *     binary
     * @throws PluginException if the plugin does not load
     */
    public void create(FilterDefinition definition) {
        changing.lock();
        try {
            if (definitions.containsKey(definition.name())) {
                throw new IllegalArgumentException(
                        "there is a filter named '" + definition.name() + "'; alter or drop it");
            }
            filters.add(definition.toFilter(actionOf(definition)));
            put(definition);
        } finally {
            changing.unlock();
        }
    }

    /** Creates a filter if there is none of that name; false if there was. Otherwise as {@link #create(FilterDefinition)}. */
    public boolean createIfMissing(FilterDefinition definition) {
        changing.lock();
        try {
            if (definitions.containsKey(definition.name())) {
                return false;
            }
            create(definition);
            return true;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Puts a definition in the place of the one of the same name. If its action and arguments are the same, plugin, places and their state
     * stay; if only the arguments of a plugin of its own changed, the plugin is replaced and keeps its values.
     *
     * @throws IllegalArgumentException if there is none of that name; otherwise as {@link #create(FilterDefinition)}, and the old one stays
     * @throws PluginException if the plugin does not load; the old one stays
     */
    public void alter(FilterDefinition definition) {
        changing.lock();
        try {
            FilterDefinition old = definitions.get(definition.name());
            SqlFilter filter = filters.find(definition.name()).orElse(null);
            if (old == null || filter == null) {
                throw new IllegalArgumentException("there is no filter named '" + definition.name() + "' to alter");
            }
            if (definition.hasActionOf(old)) {
                filters.alter(filter.withDescription(definition.description())
                        .withPriority(definition.priority())
                        .withStatus(definition.status())
                        .withPattern(definition.pattern()));
            } else {
                FilterAction action = actionOf(definition);
                filters.alter(definition.toFilter(action));
                release(filter.action());
            }
            put(definition);
        } finally {
            changing.unlock();
        }
    }

    /** Drops the filter of that name; false if there was none. */
    public boolean drop(String name) {
        changing.lock();
        try {
            SqlFilter filter = filters.find(name).orElse(null);
            if (filter == null) {
                return false;
            }
            filters.drop(name);
            Map<String, FilterDefinition> copy = new LinkedHashMap<>(definitions);
            copy.remove(name);
            definitions = copy;
            release(filter.action());
            return true;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Says that the binary of a name is another one now: every plugin of it is replaced while queries run, or none is.
     *
     * @throws IllegalArgumentException if there is no such binary any more; the plugins go on as they are
     * @throws PluginException if it does not load; the plugins from the one that failed on go on as they are
     */
    public void binaryChanged(String binaryName) {
        changing.lock();
        try {
            for (Loaded loaded : plugins.values()) {
                if (loaded.binaryName.equals(binaryName)) {
                    loaded.plugin.replace(sourceOf(binaryName));
                }
            }
        } finally {
            changing.unlock();
        }
    }

    /** The plugin of a WASM_PLUGIN filter; empty for other filters. */
    public Optional<Plugin> pluginOf(String filterName) {
        return filters.find(filterName)
                .map(SqlFilter::action)
                .filter(FilterAction.WasmPlugin.class::isInstance)
                .map(action -> ((FilterAction.WasmPlugin) action).plugin());
    }

    /** Drops every filter and closes their plugins. */
    @Override
    public void close() {
        for (FilterDefinition definition : definitions()) {
            drop(definition.name());
        }
    }

    private void put(FilterDefinition definition) {
        Map<String, FilterDefinition> copy = new LinkedHashMap<>(definitions);
        copy.put(definition.name(), definition);
        definitions = copy;
    }

    private FilterAction actionOf(FilterDefinition definition) {
        String args = definition.actionArgs();
        String action = definition.value("action");
        return switch (action) {
            case "CONTINUE" -> withoutArgs(action, args, new FilterAction.Continue());
            case "FAIL" -> withoutArgs(action, args, new FilterAction.Fail());
            case "FAIL_RETRY" -> withoutArgs(action, args, new FilterAction.FailRetry());
            case "BUFFER" -> withoutArgs(action, args, new FilterAction.Buffer());
            case "CONCURRENCY_CONTROL" -> concurrencyControl(args);
            case "WASM_PLUGIN" -> new FilterAction.WasmPlugin(pluginOf(definition, WasmPluginArgs.parse(args)));
            default ->
                throw new IllegalArgumentException("filter '" + definition.name() + "' has no action; give it one of "
                        + String.join(", ", FilterDefinition.ACTIONS));
        };
    }

    private static FilterAction withoutArgs(String name, String args, FilterAction action) {
        ActionArgs.parse(name, args).end();
        return action;
    }

    private static FilterAction concurrencyControl(String text) {
        ActionArgs args = ActionArgs.parse("CONCURRENCY_CONTROL", text);
        long size = args.number("max_queue_size", 0, Integer.MAX_VALUE, -1);
        long concurrency = args.number("max_concurrency", 0, Integer.MAX_VALUE, -1);
        args.end();
        if (size < 0 || concurrency < 0) {
            throw ActionArgs.refused("of CONCURRENCY_CONTROL must have max_queue_size and max_concurrency");
        }
        return ConcurrencyControl.of((int) size, (int) concurrency);
    }

    private Plugin pluginOf(FilterDefinition definition, WasmPluginArgs args) {
        String binary = args.binaryName();
        String name = args.isPlain() ? binary : binary + '@' + definition.name();
        PluginConfig config = args.settings().apply(defaults.apply(PluginConfig.of(name)));
        Loaded loaded = plugins.get(name);
        if (loaded == null) {
            loaded = new Loaded(host.load(config, sourceOf(binary)), binary);
            plugins.put(name, loaded);
        } else if (!args.isPlain()) {
            loaded.plugin.replace(config, sourceOf(binary));
        }
        loaded.filters++;
        return loaded.plugin;
    }

    private PluginSource sourceOf(String binary) {
        try {
            return binaries.find(binary);
        } catch (IOException e) {
            throw new IllegalArgumentException("get wasm binary by name " + binary + " failed : " + e.getMessage(), e);
        }
    }

    private void release(FilterAction action) {
        if (action instanceof FilterAction.WasmPlugin call) {
            Loaded loaded = loadedFor(call.plugin());
            if (loaded != null && --loaded.filters == 0) {
                plugins.remove(loaded.plugin.name());
                loaded.plugin.close();
            }
        }
    }

    private @Nullable Loaded loadedFor(Plugin plugin) {
        Loaded loaded = plugins.get(plugin.name());
        return loaded != null && loaded.plugin == plugin ? loaded : null;
    }
}
