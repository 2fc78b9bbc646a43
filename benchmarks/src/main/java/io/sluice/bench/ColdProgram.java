package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How soon a contestant answers from a plugin's bytes: in a JVM that has just begun, counted from its start, and once it is warm; and, for
 * Sluice, a hundred plugins at once.
 *
 * <p>Arguments: contestant, the file to write.
 */
public final class ColdProgram {

    private static final int WARM_ROUNDS = 8;
    private static final int PLUGINS = 100;

    private ColdProgram() {}

    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        List<String> rows = new ArrayList<>();
        double warm = Double.NaN;
        for (int round = 0; round < WARM_ROUNDS; round++) {
            long start = System.nanoTime();
            InstanceUse use = Contestants.runs(name, InstanceUse.FRESH) ? InstanceUse.FRESH : InstanceUse.REUSED;
            try (Contestant contestant = Contestants.open(name, use)) {
                byte[] message = contestant.before(Requests.timed());
                long end = System.nanoTime();
                if (message == null || !new String(message, UTF_8).equals(JavaContestant.NO_WHERE)) {
                    throw new IllegalStateException("contestant " + name + " answered something else");
                }
                if (round == 0) {
                    long began = ManagementFactory.getRuntimeMXBean().getStartTime();
                    rows.add(row("2 KB, C: new JVM to first answer", (System.currentTimeMillis() - began) * 1e6));
                }
                warm = end - start;
            }
        }
        rows.add(row("2 KB, C: bytes to first answer, warm JVM", warm));
        if (name.equals(Contestants.SLUICE_PER_REQUEST)) {
            rows.add(row("100 plugins of 2 KB, C: bytes to the answers of all", hundred()));
        }
        Files.writeString(Path.of(arguments[1]), "{\"rows\": [" + String.join(", ", rows) + "]}\n");
    }

    private static double hundred() {
        byte[] wasm = Guest.rejectWithoutWhere();
        byte[] query = Requests.timed();
        try (PluginHost host = PluginHost.create()) {
            long start = System.nanoTime();
            for (int i = 0; i < PLUGINS; i++) {
                // Different bytes, so that nothing is compiled once for all: a custom section of no meaning.
                byte[] other = java.util.Arrays.copyOf(wasm, wasm.length + 4);
                other[wasm.length + 1] = 2;
                other[wasm.length + 2] = 1;
                other[wasm.length + 3] = (byte) ('a' + i % 26);
                Plugin plugin = host.load(PluginConfig.of("p" + i), PluginSource.bytes(other));
                try (var lease = plugin.acquireSql()) {
                    lease.before(query, 0, query.length);
                    if (!lease.hasError()) {
                        throw new IllegalStateException("a plugin let the query pass; it must not");
                    }
                }
            }
            return System.nanoTime() - start;
        }
    }

    private static String row(String name, double nanos) {
        return String.format(Locale.ROOT, "{\"row\": \"%s\", \"nanos\": [%.0f]}", name, nanos);
    }
}
