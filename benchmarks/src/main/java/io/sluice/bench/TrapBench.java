package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a trap costs its caller, from taking the lease to having caught the exception, and what a plugin that traps on every call costs
 * its neighbours.
 *
 * <p>Arguments: the traps of each kind, 20,000 by default, and the file to write. Leaves with an exception if a guest ended in another
 * way.
 */
final class TrapBench {

    private static final int TRAPS = 20_000;
    private static final int WARM_UP = 5_000;
    private static final int NEIGHBOUR_REQUESTS = 400_000;
    private static final int NEIGHBOUR_ROUNDS = 3;
    private static final Duration SHORT = Duration.ofNanos(100_000);

    /** A way to fail. */
    private enum Kind {
        OUT_OF_BOUNDS("m", TrapKind.MEMORY_OUT_OF_BOUNDS),
        UNREACHABLE("u", TrapKind.UNREACHABLE),
        DIVISION("z", TrapKind.INTEGER_DIVISION_BY_ZERO),
        OUT_OF_FUEL("l", TrapKind.OUT_OF_FUEL),
        DEADLINE_OF_100_US("l", TrapKind.DEADLINE_EXCEEDED),
        /** The guest's own end, since it was refused the page above a mebibyte. */
        MEMORY_CAP_OF_1_MIB("g", TrapKind.UNREACHABLE);

        @SuppressWarnings("ImmutableEnumChecker") // never written to
        private final byte[] query;

        private final TrapKind trap;

        Kind(String query, TrapKind trap) {
            this.query = query.getBytes(UTF_8);
            this.trap = trap;
        }

        Plugin load(PluginHost host, Isolation isolation) {
            boolean endless = this == OUT_OF_FUEL || this == DEADLINE_OF_100_US;
            PluginLimits limits = PluginLimits.defaults();
            if (this == OUT_OF_FUEL) {
                limits = limits.withFuelPerCall(1_000);
            } else if (this == DEADLINE_OF_100_US) {
                limits = limits.withFuelPerCall(Long.MAX_VALUE).withDeadline(SHORT);
            } else if (this == MEMORY_CAP_OF_1_MIB) {
                limits = limits.withMaxMemoryBytes(1 << 20);
            }
            byte[] wasm = this == MEMORY_CAP_OF_1_MIB
                    ? Guest.load("/guests/grows_until_refused.wasm")
                    : Guest.of(endless ? "hostile/endless" : "hostile/traps_of_every_kind");
            return host.load(
                    PluginConfig.of(name()).withIsolation(isolation).withLimits(limits), PluginSource.bytes(wasm));
        }

