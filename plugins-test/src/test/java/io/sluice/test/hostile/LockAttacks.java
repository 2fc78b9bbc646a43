package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Plugins that take locks of both scopes in every order, twice, for ever, and never give them back, on several threads at once. */
final class LockAttacks {
    private static final int THREADS = 4;
    private static final Duration DEADLINE = Duration.ofMillis(25);

    /** Steps that end; with the last two a query keeps what it has, or traps with it. */
    private static final String STEPS = "lLuUwvlLuUt";

    private static final List<String> ENDINGS = List.of("fine", "before DEADLINE_EXCEEDED", "before UNREACHABLE");

    private LockAttacks() {}

    /** {@code locks:QUERIES}: of so many a thread. */
    static void run(Stage stage, String[] arguments) {
        int queries = Integer.parseInt(arguments[0]);
        Map<String, Integer> endings = new TreeMap<>();
        AtomicLong slowest = new AtomicLong();
        try (Plugin one = load(stage, "fights", Isolation.perRequest());
                Plugin other = load(stage, "fights back", Isolation.pooled())) {
            AtomicInteger seeds = new AtomicInteger(40);
            Stage.inThreads(THREADS, () -> {
                Random random = new Random(seeds.getAndIncrement());
                for (int i = 0; i < queries; i++) {
                    long start = System.nanoTime();
                    String ending = Stage.ending(random.nextBoolean() ? one : other, program(random));
                    slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
                    synchronized (endings) {
                        endings.merge(ending, 1, Integer::sum);
                    }
                }
            });
            endings.keySet().stream()
                    .filter(ending -> !ENDINGS.contains(ending))
                    .forEach(ending -> stage.report.wrong("a fight for locks ended in " + ending));
            if (slowest.get() > 40 * DEADLINE.toNanos()) {
                stage.report.wrong("a query waited " + slowest.get() / 1_000_000 + " ms; its deadline is " + DEADLINE);
            }
            // Whoever held them is gone, however it went.
            for (Plugin plugin : List.of(one, other)) {
                String ending = Stage.ending(plugin, "lLvUu");
                if (!ending.equals("fine")) {
                    stage.report.wrong("after the fight, taking both locks ended in " + ending);
                }
            }
        }
        stage.report.say("locks: " + endings);
    }

    private static Plugin load(Stage stage, String name, Isolation isolation) {
        stage.report.guest();
        PluginConfig config = PluginConfig.of(name)
                .withIsolation(isolation)
                .withMaxInstances(THREADS)
                .withLimits(PluginLimits.defaults().withDeadline(DEADLINE));
        return stage.host.load(config, Guests.source("hostile/fights_for_locks"));
    }

    private static String program(Random random) {
        StringBuilder steps = new StringBuilder();
        for (int left = random.nextInt(8); left >= 0; left--) {
            steps.append(STEPS.charAt(random.nextInt(STEPS.length())));
        }
        // One in sixteen holds what it has until its deadline.
        return steps + (random.nextInt(16) == 0 ? "s" : "");
    }
}
