package io.sluice.bench;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an idle instance, prepared for the next request, holds of the machine's memory beyond the guest's own linear memory: the growth of
 * the process's resident set by many of them.
 *
 * <p>Arguments: the file to write.
 */
public final class MemoryProgram {

    private static final int INSTANCES = 48;

    private MemoryProgram() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> rows = new ArrayList<>();
        for (int kibibytes : new int[] {64, 256, 1024}) {
            rows.add(String.format(
                    Locale.ROOT,
                    "{\"kibibytes\": %d, \"above\": %.0f}",
                    kibibytes,
                    perInstance(kibibytes) - kibibytes * 1024.0));
        }
        Files.writeString(Path.of(arguments[0]), "{\"rows\": [" + String.join(", ", rows) + "]}\n");
    }

    private static double perInstance(int kibibytes) throws IOException, InterruptedException {
        byte[] wasm = IsolationBench.withPages(Guest.rejectWithoutWhere(), kibibytes / 64);
        try (PluginHost host = PluginHost.create()) {
            // As many for the warm-up, which stay: the next ones take places of the pool that nobody used.
            Plugin warm = hold(host, wasm, "warm");
            System.gc();
            long before = residentBytes();
            Plugin plugin = hold(host, wasm, "measured");
            double growth = (double) (residentBytes() - before) / INSTANCES;
            plugin.close();
            warm.close();
            return growth;
        }
    }

    /** Takes that many leases at once and ends them, so that as many instances are prepared. */
    private static Plugin hold(PluginHost host, byte[] wasm, String name) throws InterruptedException {
        Plugin plugin = host.load(
                PluginConfig.of(name)
                        .withIsolation(Isolation.perRequest())
                        .withMaxInstances(INSTANCES)
                        .withMaxWait(Duration.ofSeconds(5)),
                PluginSource.bytes(wasm));
        byte[] query = Requests.timed();
        List<SqlLease> leases = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            SqlLease lease = plugin.acquireSql();
            lease.before(query, 0, query.length);
            leases.add(lease);
        }
        leases.forEach(SqlLease::close);
        Thread.sleep(100);
        return plugin;
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/status has no line VmRSS"));
    }
}
