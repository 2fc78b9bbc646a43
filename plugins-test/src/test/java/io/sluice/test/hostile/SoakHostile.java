package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.LogManager;

/**
 * Four plugins on two threads: one attacks, one leaks, one is replaced every second, and one is good. The good one must answer as
 * rightly, and nearly as fast, as without the others; memory must not grow.
 *
 * <p>{@code SoakHostile MINUTES}. A round begins with a slice in which nobody calls the others, though they are loaded, and goes on
 * with the same load among them: both see the same machine, whatever else it does in that hour. The share that is compared is that of
 * the same two threads: what the others take of them lies between the good plugin's requests, and only those are timed.
 */
final class SoakHostile {
    private static final int THREADS = 2;
    private static final long MAX_GROWTH_KIB = 48 << 10;
    private static final double MAX_SLOWDOWN = 2;
    private static final long ROUND_MILLIS = 30_000;

    /** What of a round the good plugin has for itself. */
    private static final double ALONE = 1 / 3.0;

    private static final byte[] REJECTED = "DELETE FROM t".getBytes(UTF_8);
    private static final byte[] PASSED = "DELETE FROM t WHERE id = 1".getBytes(UTF_8);
    /** Programs of {@code fights_for_locks}: it takes locks for ever, or traps. */
    private static final byte[] LOOPS = {'s'};

    private static final byte[] TRAPS = {'v', 't'};

    private final PluginHost host = PluginHost.create();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong attacks = new AtomicLong();

    private SoakHostile() {}

    public static void main(String[] arguments) throws IOException {
        LogManager.getLogManager().reset();
        double minutes = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 60;
        SoakHostile soak = new SoakHostile();
        boolean holds;
        try {
            holds = soak.run((long) (minutes * 60_000));
        } finally {
            soak.host.close();
        }
        long left = Engine.liveHandles();
        if (left > 0) {
            System.out.println(left + " live handles after the host was closed");
        }
        System.exit(holds && left == 0 ? 0 : 1);
    }

    private static PluginConfig config(String name, Isolation isolation) {
        return PluginConfig.of(name).withIsolation(isolation);
    }

    private boolean run(long millis) throws IOException {
        int rounds = (int) Math.max(10, millis / ROUND_MILLIS);
        long aloneMillis = (long) (millis * ALONE / rounds);
        long amongMillis = millis / rounds - aloneMillis;
        Latencies alone = new Latencies();
        Latencies among = new Latencies();
        long residentBefore = 0;
        try (Plugin good = host.load(config("good", Isolation.perRequest()), Guests.source(Guests.GOOD));
                Others others = new Others(host, errors)) {
            System.out.printf(
                    Locale.ROOT,
                    "soak-hostile: %d rounds of %.1f s on %d threads: the good plugin alone for %.1f s, then each of its requests "
                            + "followed on the same thread by one of each of the other three for %.1f s; timed are the good one's%n",
                    rounds,
                    (aloneMillis + amongMillis) / 1e3,
                    THREADS,
                    aloneMillis / 1e3,
                    amongMillis / 1e3);
            // Until the code is warm and optimised.
            load(good, null, Math.max(1_000, millis / 60));
            others.call(() -> load(good, others, Math.max(1_000, millis / 60)));
            for (int round = 1; round <= rounds; round++) {
                alone.add(load(good, null, aloneMillis));
                others.call(() -> among.add(load(good, others, amongMillis)));
                // Until there is as much as there will be.
                if (round == (rounds + 2) / 3) {
                    residentBefore = residentKib();
                }
                if (round * 10 / rounds > (round - 1) * 10 / rounds) {
                    System.out.printf(
                            Locale.ROOT,
                            "%3d %%:  alone %s; among the others %s; %d MiB resident, %d replacements, %d attacks%n",
                            100 * round / rounds,
                            alone,
                            among,
                            residentKib() >> 10,
                            others.replacements.get(),
                            attacks.get());
                }
            }
            return judge(alone, among, residentBefore, residentKib(), others.areReplaced());
        }
    }

    private boolean judge(Latencies alone, Latencies among, long before, long after, boolean replaced) {
        boolean flat = after - before <= MAX_GROWTH_KIB;
        boolean fast = among.percentile(0.99) <= MAX_SLOWDOWN * alone.percentile(0.99);
        boolean holds = flat && fast && replaced && errors.get() == 0;
        System.out.printf(
                Locale.ROOT,
                "soak-hostile: %,d requests of the good plugin among the others and %,d alone, taking turns, %d errors, "
                        + "p99 %.1f us among the others, %.1f us alone (%.2f times), %d -> %d MiB resident: %s%n",
                among.count(),
                alone.count(),
                errors.get(),
                among.percentile(0.99) / 1e3,
                alone.percentile(0.99) / 1e3,
                (double) among.percentile(0.99) / alone.percentile(0.99),
                before >> 10,
                after >> 10,
                holds
                        ? "holds"
                        : "DOES NOT HOLD" + (flat ? "" : ", memory grows") + (fast ? "" : ", slower than twice")
                                + (replaced ? "" : ", replaced too seldom"));
        return holds;
    }

