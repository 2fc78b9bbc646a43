package io.sluice.plugin;

import io.sluice.runtime.Module;
import io.sluice.runtime.WasmException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Compiles the optimised code of plugins that serve on quick code, and puts it in that code's place.
 *
 * <p>It has so many threads and no more, which the system prefers all others to; plugins wait for them in the order in which they
 * were loaded. A plugin that is closed or replaced meanwhile costs no more than what is being compiled for it.
 *
 * <p><b>Threads.</b> Shared.
 */
final class Optimiser {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.plugin");

    private final ThreadPoolExecutor threads;
    private final AtomicInteger running = new AtomicInteger();

    Optimiser(int size, Duration deadline) {
        this.threads = new ThreadPoolExecutor(size, size, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(
                    () -> {
                        Module.compileInBackground(deadline);
                        work.run();
                    },
                    "sluice-optimiser");
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Puts optimised code in the place of a version that has just begun to serve, as soon as a thread has made it. */
    void optimise(PluginVersion version, byte[] wasm) {
        running.incrementAndGet();
        try {
            threads.execute(() -> {
                try {
                    tryToOptimise(version, wasm);
                } finally {
                    running.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            // The host is closed.
            running.decrementAndGet();
        }
    }

    private static void tryToOptimise(PluginVersion version, byte[] wasm) {
        String plugin = version.plugin.name();
        try {
            replaceCode(version, wasm);
        } catch (WasmException e) {
            version.tellCode("the plugin stays on quick code, its optimised code cannot be had: " + e.getMessage());
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "plugin ''{0}'' stays on quick code, its optimised code cannot be had: {1}",
                    plugin,
                    e.getMessage());
        } catch (IllegalStateException e) {
            // Plugin or host was closed meanwhile, and with it what this works on.
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "plugin ''{0}'' was closed while it was optimised: {1}",
                    plugin,
                    e.getMessage());
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "optimising a plugin failed", e);
        }
    }

    private static void replaceCode(PluginVersion version, byte[] wasm) {
        Plugin plugin = version.plugin;
        if (plugin.serving() != version) {
            return;
        }
        version.keepCode();
        version.tellCode("optimised code is being compiled");
        long start = System.nanoTime();
        PluginCode code = PluginCode.compile(plugin.host().optimised(), wasm);
        if (plugin.serving() != version) {
            code.close();
            return;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        PluginVersion next = version.withCode(code, String.format("compiled in the background within %.1f s", seconds));
        next.prepareLike(version);
        next.keepCode();
        if (plugin.swap(version, next)) {
            version.forgetKeptCode();
        } else {
            next.discard();
        }
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
