package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.TrapMode;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Traps of all kinds among the JVM's own uses of the same signals: null checks, divisions, stack overflows, safepoints. */
final class TrapStorm {
    /** What {@code traps_of_every_kind} is asked for which kind. */
    static final String QUERIES = "umtnsozc";

    static final List<TrapKind> KINDS = List.of(
            TrapKind.UNREACHABLE,
            TrapKind.MEMORY_OUT_OF_BOUNDS,
            TrapKind.TABLE_OUT_OF_BOUNDS,
            TrapKind.INDIRECT_CALL_TO_NULL,
            TrapKind.BAD_SIGNATURE,
            TrapKind.INTEGER_OVERFLOW,
            TrapKind.INTEGER_DIVISION_BY_ZERO,
            TrapKind.BAD_CONVERSION_TO_INTEGER);

    private static final int THREADS = 3;

    private TrapStorm() {}

    /** {@code traps:COUNT[:explicit]}. */
    static void run(Stage stage, String[] arguments) {
        int each = Integer.parseInt(arguments[0]) / THREADS;
        TrapMode mode = arguments.length > 1 ? TrapMode.EXPLICIT : TrapMode.AUTO;
        stage.report.guest();
        stage.report.guest();
        try (PluginHost host = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withTrapMode(mode))
                .build()) {
            Plugin traps = load(host, "hostile/traps_of_every_kind");
            Plugin recurses = load(host, "hostile/recurses");
            AtomicBoolean done = new AtomicBoolean();
            Thread collector = new Thread(() -> {
                while (!done.get()) {
                    System.gc();
                    LockSupport.parkNanos(5_000_000);
                }
            });
            collector.start();
            AtomicInteger troubles = new AtomicInteger();
            try {
                Stage.inThreads(THREADS, () -> {
                    for (int i = 0; i < each; i++) {
                        int kind = i % QUERIES.length();
                        expect(stage, traps, QUERIES.substring(kind, kind + 1), "before " + KINDS.get(kind));
                        troubles.addAndGet(javaTrouble(i));
                        if (i % 200 == 0) {
                            expect(stage, recurses, "x", "before STACK_OVERFLOW");
                            troubles.addAndGet(overflow());
                            stage.askCanary();
                        }
                    }
                });
            } finally {
                done.set(true);
                Stage.join(collector);
            }
            int expected = THREADS * (each + (each + 199) / 200);
            if (troubles.get() != expected) {
                stage.report.wrong("Java had " + troubles + " exceptions of its own of " + expected);
            }
        }
    }

    private static Plugin load(PluginHost host, String guest) {
        return host.load(
                PluginConfig.of(guest).withIsolation(Isolation.pooled()).withMaxInstances(8), Guests.source(guest));
    }

    private static void expect(Stage stage, Plugin plugin, String query, String expected) {
        String ending = Stage.ending(plugin, query);
        if (!ending.equals(expected)) {
            stage.report.wrong(plugin.name() + " ended in " + ending + ", expected " + expected);
        }
    }

    private static int javaTrouble(int i) {
        try {
            return trouble(i, null, 0) > 0 ? 0 : 2;
        } catch (NullPointerException | ArithmeticException expected) {
            return 1;
        }
    }

    @SuppressWarnings("NullAway") // The null is the point.
    private static int trouble(int i, @Nullable String nothing, int zero) {
        return i % 2 == 0 ? nothing.length() : i / zero;
    }

    private static int overflow() {
        try {
            return deeper(1) > 0 ? 0 : 2;
        } catch (StackOverflowError expected) {
            return 1;
        }
    }

    @SuppressWarnings("InfiniteRecursion") // So that HotSpot's guard page is run into.
    private static int deeper(int depth) {
        return deeper(depth + 1) + 1;
    }
}
