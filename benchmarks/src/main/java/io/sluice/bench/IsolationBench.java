package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * What isolation costs: the latency of a request from taking the lease to having the message, which the lease's end is no part of,
 * and the processor time of all of it, for guests of several sizes and languages.
 *
 * <p>{@code pooled} reuses an instance; {@code prepared} is per request with the instance made when the last lease ended; {@code
 * inline} makes it when the request is there. The ways take turns, so that a disturbance hits none of them alone.
 *
 * <p>Arguments: the requests of each way and round, 20,000 by default, and the file to write.
 */
final class IsolationBench {

    private static final int REQUESTS = 20_000;
    private static final int ROUNDS = 5;
    /** Requests of slow guests stop here. */
    private static final long ROUND_NANOS = 400_000_000L;

    /** A guest, made when it is its turn. */
    private record Row(String name, Supplier<byte[]> wasm) {}

    private static final List<Row> ROWS = List.of(
            new Row("C, 64 KiB", Guest::rejectWithoutWhere),
            new Row("C, 256 KiB", () -> withPages(Guest.rejectWithoutWhere(), 4)),
            new Row("C, 1 MiB", () -> withPages(Guest.rejectWithoutWhere(), 16)),
            new Row("C, 10 MiB", () -> withPages(Guest.rejectWithoutWhere(), 160)),
            new Row("Rust", () -> Guest.of("rust/reject_without_where")),
            new Row("Go", () -> Guest.of("go/reject_without_where")),
            new Row("Java", () -> Guest.of("java/reject_without_where")));

    private enum Way {
        POOLED,
        PREPARED,
        INLINE
    }

    private IsolationBench() {}

    static void run(String[] arguments) throws IOException {
        int requests = arguments.length > 0 ? Integer.parseInt(arguments[0]) : REQUESTS;
        ProgramReport report = ProgramReport.of("bench-isolation", arguments);
        report.line(
                "a plugin refuses an UPDATE of 100 bytes that has no WHERE; latency from lease to message, without the lease's end");
        report.line(
                "%-12s %-9s %9s %9s %9s %9s %10s %9s",
                "guest", "way", "p50 ns", "÷ pooled", "p99 ns", "CPU ns", "÷ pooled", "made late");
        List<String> rows = new ArrayList<>();
        for (Row row : ROWS) {
            measure(row, requests, report, rows);
        }
        report.finish("\"rows\": [\n" + String.join(",\n", rows) + "\n  ]");
    }

    private static void measure(Row row, int requests, ProgramReport report, List<String> rows) {
        byte[] wasm = row.wasm().get();
        try (PluginHost pooledHost = PluginHost.create();
                PluginHost host = PluginHost.create();
                PluginHost inlineHost =
                        PluginHost.builder().prepareInstances(false).build()) {
            Runner[] runners = {
                new Runner(pooledHost, Isolation.pooled(), wasm, Way.POOLED, requests),
                new Runner(host, Isolation.perRequest(), wasm, Way.PREPARED, requests),
                new Runner(inlineHost, Isolation.perRequest(), wasm, Way.INLINE, requests)
            };
            for (Runner runner : runners) {
                runner.round(requests, false);
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Runner runner : runners) {
                    runner.round(requests, true);
                }
            }
            for (Runner runner : runners) {
                report.line(
                        "%-12s %-9s %,9d %9.2f %,9d %,9d %10.2f %9.4f",
                        row.name(),
                        runner.way.name().toLowerCase(Locale.ROOT),
                        runner.latency.percentile(50),
                        (double) runner.latency.percentile(50) / runners[0].latency.percentile(50),
                        runner.latency.percentile(99),
                        runner.cpuNanos(),
                        (double) runner.cpuNanos() / runners[0].cpuNanos(),
                        runner.lateShare());
                rows.add(String.format(
                        Locale.ROOT,
                        "    {\"guest\": \"%s\", \"way\": \"%s\", \"latencyNanos\": %s, \"cpuNanos\": %d, \"madeLate\": %.5f}",
                        row.name(),
                        runner.way.name().toLowerCase(Locale.ROOT),
                        runner.latency.json(),
                        runner.cpuNanos(),
                        runner.lateShare()));
            }
        }
    }

    /** One plugin, used in one way. */
    private static final class Runner {
        private final Way way;
        private final PluginHost host;
        private final Plugin plugin;
        private final Samples latency;
        private final byte[] query = Requests.timed();
        private long cpu;
        private long measured;
        private byte[] message = new byte[0];

        Runner(PluginHost host, Isolation isolation, byte[] wasm, Way way, int requests) {
            this.way = way;
            this.host = host;
            this.plugin = host.load(PluginConfig.of(way.name()).withIsolation(isolation), PluginSource.bytes(wasm));
            this.latency = new Samples(requests * ROUNDS);
        }

        void round(int requests, boolean counts) {
            long cpuBefore = processNanos();
            long end = System.nanoTime() + ROUND_NANOS;
            int done = 0;
            while (done < requests && System.nanoTime() < end) {
                long begin = System.nanoTime();
                long took;
                try (SqlLease lease = plugin.acquireSql()) {
                    lease.before(query, 0, query.length);
                    message = lease.error();
                    took = System.nanoTime() - begin;
                }
                if (way == Way.PREPARED) {
                    awaitInstance(end);
                }
                done++;
                if (counts) {
                    latency.add(took);
                }
            }
            if (counts) {
                cpu += processNanos() - cpuBefore;
                measured += done;
            }
            if (!new String(message, UTF_8).equals(JavaContestant.NO_WHERE)) {
                throw new IllegalStateException("the guest answered something else");
            }
        }

        /** The keeper may be making it. Requests that come at once would measure how fast it is. */
        private void awaitInstance(long end) {
            while (host.memoryUsedBytes() == 0 && System.nanoTime() < end) {
                LockSupport.parkNanos(20_000);
            }
        }

        long cpuNanos() {
            return cpu / Math.max(1, measured);
        }

        double lateShare() {
            return (double) plugin.counters().startsOnRequest()
                    / Math.max(1, plugin.counters().beforeCalls());
        }
    }

    private static long processNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** The module with a memory that begins with more pages; what it does with them stays the same. */
    static byte[] withPages(byte[] wasm, int pages) {
        ByteBuffer in = ByteBuffer.wrap(wasm);
        ByteBuffer out = ByteBuffer.allocate(wasm.length + 16);
        byte[] magicAndVersion = new byte[8];
        in.get(magicAndVersion);
        out.put(magicAndVersion);
        while (in.hasRemaining()) {
            byte id = in.get();
            byte[] section = new byte[number(in)];
            in.get(section);
            if (id == 5) {
                ByteBuffer memory = ByteBuffer.wrap(section);
                ByteBuffer changed = ByteBuffer.allocate(16);
                if (memory.get() != 1 || memory.get() != 0) {
                    throw new IllegalArgumentException("the module has not one memory without a maximum");
                }
                putNumber(changed.put((byte) 1).put((byte) 0), pages);
                section = Arrays.copyOf(changed.array(), changed.position());
            }
            putNumber(out.put(id), section.length);
            out.put(section);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static int number(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void putNumber(ByteBuffer out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
