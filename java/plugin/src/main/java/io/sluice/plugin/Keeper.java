package io.sluice.plugin;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The host's housekeeping, on one daemon thread that exists only while there is something to do: it frees retired versions whose last
 * lease ended in the moment of the retirement, retires pooled instances by age, makes instances
 * ahead that take long to start, and gives back those that wait for nobody.
 *
 * <p><b>Threads.</b> Shared.
 */
final class Keeper {
    private static final long LONGEST_LOOK_NANOS = 1_000_000_000L;
    private static final long SHORTEST_LOOK_NANOS = 5_000_000L;

    private static final System.Logger LOGGER = System.getLogger("io.sluice.plugin");

    private final ScheduledThreadPoolExecutor executor;

    Keeper() {
        this.executor = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "sluice-keeper");
            thread.setDaemon(true);
            return thread;
        });
        executor.setKeepAliveTime(5, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Looks again and again, ever less often, until nothing of the version is left. */
    void sweepUntilFreed(PluginVersion version) {
        sweepLater(version, 1_000_000L);
    }

    private void sweepLater(PluginVersion version, long delayNanos) {
        later(delayNanos, () -> {
            if (!version.sweep()) {
                sweepLater(version, Math.min(100_000_000L, delayNanos * 2));
            }
        });
    }

    /** Looks after the age of the plugin's instances for as long as its serving version wants that. */
    void watch(Plugin plugin) {
        PluginVersion version = plugin.serving();
        if (version != null && version.config.isolation().isPooled()) {
            lookLater(plugin, version);
        }
    }

    private void lookLater(Plugin plugin, PluginVersion version) {
        long age = ageNanos(version.config.isolation().maxAge());
        later(Math.max(SHORTEST_LOOK_NANOS, Math.min(LONGEST_LOOK_NANOS, age / 8)), () -> {
            if (plugin.serving() == version) {
                try {
                    version.dropOldInstances(System.nanoTime());
                } finally {
                    lookLater(plugin, version);
                }
            }
        });
    }

    /** Makes the next instance of a place whose stream has ended, unless the next stream is there before. */
    void prepareSoon(Lease lease) {
        later(0, () -> {
            if (lease.isLeftToKeeper() && lease.tryTake()) {
                try {
                    lease.prepareForNext();
                } finally {
                    lease.version.release(lease);
                }
            }
        });
    }

    /** Looks once a second for instances that wait for nobody, until none waits. */
    void lookForIdle(PluginVersion version) {
        later(LONGEST_LOOK_NANOS, () -> {
            if (version.dropIdle()) {
                lookForIdle(version);
            }
        });
    }

    private void later(long delayNanos, Runnable work) {
        ScheduledFuture<?> unused = executor.schedule(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        LOGGER.log(System.Logger.Level.ERROR, "housekeeping of plugins failed", e);
                    }
                },
                delayNanos,
                TimeUnit.NANOSECONDS);
    }

    private static long ageNanos(Duration age) {
        return age.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : age.toNanos();
    }

    /** Takes no new work; what is planned for versions that are still draining goes on. */
    void close() {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.shutdownNow();
    }
}
