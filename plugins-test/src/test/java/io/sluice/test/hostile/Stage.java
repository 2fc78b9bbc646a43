package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapMode;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A host with a well-behaved plugin, the canary, that must answer rightly whatever is done beside it. */
final class Stage implements AutoCloseable {
    final Report report;
    final PluginHost host;
    private final Plugin canary;

    Stage(Report report) {
        this.report = report;
        AtomicReference<@Nullable PluginHost> made = new AtomicReference<>();
        AtomicReference<@Nullable Plugin> loaded = new AtomicReference<>();
        // The calling thread's stack may be too small to load a plugin on.
        inThread(4096, () -> {
            // In a JVM of little address space the engine is one that fits in.
            EngineConfig config = EngineConfig.defaults();
            if (Boolean.getBoolean("sluice.hostile.small")) {
                config = config.withTrapMode(TrapMode.EXPLICIT).withMaxInstances(4);
            }
            PluginHost newHost = PluginHost.builder().engineConfig(config).build();
            made.set(newHost);
            loaded.set(newHost.load(PluginConfig.of("canary"), Guests.source(Guests.GOOD)));
        });
        host = Objects.requireNonNull(made.get());
        canary = Objects.requireNonNull(loaded.get());
    }

    /** Asks the canary for both of its verdicts. */
    void checkCanary() {
        inThread(4096, this::askCanary);
    }

    void askCanary() {
        String rejected = answer("DELETE FROM t");
        String passed = answer("DELETE FROM t WHERE id = 1");
        if (!rejected.equals("no where clause") || !passed.isEmpty()) {
            report.wrong("the canary said '" + rejected + "' and '" + passed + "'");
        }
    }

    private String answer(String query) {
        byte[] bytes = query.getBytes(UTF_8);
        try (SqlLease lease = canary.acquireSql()) {
            lease.before(bytes, 0, bytes.length);
            return lease.hasError() ? lease.errorText() : "";
        }
    }

    /** How a request of a plugin ends: its error text, {@code fine}, or the kind of its failure. */
    static String ending(Plugin plugin, String query) {
        return ending(plugin, query.getBytes(ISO_8859_1));
    }

    static String ending(Plugin plugin, byte[] bytes) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(bytes, 0, bytes.length);
            String error = lease.hasError() ? "says " + lease.errorText() : "fine";
            lease.after(lease.hasError() ? lease.error() : null, null);
            return error;
        } catch (PluginException e) {
            return kind(e);
        }
    }

    /** A failure in one word, as few as there are kinds: the phase, and what was behind it. */
    static String kind(PluginException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof TrapException trap) {
            return failure.phase() + " " + trap.kind();
        }
        if (cause instanceof LimitException limit) {
            return failure.phase() + " " + limit.limit();
        }
        if (cause instanceof ExitException exit) {
            return failure.phase() + " exit " + exit.exitCode();
        }
        return failure.phase()
                + (cause == null ? " refused" : " " + cause.getClass().getSimpleName());
    }

    /** Runs on a thread with a stack of so many KiB; what it throws is thrown again here. */
    static void inThread(int kibibytes, Runnable work) {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, work, "stage-" + kibibytes, (long) kibibytes << 10);
        thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
        thread.start();
        join(thread);
        rethrow(thrown.get(), "on a thread of " + kibibytes + " KiB");
    }

    /** Runs on so many threads at once. */
    static void inThreads(int count, Runnable work) {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            threads[i] = new Thread(null, work, "stage-" + i, 1 << 20);
            threads[i].setUncaughtExceptionHandler((t, e) -> thrown.set(e));
            threads[i].start();
        }
        for (Thread thread : threads) {
            join(thread);
        }
        rethrow(thrown.get(), "on one of " + count + " threads");
    }

    private static void rethrow(@Nullable Throwable thrown, String where) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw new IllegalStateException(where + ": " + thrown, thrown);
        }
    }

    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for " + thread, e);
        }
    }

    @Override
    public void close() {
        host.close();
        long held = host.memoryUsedBytes();
        if (held != 0) {
            report.leak(held + " bytes of guest memory after the host was closed");
        }
    }
}