    /** Both threads ask the good plugin; with others, each of those in between. */
    private Latencies load(Plugin good, @org.jspecify.annotations.Nullable Others others, long millis) {
        Latencies all = new Latencies();
        long end = System.nanoTime() + millis * 1_000_000;
        Stage.inThreads(THREADS, () -> {
            Latencies mine = new Latencies();
            for (int i = 0; System.nanoTime() - end < 0; i++) {
                long start = System.nanoTime();
                if (!answersRightly(good, i % 10 == 0)) {
                    errors.incrementAndGet();
                }
                mine.note(System.nanoTime() - start);
                if (others != null) {
                    attack(others.hostile, i % 500 == 0 ? LOOPS : TRAPS);
                    attack(others.leaking, PASSED);
                    if (!attack(others.replaced, REJECTED)) {
                        errors.incrementAndGet();
                    }
                    attacks.addAndGet(3);
                }
            }
            synchronized (all) {
                all.add(mine);
            }
        });
        return all;
    }

    private static boolean answersRightly(Plugin good, boolean rejected) {
        byte[] query = rejected ? REJECTED : PASSED;
        try (SqlLease lease = good.acquireSql()) {
            lease.before(query, 0, query.length);
            boolean right = lease.hasError() == rejected;
            lease.after(lease.hasError() ? lease.error() : null, null);
            return right;
        } catch (PluginException e) {
            return false;
        }
    }

    /** Whether the plugin answered; that those who attack do not is what they are for. */
    private static boolean attack(Plugin plugin, byte[] query) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            return true;
        } catch (PluginException e) {
            return false;
        }
    }

    private static long residentKib() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** The bad company, and a thread that replaces one of it as long as they are called. */
    private static final class Others implements AutoCloseable {
        final Plugin hostile;
        final Plugin leaking;
        final Plugin replaced;
        final AtomicLong replacements = new AtomicLong();
        private final AtomicLong errors;
        private long calledNanos;

        Others(PluginHost host, AtomicLong errors) {
            this.errors = errors;
            PluginLimits limits = PluginLimits.defaults().withDeadline(Duration.ofMillis(2));
            hostile = host.load(
                    config("hostile", Isolation.pooled()).withLimits(limits),
                    Guests.source("hostile/fights_for_locks"));
            leaking = host.load(config("leaking", Isolation.pooled()), Guests.source("wat/malloc_grows_memory"));
            replaced = host.load(config("replaced", Isolation.perRequest()), Guests.source("c/echo_query"));
        }

        /** Whether the one that is replaced every second was, at least every other. */
        boolean areReplaced() {
            return replacements.get() >= calledNanos / 2_000_000_000L;
        }

        /** With the replacer at work; it is idle when this returns. */
        void call(Runnable load) {
            long start = System.nanoTime();
            CountDownLatch done = new CountDownLatch(1);
            Thread replacer = new Thread(() -> replaceUntil(done), "replacer");
            replacer.start();
            try {
                load.run();
            } finally {
                done.countDown();
                Stage.join(replacer);
                calledNanos += System.nanoTime() - start;
            }
        }

        private void replaceUntil(CountDownLatch done) {
            try {
                do {
                    try {
                        replaced.replace(Guests.source(replacements.get() % 2 == 0 ? Guests.GOOD : "c/echo_query"));
                        replacements.incrementAndGet();
                    } catch (RuntimeException e) {
                        System.out.println("after " + replacements + " replacements one failed: " + e);
                        errors.incrementAndGet();
                    }
                } while (!done.await(1, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            hostile.close();
            leaking.close();
            replaced.close();
        }
    }

    /** Counts of latencies, in steps of a sixteenth of their size. */
    private static final class Latencies {
        private final long[] counts = new long[64 * 16];

        void note(long nanos) {
            long value = Math.max(16, nanos);
            int exponent = 63 - Long.numberOfLeadingZeros(value);
            counts[exponent * 16 + (int) (value >>> (exponent - 4) & 15)]++;
        }

        void add(Latencies more) {
            for (int i = 0; i < counts.length; i++) {
                counts[i] += more.counts[i];
            }
        }

        long count() {
            long all = 0;
            for (long one : counts) {
                all += one;
            }
            return all;
        }

        long percentile(double share) {
            long wanted = (long) (count() * share);
            for (int i = 0; i < counts.length; i++) {
                wanted -= counts[i];
                if (wanted < 0) {
                    return (16L + i % 16) << (i / 16 - 4);
                }
            }
            return 0;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d requests, p50 %.1f us, p99 %.1f us",
                    count(),
                    percentile(0.5) / 1e3,
                    percentile(0.99) / 1e3);
        }
    }
}
