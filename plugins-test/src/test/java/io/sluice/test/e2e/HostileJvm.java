package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapMode;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a child JVM does to itself: the argument names a rule of {@link HostileJvmIT}. It prints how the calls ended, then that a
 * well-behaved plugin still answers, and exits with 0; any surprise is printed and exits with 1.
 */
final class HostileJvm {
    /** Whether traps are found by checks in the code instead of signals. */
    private static final boolean EXPLICIT = Boolean.getBoolean("explicit");

    private final PluginHost host = PluginHost.builder()
            .engineConfig(EngineConfig.defaults().withTrapMode(EXPLICIT ? TrapMode.EXPLICIT : TrapMode.AUTO))
            .build();
    private final Plugin canary = load(GuestFiles.REJECT, PluginLimits.defaults());
    private final Map<String, Integer> endings = new TreeMap<>();

    private HostileJvm() {}

    public static void main(String[] arguments) {
        if (arguments[0].equals("recursion")) {
            // The main thread's stack is too small to load a plugin on.
            inThread(4096, () -> new HostileJvm().run(arguments));
        } else {
            new HostileJvm().run(arguments);
        }
    }

    private void run(String[] arguments) {
        switch (arguments[0]) {
            case "recursion" -> recursion();
            case "loops" -> loops();
            case "bombs" -> bombs();
            case "mutants" -> mutants(Integer.parseInt(arguments[1]));
            case "traps" -> traps(Integer.parseInt(arguments[1]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        endings.forEach((ending, times) -> System.out.println(ending + ": " + times));
        checkCanary();
        host.close();
        System.out.println("the canary answers");
    }

    private Plugin load(String guest, PluginLimits limits) {
        PluginConfig config = PluginConfig.of(guest)
                .withLimits(limits)
                .withIsolation(Isolation.pooled())
                .withMaxInstances(16);
        return host.load(config, GuestFiles.source(guest));
    }

    /** Endless recursion, of the guest and through the host, on threads with stacks from 64 KiB up. */
    private void recursion() {
        Plugin plain = load("hostile/recurses", PluginLimits.defaults());
        Plugin throughHost = load("hostile/recurses_through_host", PluginLimits.defaults());
        for (int kibibytes = 64; kibibytes <= 8192; kibibytes = kibibytes * 3 / 2) {
            for (int round = 0; round < 3; round++) {
                inThread(kibibytes, () -> {
                    call(plain, "x");
                    call(throughHost, "x");
                    call(canary, "DELETE FROM t");
                });
            }
        }
        for (int depth = 0; depth < 6_000; depth += 25) {
            int levels = depth;
            inThread(512, () -> deeper(levels, throughHost));
        }
    }

    /** Uses up the thread's Java stack first; a StackOverflowError of Java's own is no surprise. */
    private void deeper(int levels, Plugin plugin) {
        try {
            descend(levels, plugin);
        } catch (StackOverflowError e) {
            count("StackOverflowError of Java");
        }
    }

    private int descend(int levels, Plugin plugin) {
        if (levels == 0) {
            call(plugin, "x");
            return 0;
        }
        return descend(levels - 1, plugin) + 1;
    }

    private void loops() {
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE).withDeadline(Duration.ofMillis(20));
        Plugin loops = load("hostile/loops_before", limits);
        Plugin fills = load("hostile/fills_memory", limits);
        fromFourThreads(() -> {
            for (int i = 0; i < 10; i++) {
                call(loops, "x");
                call(fills, "x");
                checkCanary();
            }
        });
    }

    private void bombs() {
        Plugin memory = load("hostile/memory_bomb", PluginLimits.defaults());
        Plugin table = load("hostile/table_bomb", PluginLimits.defaults());
        fromFourThreads(() -> {
            for (int i = 0; i < 10; i++) {
                call(memory, "x");
                call(table, "x");
                checkCanary();
            }
        });
    }

    /** Modules that are valid or not by chance: a real guest with some bytes changed. */
    private void mutants(int count) {
        byte[] original = GuestFiles.bytes(GuestFiles.REJECT);
        Random random = new Random(4);
        for (int i = 0; i < count; i++) {
            byte[] mutant = original.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                mutant[8 + random.nextInt(mutant.length - 8)] = (byte) random.nextInt(256);
            }
            PluginConfig config = PluginConfig.of("mutant").withIsolation(Isolation.pooled());
            try (Plugin plugin = host.load(config, PluginSource.bytes(mutant))) {
                for (String query : Verdicts.table().keySet()) {
                    call(plugin, query);
                }
            } catch (PluginException e) {
                count("mutant, " + e.phase());
            }
        }
    }

    /** Traps of every kind among the JVM's own uses of the same signals: null checks, divisions, stack overflows, safepoints. */
    private void traps(int each) {
        Plugin plugin = load("hostile/traps_of_every_kind", PluginLimits.defaults());
        Plugin recurses = load("hostile/recurses", PluginLimits.defaults());
        AtomicBoolean done = new AtomicBoolean();
        Thread collector = new Thread(() -> {
            while (!done.get()) {
                System.gc();
                LockSupport.parkNanos(3_000_000);
            }
        });
        collector.start();
        String kinds = "umtnsozc";
        fromFourThreads(() -> {
            for (int i = 0; i < each; i++) {
                call(plugin, kinds.substring(i % kinds.length(), i % kinds.length() + 1));
                javaTrouble(i);
                if (i % 100 == 0) {
                    call(recurses, "x");
                    checkCanary();
                }
            }
        });
        done.set(true);
        join(collector);
    }

    private static void javaTrouble(int i) {
        try {
            if (trouble(i, null, 0) > 0) {
                throw new AssertionError("there is a number for no text and for division by zero");
            }
        } catch (NullPointerException | ArithmeticException expected) {
            // What the JVM makes of SIGSEGV and SIGFPE in its own code.
        }
    }

    @SuppressWarnings("NullAway") // The null is the point.
    private static int trouble(int i, @Nullable String nothing, int zero) {
        return i % 2 == 0 ? nothing.length() : i / zero;
    }

    /** Every call ends in a verdict or in an error that names the plugin and the kind. */
    private void call(Plugin plugin, String query) {
        byte[] bytes = query.getBytes(UTF_8);
        String ending;
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(bytes, 0, bytes.length);
            ending = "verdict";
        } catch (PluginException e) {
            if (e.getCause() instanceof TrapException trap) {
                ending = trap.kind().toString();
            } else if (e.getCause() instanceof LimitException limit) {
                ending = limit.limit().toString();
            } else {
                throw e;
            }
        }
        count(plugin.name() + " " + ending);
    }

