package io.sluice.plugin;

import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Limit;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.abi.SharedLimits;
import io.sluice.runtime.abi.SharedScope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The owner of plugins and of what they share: one engine, one linker, one budget of memory, one global scope of values and a lock.
 *
 * <pre>{@code
 * try (PluginHost host = PluginHost.create()) {
 *     Plugin plugin = host.load(PluginConfig.of("reject_without_where"), PluginSource.file(path));
 *     try (SqlLease lease = plugin.acquireSql()) {
 *         lease.before(query, 0, query.length);
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Shared.
 *
 * <p><b>Ownership.</b> {@link #close()} ends every plugin. Calls that run are let finish; the engine is closed with the last of them.
 *
 * <p><b>Cost.</b> An engine reserves address space for its instances; one host for a process is the rule.
 */
public final class PluginHost implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.plugin");

    /** Smaller modules are optimised at once: that takes some hundredths of a second, and little less without optimising. */
    static final int QUICK_FROM_BYTES = 32 << 10;

    private final EngineConfig engineConfig;
    private final int maxPlugins;
    private final TierEngine optimised;
    private final MemoryBudget budget;
    private final SharedScope globalScope;
    private final Handover handover;
    private final Keeper keeper = new Keeper();
    private final ModuleCache moduleCache;
    private final boolean preparesInstances;
    private final @Nullable Optimiser optimiser;
    private final ThreadPoolExecutor loader;
    private final Map<String, Plugin> plugins = new ConcurrentSkipListMap<>();
    private final List<Plugin> draining = new ArrayList<>();
    private final Object lifecycle = new Object();

    private @Nullable TierEngine quick;
    private boolean quickIsImpossible;
    private boolean closed;
    private boolean freed;

    private PluginHost(Builder builder) {
        this.engineConfig = builder.engineConfig;
        this.maxPlugins = builder.maxPlugins;
        this.optimised = TierEngine.create(engineConfig);
        this.budget = MemoryBudget.of(builder.memoryBudgetBytes);
        this.globalScope = SharedScope.create(builder.sharedLimits);
        this.handover = new Handover(engineConfig.maxWasmStackBytes());
        this.preparesInstances = builder.prepareInstances;
        this.moduleCache = new ModuleCache(builder.cacheFolder, builder.cacheMaxBytes);
        this.optimiser = builder.optimiserThreads > 0
                ? new Optimiser(builder.optimiserThreads, builder.optimiserDeadline)
                : null;
        this.loader = new ThreadPoolExecutor(2, 2, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "sluice-loader");
            thread.setDaemon(true);
            return thread;
        });
        loader.allowCoreThreadTimeOut(true);
    }

    /** A host with every default. */
    public static PluginHost create() {
        return builder().build();
    }

    /** Collects what a host needs to know. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Loads a plugin on the caller's thread: reads, compiles, compares imports, exports and signatures with what the host offers and
     * expects, and makes and throws away one instance, so that a start that traps, exits or loops is found here.
     *
     * @throws PluginException of phase {@link Phase#LOAD} or {@link Phase#START} that says what was expected and found
     * @throws IllegalArgumentException if the configuration makes no sense
     * @throws IllegalStateException if the host is closed or full, or has a plugin of that name
     */
    public Plugin load(PluginConfig config, PluginSource source) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(source, "source");
        config.check(engineConfig.maxMemoryBytes());
        synchronized (lifecycle) {
            checkRoomFor(config.name());
        }
        Plugin plugin = new Plugin(this, config, source);
        try {
            synchronized (lifecycle) {
                checkRoomFor(config.name());
                plugins.put(plugin.name(), plugin);
            }
        } catch (IllegalStateException e) {
            plugin.close();
            throw e;
        }
        keeper.watch(plugin);
        return plugin;
    }

    /** As {@link #load(PluginConfig, PluginSource)}, on a thread of the host; the future fails with what {@code load} throws. */
    public CompletableFuture<Plugin> loadAsync(PluginConfig config, PluginSource source) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(source, "source");
        return CompletableFuture.supplyAsync(() -> load(config, source), loader());
    }

    /**
     * Loads every {@code *.wasm} file of a folder, all or none.
     *
     * @param configOf gives each plugin's configuration by its file's name without {@code .wasm}
     * @throws PluginException for the first file that does not load; those before it are closed again
     */
    public List<Plugin> loadDirectory(Path folder, Function<String, PluginConfig> configOf) {
        Objects.requireNonNull(configOf, "configOf");
        List<Plugin> loaded = new ArrayList<>();
        try {
            for (PluginSource source : PluginSource.directory(folder)) {
                loaded.add(load(configOf.apply(source.defaultName()), source));
            }
        } catch (RuntimeException e) {
            loaded.forEach(Plugin::close);
            throw e;
        }
        return List.copyOf(loaded);
    }

    /** The plugin of that name, if it is loaded. */
    public Optional<Plugin> plugin(String name) {
        return Optional.ofNullable(plugins.get(Objects.requireNonNull(name, "name")));
    }

    /** The loaded plugins in the order of their names; a snapshot. */
    public Collection<Plugin> plugins() {
        return List.copyOf(plugins.values());
    }

    /** The bytes of linear memory that all instances of all plugins may have together. */
    public long memoryBudgetBytes() {
        return budget.limitBytes();
    }

    /** The bytes of linear memory that all instances of all plugins have now; 0 once the host is closed and idle. */
    public long memoryUsedBytes() {
        synchronized (lifecycle) {
            return freed ? 0 : budget.usedBytes();
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        synchronized (lifecycle) {
            return closed;
        }
    }

    /**
     * Closes every plugin and takes no new ones; calls that run are let finish. Closing twice does nothing.
     *
     * <p>A lease that was taken and is never closed keeps its plugin's code and what all plugins share.
     */
    @Override
    public void close() {
        List<Plugin> all;
        synchronized (lifecycle) {
            if (closed) {
                return;
            }
            closed = true;
            all = List.copyOf(plugins.values());
        }
        loader.shutdown();
        if (optimiser != null) {
            optimiser.close();
        }
        all.forEach(Plugin::close);
        versionFreed();
    }

    void forget(Plugin plugin) {
        synchronized (lifecycle) {
            plugins.remove(plugin.name(), plugin);
            if (plugin.liveVersions() > 0 && !draining.contains(plugin)) {
                draining.add(plugin);
            }
        }
    }

    void versionFreed() {
        synchronized (lifecycle) {
            draining.removeIf(plugin -> plugin.liveVersions() == 0);
            if (!closed || freed || !plugins.isEmpty() || !draining.isEmpty()) {
                return;
            }
            freed = true;
        }
        keeper.close();
        budget.close();
        globalScope.close();
        handover.close();
        optimised.close();
        if (quick != null) {
            quick.close();
        }
    }

    /** What makes the code that plugins end up with. */
    TierEngine optimised() {
        return optimised;
    }

    /**
     * What makes the code that a plugin of that size begins with; null if that is the code that it ends up with.
     *
     * <p>Its engine is made when it is needed first: a start from the cache does without. Where there is no address space for a
     * second pool of instances, plugins are not served before their optimised code is there.
     */
    @Nullable
    TierEngine quickFor(int wasmBytes) {
        if (optimiser == null || !engineConfig.optimisation() || wasmBytes < QUICK_FROM_BYTES) {
            return null;
        }
        synchronized (lifecycle) {
            if (quick == null && !quickIsImpossible && !freed) {
                try {
                    quick = TierEngine.create(TierEngine.quick(engineConfig));
                } catch (IllegalArgumentException e) {
                    quickIsImpossible = true;
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "plugins serve only when their optimised code is there: {0}",
                            e.getMessage());
                }
            }
            return quick;
        }
    }

    /** Whether plugins serve before they have the code that they keep. */
    boolean optimisesInBackground() {
        return optimiser != null;
    }

    Optimiser optimiser() {
        return Objects.requireNonNull(optimiser, "optimiser");
    }

    MemoryBudget memoryBudget() {
        return budget;
    }

    /** What all plugins share. */
    SharedScope globalScope() {
        return globalScope;
    }

    Handover handover() {
        return handover;
    }

    /**
     * Instances that only wait go before a request is refused for want of room: first those that served nobody yet, then pooled
     * ones between two streams, of whichever plugin. Throws the failure if there are none, or if it is about something else.
     */
    void makeRoomFor(LimitException failure) {
        boolean noRoom = failure.limit() == Limit.POOL_SLOTS || failure.limit() == Limit.TOTAL_MEMORY;
        if (!noRoom || !(giveBackPrepared() || giveBack(PluginVersion::giveBackIdle))) {
            throw failure;
        }
    }

    /** Drops the instances of all plugins that wait for their first request; true if there was one. */
    boolean giveBackPrepared() {
        return giveBack(PluginVersion::giveBackPrepared);
    }

    private boolean giveBack(Predicate<PluginVersion> what) {
        boolean some = false;
        for (Plugin plugin : plugins.values()) {
            PluginVersion version = plugin.serving();
            some |= version != null && what.test(version);
        }
        return some;
    }

    /** Whether an instance that was made to be tried may wait for a request: half of the memory is for those that run. */
    boolean hasRoomForWaiting() {
        return budget.usedBytes() <= budget.limitBytes() / 2;
    }

    boolean preparesInstances() {
        return preparesInstances;
    }

    ModuleCache moduleCache() {
        return moduleCache;
    }

    Keeper keeper() {
        return keeper;
    }

    long maxModuleBytes() {
        return engineConfig.maxModuleBytes();
    }

    long maxMemoryBytes() {
        return engineConfig.maxMemoryBytes();
    }

    Executor loader() {
        if (isClosed()) {
            throw new IllegalStateException("the plugin host is closed; build a new one");
        }
        return loader;
    }

    private void checkRoomFor(String name) {
        if (closed) {
            throw new IllegalStateException("plugin '" + name + "' cannot be loaded: the plugin host is closed");
        }
        if (plugins.containsKey(name)) {
            throw new IllegalStateException("plugin '" + name + "' is loaded already; replace it, or close it first");
        }
        if (plugins.size() >= maxPlugins) {
            throw new IllegalStateException("plugin '" + name + "' cannot be loaded: the host has " + plugins.size()
                    + " plugins, its maximum; close one or raise PluginHost.Builder.maxPlugins");
        }
    }

    /** What a host needs to know, collected; every value has a default. */
    public static final class Builder {
        private EngineConfig engineConfig = EngineConfig.defaults();
        private long memoryBudgetBytes = 512L << 20;
        private int maxPlugins = 256;
        private SharedLimits sharedLimits = SharedLimits.defaults();
        private boolean prepareInstances = true;
        private int optimiserThreads = 1;
        private Duration optimiserDeadline = Duration.ofMinutes(30);
        private @Nullable Path cacheFolder;
        private long cacheMaxBytes = 256L << 20;

        private Builder() {}

        /**
         * The settings of the engine that all plugins share. Quick code runs on a second engine with the same settings, but for
         * optimisation and inlining.
         */
        public Builder engineConfig(EngineConfig value) {
            engineConfig = Objects.requireNonNull(value, "value");
            return this;
        }

        /** The bytes of linear memory that all instances of all plugins may have together; 512 MiB by default. */
        public Builder memoryBudgetBytes(long value) {
            memoryBudgetBytes = value;
            return this;
        }

        /** The plugins that can be loaded at the same time; 256 by default. */
        public Builder maxPlugins(int value) {
            maxPlugins = value;
            return this;
        }

        /** What the values that plugins share with each other may take together; {@link SharedLimits#defaults()} by default. */
        public Builder sharedLimits(SharedLimits value) {
            sharedLimits = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Whether plugins with isolation per request make the instance for the next request when a lease is closed, so that the next
         * request does not wait for it; true by default. Close leases when the answer is out. Waiting instances take up to half of the
         * memory budget, are given back a second or two after the last request, and go first when there is no room for another.
         */
        public Builder prepareInstances(boolean on) {
            prepareInstances = on;
            return this;
        }

        /**
         * The threads that compile optimised code while plugins serve on code that was compiled quickly, all plugins together; 1 by
         * default. The system prefers all others to them. With 0, or if the engine config has optimisation off, a plugin is loaded
         * when the code is there that it keeps. {@link Plugin#status()} tells which code serves.
         */
        public Builder optimiserThreads(int value) {
            optimiserThreads = value;
            return this;
        }

        /**
         * How long the optimised code of one plugin may take to compile; 30 minutes by default. A plugin whose code takes longer stays on
         * quick code.
         */
        public Builder optimiserDeadline(Duration value) {
            optimiserDeadline = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * The folder to keep compiled code in, so that a plugin that was compiled once is loaded in milliseconds the next time, by this
         * process or another one; none by default.
         *
         * <p>What is in it runs as native code. It is used only if it belongs to the user that this process runs as and nobody else can
         * write to it; the folder is made with mode 0700. A file that is damaged, of another version, processor or engine
         * configuration, or somebody else's is compiled again, with a warning in the log of {@code io.sluice.plugin}.
         */
        public Builder cacheFolder(Path folder) {
            cacheFolder = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /** The bytes that the files in the cache's folder may have together, 256 MiB by default; those used least recently go first. */
        public Builder cacheMaxBytes(long value) {
            cacheMaxBytes = value;
            return this;
        }

        /**
         * Makes the host and its engine.
         *
         * @throws IllegalArgumentException if a value makes no sense
         */
        public PluginHost build() {
            if (memoryBudgetBytes < 65_536) {
                throw new IllegalArgumentException("memory budget is " + memoryBudgetBytes
                        + " bytes; it must be at least one page of 65536 bytes");
            }
            if (maxPlugins < 1) {
                throw new IllegalArgumentException("max plugins is " + maxPlugins + "; it must be at least 1");
            }
            if (optimiserThreads < 0 || optimiserThreads > 64) {
                throw new IllegalArgumentException("optimiser threads is " + optimiserThreads + "; it must be 0 to 64");
            }
            if (optimiserDeadline.isNegative()
                    || optimiserDeadline.isZero()
                    || optimiserDeadline.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
                throw new IllegalArgumentException(
                        "optimiser deadline is " + optimiserDeadline + "; it must be 1 ns to 292 years");
            }
            if (cacheMaxBytes < 0) {
                throw new IllegalArgumentException(
                        "cache max bytes is " + cacheMaxBytes + "; it must not be negative, 0 keeps nothing");
            }
            return new PluginHost(this);
        }
    }
}