        /** The time until the exception is there, without the lease's end. */
        long trap(Plugin plugin) {
            long begin = System.nanoTime();
            try (SqlLease lease = plugin.acquireSql()) {
                try {
                    lease.before(query, 0, query.length);
                } catch (PluginException e) {
                    long took = System.nanoTime() - begin;
                    if (!(e.getCause() instanceof TrapException cause) || cause.kind() != trap) {
                        throw new IllegalStateException(name() + " ended in another way", e);
                    }
                    return took;
                }
            }
            throw new IllegalStateException(name() + " came back; it must not");
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private TrapBench() {}

    static void run(String[] arguments) throws IOException {
        int traps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : TRAPS;
        ProgramReport report = ProgramReport.of("bench-traps", arguments);
        List<String> rows = new ArrayList<>();
        try (PluginHost host = PluginHost.create()) {
            report.line("what a trap costs its caller, µs, from the lease to the exception");
            report.line("%-20s %-12s %8s %8s %8s", "trap", "isolation", "p50", "p99", "max");
            for (Kind kind : Kind.values()) {
                for (Isolation isolation : List.of(Isolation.pooled(), Isolation.perRequest())) {
                    rows.add(cost(host, kind, isolation, traps, report));
                }
            }
            rows.addAll(neighbours(host, report));
        }
        report.finish("\"rows\": [\n" + String.join(",\n", rows) + "\n  ]");
    }

    private static String cost(PluginHost host, Kind kind, Isolation isolation, int traps, ProgramReport report) {
        boolean slow = kind == Kind.DEADLINE_OF_100_US;
        Samples samples = new Samples(slow ? traps / 10 : traps);
        String way = isolation.isPooled() ? "pooled" : "per request";
        try (Plugin plugin = kind.load(host, isolation)) {
            for (int i = -(slow ? WARM_UP / 10 : WARM_UP); i < (slow ? traps / 10 : traps); i++) {
                long took = kind.trap(plugin);
                if (i >= 0) {
                    samples.add(slow ? took - SHORT.toNanos() : took);
                }
            }
        }
        report.line(
                "%-20s %-12s %8.2f %8.2f %8.2f",
                kind.label(), way, samples.percentile(50) / 1e3, samples.percentile(99) / 1e3, samples.largest() / 1e3);
        return String.format(
                Locale.ROOT,
                "    {\"trap\": \"%s\", \"isolation\": \"%s\", \"nanos\": %s}",
                kind.label(),
                way,
                samples.json());
    }

    /** What a busy thread beside a neighbour does. */
    private enum Beside {
        NOTHING,
        REQUESTS,
        OUT_OF_BOUNDS,
        UNREACHABLE
    }

    private static List<String> neighbours(PluginHost host, ProgramReport report) {
        report.line("%na pooled plugin's requests beside another thread that does without a pause:");
        report.line("%-20s %10s %10s %12s", "", "p50 ns", "p99 ns", "requests/s");
        Map<Beside, Samples> samples = new EnumMap<>(Beside.class);
        Map<Beside, Long> nanos = new EnumMap<>(Beside.class);
        try (Plugin neighbour = rejecting(host, "neighbour");
                Plugin busy = rejecting(host, "busy");
                Plugin outOfBounds = Kind.OUT_OF_BOUNDS.load(host, Isolation.perRequest());
                Plugin unreachable = Kind.UNREACHABLE.load(host, Isolation.perRequest())) {
            Map<Beside, Runnable> others = Map.of(
                    Beside.NOTHING, () -> {},
                    Beside.REQUESTS, () -> reject(busy),
                    Beside.OUT_OF_BOUNDS, () -> Kind.OUT_OF_BOUNDS.trap(outOfBounds),
                    Beside.UNREACHABLE, () -> Kind.UNREACHABLE.trap(unreachable));
            for (int round = -1; round < NEIGHBOUR_ROUNDS; round++) {
                for (Beside beside : Beside.values()) {
                    Samples all =
                            samples.computeIfAbsent(beside, key -> new Samples(NEIGHBOUR_REQUESTS * NEIGHBOUR_ROUNDS));
                    long took = requestsBeside(
                            neighbour,
                            beside,
                            Objects.requireNonNull(others.get(beside)),
                            round < 0 ? new Samples(0) : all);
                    nanos.merge(beside, round < 0 ? 0 : took, Long::sum);
                }
            }
        }
        List<String> rows = new ArrayList<>();
        for (Beside beside : Beside.values()) {
            Samples all = Objects.requireNonNull(samples.get(beside));
            String label = beside.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            double perSecond = all.size() * 1e9 / Objects.requireNonNull(nanos.get(beside));
            report.line("%-20s %,10d %,10d %,12.0f", label, all.percentile(50), all.percentile(99), perSecond);
            rows.add(String.format(
                    Locale.ROOT,
                    "    {\"beside\": \"%s\", \"requestsPerSecond\": %.0f, \"nanos\": %s}",
                    label,
                    perSecond,
                    all.json()));
        }
        return rows;
    }

    private static long requestsBeside(Plugin neighbour, Beside beside, Runnable other, Samples samples) {
        AtomicBoolean stop = new AtomicBoolean(beside == Beside.NOTHING);
        Thread thread = new Thread(() -> {
            while (!stop.getOpaque()) {
                other.run();
            }
        });
        thread.setDaemon(true);
        thread.start();
        long begin = System.nanoTime();
        long last = begin;
        for (int i = 0; i < NEIGHBOUR_REQUESTS; i++) {
            reject(neighbour);
            long now = System.nanoTime();
            samples.add(now - last);
            last = now;
        }
        stop.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while measuring", e);
        }
        return last - begin;
    }

    private static Plugin rejecting(PluginHost host, String name) {
        return host.load(
                PluginConfig.of(name).withIsolation(Isolation.pooled()),
                PluginSource.bytes(Guest.rejectWithoutWhere()));
    }

    private static void reject(Plugin plugin) {
        byte[] query = Requests.timed();
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, query.length);
            if (!lease.hasError()) {
                throw new IllegalStateException("the guest let the query pass; it must not");
            }
        }
    }
}
