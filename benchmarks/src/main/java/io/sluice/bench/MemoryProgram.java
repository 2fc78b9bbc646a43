package io.sluice.bench;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What idle instances hold of the machine's memory: one that is prepared for the next request, beyond the guest's own linear memory, and
 * pooled ones, from one to a thousand of them.
 *
 * <p>It is the process's share of the memory that grows (proportional set size: a page of the module's image that instances share counts
 * once). For a prepared instance it is the slope between few and many of them, so that what a plugin has once, such as its code, is not
 * part of it, and what the JVM does beside is a small part: loading and compiling its classes is done by other instances before.
 *
 * <p>Arguments: the file to write.
 */
public final class MemoryProgram {

    private static final int FEW = 100;
    private static final int MANY = 700;
    private static final int[] POOLED = {1, 10, 100, 1000};
    /** Nothing is timed here. */
    private static final Duration LONG_DEADLINE = Duration.ofSeconds(20);

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static int hosts;

    private MemoryProgram() {}

    public static void main(String[] arguments) throws IOException {
        List<String> rows = new ArrayList<>();
        // The JVM's own growth while it gets warm.
        prepared(64);
        prepared(64);
        for (int kibibytes : new int[] {64, 256, 1024}) {
            rows.add(String.format(
                    Locale.ROOT,
                    "{\"kibibytes\": %d, \"above\": %.0f}",
                    kibibytes,
                    prepared(kibibytes) - kibibytes * 1024.0));
        }
        for (int count : POOLED) {
            rows.add(String.format(Locale.ROOT, "{\"pooled\": %d, \"bytes\": %.0f}", count, pooled(count)));
        }
        Files.writeString(Path.of(arguments[0]), "{\"rows\": [" + String.join(", ", rows) + "]}\n");
    }

    /** Bytes of one more prepared instance. */
    private static double prepared(int kibibytes) throws IOException {
        byte[] wasm = writesAll(kibibytes);
        return (double) (prepared(wasm, kibibytes, MANY) - prepared(wasm, kibibytes, FEW)) / (MANY - FEW);
    }

    /** By how much the process grows until that many are prepared, in a pool of no more places, each of which was used before. */
    private static long prepared(byte[] wasm, int kibibytes, int count) throws IOException {
        PluginHost host = host(count);
        Plugin plugin = load(host, Isolation.perRequest(), wasm, count);
        System.gc();
        long before = proportionalBytes();
        for (int round = 0; round < 3; round++) {
            leases(plugin, count).forEach(SqlLease::close);
            // Those are gone; as many are prepared, not on this thread.
            long end = System.nanoTime() + LONGEST_WAIT_NANOS;
            while (host.memoryUsedBytes() < (long) count * kibibytes * 1024) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("of " + count + " instances of " + kibibytes + " KiB only "
                            + host.memoryUsedBytes() / kibibytes / 1024 + " were prepared");
                }
                LockSupport.parkNanos(100_000);
            }
        }
        System.gc();
        return proportionalBytes() - before;
    }

    /** Bytes of that many instances that served a request and wait for the next, divided by their number. */
    private static double pooled(int count) throws IOException {
        byte[] wasm = writesAll(1024);
        Plugin plugin = load(host(count), Isolation.pooled(), wasm, count);
        System.gc();
        long before = proportionalBytes();
        leases(plugin, count).forEach(SqlLease::close);
        System.gc();
        return (double) (proportionalBytes() - before) / count;
    }

    /** A guest whose instances leave all of their memory written, so that what is found above it is nothing of the guest's. */
    private static byte[] writesAll(int kibibytes) {
        return IsolationBench.withPages(Guest.load("/guests/writes_all_memory.wasm"), kibibytes / 64);
    }

    /**
     * A host with an engine of its own: one that others used before would have places whose memory is there already. It stays open until the
     * program ends.
     */
    private static PluginHost host(int places) {
        EngineConfig defaults = EngineConfig.defaults();
        // Hosts with the same settings share an engine.
        hosts++;
        return PluginHost.builder()
                .engineConfig(defaults.withMaxInstances(places).withMaxModuleBytes(defaults.maxModuleBytes() - hosts))
                .memoryBudgetBytes(2L << 30)
                .build();
    }

    private static Plugin load(PluginHost host, Isolation isolation, byte[] wasm, int places) {
        return host.load(
                PluginConfig.of("idle")
                        .withIsolation(isolation)
                        .withLimits(PluginLimits.defaults()
                                .withDeadline(LONG_DEADLINE)
                                .withFuelPerCall(Long.MAX_VALUE))
                        .withMaxInstances(places)
                        .withMaxWait(Duration.ofSeconds(5)),
                PluginSource.bytes(wasm));
    }

    /** Takes that many leases at once, so that there are as many instances, each of which has answered. */
    private static List<SqlLease> leases(Plugin plugin, int count) {
        byte[] query = Requests.timed();
        List<SqlLease> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SqlLease lease = plugin.acquireSql();
            lease.before(query, 0, query.length);
            if (!lease.hasError()) {
                throw new IllegalStateException("the guest let the query pass; it must not");
            }
            leases.add(lease);
        }
        return leases;
    }

    private static long proportionalBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/smaps_rollup")).stream()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/smaps_rollup has no line Pss"));
    }
}
