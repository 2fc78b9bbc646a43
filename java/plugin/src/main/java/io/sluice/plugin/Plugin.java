package io.sluice.plugin;

import io.sluice.runtime.abi.SharedScope;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A plugin that a host has loaded: a name behind which one version serves, and which can be replaced while calls run.
 *
 * <p><b>Threads.</b> Shared.
 *
 * <p><b>Ownership.</b> Ends by {@link #close()} or with its host. Leases that are out end by themselves; the version that they pin is
 * freed with the last of them.
 *
 * <p><b>Cost.</b> {@link #acquireSql()} is one volatile read and one compare-and-set.
 */
public final class Plugin implements AutoCloseable {
    private final PluginHost host;
    private final String name;
    private final CopyOnWriteArrayList<PluginVersion> versions = new CopyOnWriteArrayList<>();
    private final LongAdder noInstance = new LongAdder();
    private final Object replacing = new Object();
    private final Object counting = new Object();
    private final Tally freedVersions = new Tally();
    private final SharedScope moduleScope;

    /** What the guest's counters were when the plugin ended. */
    private Map<String, Long> lastCounters = Map.of();

    private volatile @Nullable PluginVersion current;
    private volatile PluginVersion lastServing;

    // The first version needs the plugin and the plugin its first version; nobody else sees either before both are
    // there.
    @SuppressWarnings("NullAway.Init")
    Plugin(PluginHost host, PluginConfig config, PluginSource source) {
        this.host = host;
        this.name = config.name();
        this.moduleScope = SharedScope.create(config.sharedLimits());
        boolean loaded = false;
        try {
            PluginVersion first = PluginVersion.load(this, config, source, 1);
            serve(first);
            first.improveLater();
            loaded = true;
        } finally {
            if (!loaded) {
                moduleScope.close();
            }
        }
    }

    private void serve(PluginVersion version) {
        versions.add(version);
        lastServing = version;
        current = version;
    }

    PluginHost host() {
        return host;
    }

    /** What the plugin's instances share, of all its versions. */
    SharedScope moduleScope() {
        return moduleScope;
    }

    /** The name given by its configuration. */
    public String name() {
        return name;
    }

    /** The version as its author calls it; empty if the configuration gave none. */
    public String version() {
        return lastServing.config.version();
    }

    /** Counts the versions that this plugin has had: 1 for the first, one more with every replacement. */
    public int generation() {
        return lastServing.generation;
    }

    /** The SHA-256 of the serving version's bytes, in lower-case hex. */
    public String sha256() {
        return lastServing.sha256;
    }

    /** The ABI that the plugin speaks. */
    public PluginAbi abi() {
        return lastServing.abi();
    }

    /** The configuration of the serving version. */
    public PluginConfig config() {
        return lastServing.config;
    }

    /** Which code the serving version runs, and why that. */
    public PluginStatus status() {
        return lastServing.status();
    }

    /** The walls around each instance of the serving version. */
    public PluginLimits limits() {
        return lastServing.config.limits();
    }

    /** Whether the serving version imports a function, which tells what it may ask for. */
    public boolean imports(String module, String function) {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(function, "function");
        return lastServing.imports(module, function);
    }

    /** Whether the plugin takes calls, lets the last ones finish, or is gone. */
    public PluginState state() {
        if (current != null) {
            return PluginState.SERVING;
        }
        return versions.isEmpty() ? PluginState.CLOSED : PluginState.DRAINING;
    }

    /** The versions that still hold memory: the serving one and those whose last lease has not ended. */
    public int liveVersions() {
        return versions.size();
    }

    /** What the plugin has done so far, all its versions together. */
    public PluginCounters counters() {
        Tally total = new Tally();
        synchronized (counting) {
            total.add(freedVersions);
            for (PluginVersion version : versions) {
                version.addTo(total);
            }
        }
        return total.snapshot(noInstance.sum());
    }

    /** The counters that the guest itself keeps with {@code sluice.add_counter}, by name; all versions together. */
    public Map<String, Long> counterMetrics() {
        synchronized (counting) {
            return moduleScope.isClosed() ? lastCounters : Map.copyOf(moduleScope.counters());
        }
    }

    /**
     * Takes a lease of the serving version.
     *
     * <p>When every instance is on lease, waits for one as long as the configuration's {@code maxWait} says.
     *
     * @throws PluginException of phase {@link Phase#ACQUIRE} if none became free in time, the thread was interrupted, or the plugin is
     *     closed
     */
    public SqlLease acquireSql() {
        PluginVersion version = current;
        Lease lease = version == null ? null : version.pool.tryAcquire();
        return (SqlLease) (lease == null ? awaitLease() : lease);
    }

    /**
     * Takes an instance if one is free now; waits for none and counts none that is missing.
     *
     * @return null if all are on lease, or the plugin is closed
     */
    public @Nullable SqlLease tryAcquireSql() {
        PluginVersion version = current;
        return version == null ? null : (SqlLease) version.pool.tryAcquire();
    }

    private Lease awaitLease() {
        long start = System.nanoTime();
        while (true) {
            PluginVersion version = current;
            if (version == null) {
                noInstance.increment();
                throw new PluginException(name, Phase.ACQUIRE, "the plugin is closed; load it again", null);
            }
            Duration maxWait = version.config.maxWait();
            long left = maxWait.toNanos() - (System.nanoTime() - start);
            Lease lease = left > 0 ? version.pool.awaitFree(left) : version.pool.tryAcquire();
            if (lease != null) {
                return lease;
            }
            if (maxWait.toNanos() - (System.nanoTime() - start) <= 0 && version == current) {
                noInstance.increment();
                throw new PluginException(
                        name,
                        Phase.ACQUIRE,
                        "all " + version.pool.size() + " instances stayed on lease for " + maxWait.toMillis()
                                + " ms; raise PluginConfig.maxInstances or send less",
                        null);
            }
            if (Thread.currentThread().isInterrupted()) {
                noInstance.increment();
                throw new PluginException(
                        name, Phase.ACQUIRE, "the thread was interrupted while it waited for an instance", null);
            }
        }
    }

    /**
     * Replaces the plugin's code and keeps its configuration; see {@link #replace(PluginConfig, PluginSource)}.
     *
     * @throws PluginException if the new version does not load; the old one goes on serving
     */
    public void replace(PluginSource source) {
        replace(config(), source);
    }

    /**
     * Replaces the plugin's code and configuration while calls run: those in flight finish on the old version, new ones see the new one,
     * and the old one is freed when its last lease ends.
     *
     * <p>Compiles and starts the new version on the caller's thread before anything changes.
     *
     * @throws PluginException if the new version does not load; the old one goes on serving
     * @throws IllegalArgumentException if the configuration is of another name or makes no sense
     * @throws IllegalStateException if the plugin is closed
     */
    public void replace(PluginConfig config, PluginSource source) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(source, "source");
        if (!config.name().equals(name)) {
            throw new IllegalArgumentException("plugin '" + name + "' cannot be replaced by one named '" + config.name()
                    + "'; use PluginConfig.withName");
        }
        config.check(host.maxMemoryBytes());
        synchronized (replacing) {
            if (current == null) {
                throw new IllegalStateException("plugin '" + name + "' is closed; load it again");
            }
            PluginVersion next = PluginVersion.load(this, config, source, lastServing.generation + 1);
            moduleScope.setLimits(config.sharedLimits());
            PluginVersion old = current;
            serve(next);
            next.improveLater();
            if (old != null) {
                old.retire();
            }
        }
        host.keeper().watch(this);
    }

    /** Puts a version with better code in the place of the one that it was made from; false if that does not serve any more. */
    boolean swap(PluginVersion from, PluginVersion to) {
        synchronized (replacing) {
            if (current != from) {
                return false;
            }
            serve(to);
            from.retire();
        }
        host.keeper().watch(this);
        return true;
    }

    /** As {@link #replace(PluginSource)}, on a thread of the host. */
    public CompletableFuture<Void> replaceAsync(PluginSource source) {
        Objects.requireNonNull(source, "source");
        return CompletableFuture.runAsync(() -> replace(source), host.loader());
    }

    /** Takes no new calls from now on; what runs is let finish. Closing twice does nothing. */
    @Override
    public void close() {
        synchronized (replacing) {
            PluginVersion old = current;
            current = null;
            if (old != null) {
                old.retire();
            }
        }
        host.forget(this);
    }

    void freed(PluginVersion version) {
        synchronized (counting) {
            version.addTo(freedVersions);
            versions.remove(version);
            if (current == null && versions.isEmpty()) {
                lastCounters = Map.copyOf(moduleScope.counters());
                moduleScope.close();
            }
        }
        host.versionFreed();
    }

    @Nullable
    PluginVersion serving() {
        return current;
    }

    @Override
    public String toString() {
        return "Plugin[" + name + " " + version() + ", generation " + generation() + ", " + state() + "]";
    }
}
