package io.sluice.plugin;

import io.sluice.runtime.Module;
import io.sluice.runtime.WasmException;
import io.sluice.runtime.abi.WescaleSnapshot;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Gives plugins that serve already the code that they keep: takes a snapshot if one can be taken, compiles with every optimisation, and
 * puts that in the place of what serves.
 *
 * <p>It has so many threads and no more, which the system prefers all others to; plugins wait for them in the order in which they
 * were loaded. A plugin that is closed or replaced meanwhile costs no more than what is being compiled for it.
 *
 * <p><b>Threads.</b> Shared.
 */
final class Optimiser {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.plugin");

    /**
     * Optimised code from the cache is only asked whether it can begin from a snapshot, and not while it answers its first requests: who
     * loads from a cache is in a hurry.
     */
    private static final long DELAY_FROM_CACHE_MILLIS = 1_000;

    private final ScheduledThreadPoolExecutor threads;
    private final AtomicInteger running = new AtomicInteger();

    Optimiser(int size, Duration deadline) {
        this.threads = new ScheduledThreadPoolExecutor(size, work -> {
            Thread thread = new Thread(
                    () -> {
                        Module.compileInBackground(deadline);
                        work.run();
                    },
                    "sluice-optimiser");
            thread.setDaemon(true);
            return thread;
        });
        threads.setKeepAliveTime(5, TimeUnit.SECONDS);
        threads.allowCoreThreadTimeOut(true);
    }

    /** Puts better code in the place of a version that has just begun to serve, as soon as a thread has made it. */
    void improve(PluginVersion version, byte[] wasm) {
        running.incrementAndGet();
        if (version.canBeOptimised()) {
            version.tellCode(version.codeDetail() + "; optimised code waits to be compiled");
        }
        try {
            boolean canWait = version.status().fromCache() && !version.canBeOptimised();
            Runnable work = () -> {
                try {
                    replace(version, wasm);
                } catch (IllegalStateException e) {
                    // Plugin or host was closed meanwhile, and with it what this works on.
                    LOGGER.log(
                            System.Logger.Level.DEBUG,
                            "plugin ''{0}'' was closed while it was optimised: {1}",
                            version.plugin.name(),
                            e.getMessage());
                } catch (RuntimeException e) {
                    LOGGER.log(System.Logger.Level.ERROR, "optimising a plugin failed", e);
                } finally {
                    running.decrementAndGet();
                }
            };
            var unused = threads.schedule(work, canWait ? DELAY_FROM_CACHE_MILLIS : 0, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The host is closed.
            running.decrementAndGet();
        }
    }

    private static void replace(PluginVersion version, byte[] wasm) {
        Plugin plugin = version.plugin;
        if (plugin.serving() != version) {
            return;
        }
        version.keepCode();
        PluginVersion better = improved(version, wasm);
        if (better == null) {
            return;
        }
        better.prepareLike(version);
        if (plugin.swap(version, better)) {
            if (version.canBeOptimised()) {
                version.forgetKeptCode();
            }
        } else {
            better.discard();
        }
    }

    /**
     * The version with its best code: a snapshot if one can be taken, else optimised code; null if it has that already, if it cannot be
     * had, or if the version does not serve any more.
     */
    static @Nullable PluginVersion improved(PluginVersion version, byte[] wasm) {
        try {
            long start = System.nanoTime();
            PluginVersion better = version.canBeSnapshotted() ? snapshotted(version, wasm, start) : null;
            if (better != null || !version.canBeOptimised() || isGone(version)) {
                return better;
            }
            version.tellCode("optimised code is being compiled");
            PluginCode code = PluginCode.compile(version.plugin.host().optimised(), wasm);
            return kept(version, code, start, version.status().startDetail());
        } catch (WasmException e) {
            String what = version.canBeOptimised()
                    ? "stays on quick code, its optimised code cannot be had: "
                    : "stays on the code it has, its snapshot cannot be used: ";
            version.tellCode("the plugin " + what + e.getMessage());
            LOGGER.log(
                    System.Logger.Level.WARNING, "plugin ''{0}'' {1}{2}", version.plugin.name(), what, e.getMessage());
            return null;
        }
    }

    /** The version with instances that begin from a snapshot; null, and the reason told, if none can be taken. */
    private static @Nullable PluginVersion snapshotted(PluginVersion version, byte[] wasm, long start) {
        if (version.canBeOptimised()) {
            version.tellCode("a snapshot is being taken and optimised");
        }
        WescaleSnapshot snapshot = version.takeSnapshot(wasm);
        Module module = snapshot.module();
        if (module == null) {
            version.tellStart(snapshot.reason());
            return null;
        }
        return kept(version, version.codeOf(module), start, snapshot.reason());
    }

    /** The version with that code, which is in the cache from now on. */
    private static @Nullable PluginVersion kept(
            PluginVersion version, PluginCode code, long start, String startDetail) {
        if (isGone(version)) {
            code.close();
            return null;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        String codeDetail = version.plugin.host().optimisesInBackground()
                ? String.format("compiled in the background within %.1f s", seconds)
                : "compiled when the plugin was loaded";
        PluginVersion better = version.withCode(code, codeDetail, startDetail);
        better.keepCode();
        return better;
    }

    /** Whether the version has served and serves no more; one that is being loaded has not. */
    private static boolean isGone(PluginVersion version) {
        PluginHost host = version.plugin.host();
        return host.isClosed() || (host.optimisesInBackground() && version.plugin.serving() != version);
    }

    /** Whether nothing is being compiled and nothing waits. */
    boolean isIdle() {
        return running.get() == 0;
    }

    /** Gives up what waits; what is being compiled now ends in nothing. */
    void close() {
        running.addAndGet(-threads.shutdownNow().size());
    }
}
