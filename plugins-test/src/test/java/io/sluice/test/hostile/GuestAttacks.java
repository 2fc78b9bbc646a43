package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.TrapMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Guests that attack, through the plugin host. */
final class GuestAttacks {
    /** What a guest may run on after its deadline, whatever it is doing, on a core of its own. */
    private static final long OVERRUN_NANOS = 20_000_000;

    /** Where nobody else wants the processor; what is slower is tried again, up to so many times in all. */
    private static final long GOOD_NANOS = 2_000_000;

    private static final int ATTEMPTS = 25;

    private GuestAttacks() {}

    /** Every guest of the folder {@code hostile}, in both isolation modes, with signals and without, ends as the table says. */
    static void everyGuest(Stage stage, String[] arguments) {
        for (TrapMode mode : List.of(TrapMode.AUTO, TrapMode.EXPLICIT)) {
            try (PluginHost host = PluginHost.builder()
                    .engineConfig(EngineConfig.defaults().withTrapMode(mode))
                    .build()) {
                for (String guest : Guests.of("hostile")) {
                    String expected = Endings.of(guest);
                    for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
                        stage.report.guest();
                        String ending = endings(host, guest, isolation);
                        if (expected == null || !ending.matches(expected)) {
                            stage.report.wrong(
                                    guest + ", " + isolation + ", " + mode + ": " + ending + "; expected " + expected);
                        }
                    }
                    stage.askCanary();
                }
                guardEdges(stage, host);
            }
        }
    }

    /** Every access at an edge of the memory or of its guard is a trap. */
    private static void guardEdges(Stage stage, PluginHost host) {
        try (Plugin plugin = host.load(PluginConfig.of("edges"), Guests.source("hostile/touches_guard_edges"))) {
            for (char edge = 'a'; edge <= 'n'; edge++) {
                String ending = Stage.ending(plugin, String.valueOf(edge));
                // The last one's 4 GiB are paid for before their bounds are looked at.
                if (!ending.equals(edge == 'n' ? "before OUT_OF_FUEL" : "before MEMORY_OUT_OF_BOUNDS")) {
                    stage.report.wrong("access " + edge + " at an edge of the guard: " + ending);
                }
            }
        }
    }

    private static String endings(PluginHost host, String guest, Isolation isolation) {
        PluginLimits limits = PluginLimits.defaults()
                .withFuelPerCall(20_000_000)
                .withDeadline(Duration.ofSeconds(10))
                .withStartFuel(20_000_000)
                .withStartDeadline(Duration.ofSeconds(10))
                .withMaxMemoryBytes(8 << 20);
        PluginConfig config = PluginConfig.of(guest)
                .withLimits(limits)
                .withIsolation(isolation)
                .withMaxInstances(2);
        try (Plugin plugin = host.load(config, Guests.source(guest))) {
            String first = Stage.ending(plugin, "select 1");
            String second = Stage.ending(plugin, "select 1");
            if (!first.equals(second) && !isolation.isPooled()) {
                return first + ", then " + second;
            }
            return first;
        } catch (PluginException e) {
            return Stage.kind(e);
        }
    }

    /** With fuel without end, every guest that loops is ended by its deadline, at most 20 ms late; the best of up to 25 tries counts. */
    static void deadline(Stage stage, String[] arguments) {
        Duration deadline = Duration.ofMillis(30);
        PluginLimits limits = PluginLimits.defaults()
                .withFuelPerCall(Long.MAX_VALUE)
                .withDeadline(deadline)
                .withStartFuel(Long.MAX_VALUE)
                .withStartDeadline(Duration.ofSeconds(10))
                .withMaxMemoryBytes(16 << 20);
        // What it copies is larger.
        PluginLimits roomy = limits.withMaxMemoryBytes(40 << 20);
        long worst = 0;
        long worstTry = 0;
        String slowest = "";
        for (String named : Endings.endless()) {
            String guest = named.replaceFirst(" .*", "");
            for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
                stage.report.guest();
                PluginConfig config = PluginConfig.of(guest)
                        .withLimits(named.equals(guest) ? limits : roomy)
                        .withIsolation(isolation);
                try (Plugin plugin = stage.host.load(config, Guests.source(guest))) {
                    long best = Long.MAX_VALUE;
                    for (int i = 0; i < ATTEMPTS && best > deadline.toNanos() + GOOD_NANOS; i++) {
                        long nanos = nanosUntilDeadline(stage, plugin, named.charAt(named.length() - 1));
                        best = Math.min(best, nanos);
                        worstTry = Math.max(worstTry, nanos - deadline.toNanos());
                    }
                    long over = best - deadline.toNanos();
                    if (over > worst) {
                        worst = over;
                        slowest = named;
                    }
                    if (over > OVERRUN_NANOS) {
                        stage.report.wrong(named + ", " + isolation + ": " + over / 1000 + " us after its deadline");
                    }
                }
            }
            stage.askCanary();
        }
        stage.report.say(String.format(
                Locale.ROOT,
                "%.1f ms after its deadline at the most (%s), of each guest the best of up to %d tries; the worst try of all %.1f ms",
                worst / 1e6,
                slowest,
                ATTEMPTS,
                worstTry / 1e6));
    }

    private static long nanosUntilDeadline(Stage stage, Plugin plugin, char kind) {
        byte[] query = {(byte) kind};
        try (SqlLease lease = plugin.acquireSql()) {
            long start = System.nanoTime();
            try {
                lease.before(query, 0, 1);
                stage.report.wrong(plugin.name() + " ended by itself");
            } catch (PluginException e) {
                if (!(e.getCause() instanceof TrapException trap) || trap.kind() != TrapKind.DEADLINE_EXCEEDED) {
                    stage.report.wrong(plugin.name() + " ended in " + Stage.kind(e) + " instead of at its deadline");
                }
            }
            return System.nanoTime() - start;
        }
    }

    /** Traps of every kind, so many in all, on two threads, while the canary answers. */
    static void storms(Stage stage, String[] arguments) {
        int each = Integer.parseInt(arguments[0]) / 2;
        stage.report.guest();
        PluginConfig config =
                PluginConfig.of("storm").withIsolation(Isolation.pooled()).withMaxInstances(4);
        try (Plugin plugin = stage.host.load(config, Guests.source("hostile/traps_of_every_kind"))) {
            Stage.inThreads(2, () -> {
                for (int i = 0; i < each; i++) {
                    int kind = i % TrapStorm.QUERIES.length();
                    String ending = Stage.ending(plugin, TrapStorm.QUERIES.substring(kind, kind + 1));
                    if (!ending.equals("before " + TrapStorm.KINDS.get(kind))) {
                        stage.report.wrong("trap " + TrapStorm.KINDS.get(kind) + " ended in " + ending);
                        return;
                    }
                    if (i % 1000 == 0) {
                        stage.askCanary();
                    }
                }
            });
            long counted = plugin.counters().allTraps();
            if (counted != 2L * each) {
                stage.report.wrong(counted + " traps were counted of " + 2L * each);
            }
        }
    }

    /** A plugin whose instances keep all the memory that the host may give out does not keep it from the others. */
    static void hoards(Stage stage, String[] arguments) {
        int hoarders = 12;
        stage.report.guest();
        PluginConfig config = PluginConfig.of("hoards")
                .withIsolation(Isolation.pooled())
                .withMaxInstances(hoarders)
                .withLimits(PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE));
        try (Plugin plugin = stage.host.load(config, Guests.source("wat/malloc_grows_memory"))) {
            List<SqlLease> leases = new ArrayList<>();
            for (int i = 0; i < hoarders; i++) {
                leases.add(plugin.acquireSql());
            }
            byte[] query = {'x'};
            for (SqlLease lease : leases) {
                hoard(lease, query);
            }
            if (stage.host.memoryUsedBytes() < stage.host.memoryBudgetBytes() * 9 / 10) {
                stage.report.wrong("only " + stage.host.memoryUsedBytes() + " bytes were hoarded");
            }
            leases.forEach(SqlLease::close);
            stage.askCanary();
            try (Plugin late = stage.host.load(PluginConfig.of("late"), Guests.source("c/echo_query"))) {
                String ending = Stage.ending(late, "x");
                if (ending.contains("MEMORY")) {
                    stage.report.wrong("beside a plugin that hoards memory, another one ended in " + ending);
                }
            } catch (PluginException e) {
                stage.report.wrong("beside a plugin that hoards memory, another one was not loaded: " + e.getMessage());
            }
        }
    }

    private static void hoard(SqlLease lease, byte[] query) {
        try {
            for (int i = 0; i < 1_200; i++) {
                lease.before(query, 0, 1);
                if (lease.hasError() && lease.errorText().isEmpty()) {
                    return;
                }
                lease.after(null, null);
            }
        } catch (PluginException full) {
            // It ends when no memory is left; those before it keep theirs.
        }
    }
}