    private void count(String ending) {
        synchronized (endings) {
            endings.merge(ending, 1, Integer::sum);
        }
    }

    private void checkCanary() {
        byte[] delete = "DELETE FROM t".getBytes(UTF_8);
        try (SqlLease lease = canary.acquireSql()) {
            lease.before(delete, 0, delete.length);
            if (!lease.errorText().equals(Verdicts.MESSAGE)) {
                throw new IllegalStateException("the canary said: " + lease.errorText());
            }
        }
    }

    private static void inThread(int kibibytes, Runnable work) {
        AtomicReference<@Nullable Throwable> surprise = new AtomicReference<>();
        Thread thread = new Thread(null, work, "hostile", (long) kibibytes << 10);
        thread.setUncaughtExceptionHandler((t, e) -> surprise.set(e));
        thread.start();
        join(thread);
        Throwable thrown = surprise.get();
        // A Java stack so small that Java itself does not fit is Java's answer, not ours.
        if (thrown != null && !(thrown instanceof StackOverflowError)) {
            throw new IllegalStateException("on a thread of " + kibibytes + " KiB", thrown);
        }
    }

    private static void fromFourThreads(Runnable work) {
        Thread[] threads = new Thread[4];
        AtomicReference<@Nullable Throwable> surprise = new AtomicReference<>();
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(work, "hostile-" + i);
            threads[i].setUncaughtExceptionHandler((t, e) -> surprise.set(e));
            threads[i].start();
        }
        for (Thread thread : threads) {
            join(thread);
        }
        Throwable thrown = surprise.get();
        if (thrown != null) {
            throw new IllegalStateException("in one of four threads", thrown);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for " + thread, e);
        }
    }
}
