package io.sluice.cli;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.QueryProperty;
import io.sluice.testkit.Desk;
import io.sluice.testkit.Outcome;
import io.sluice.testkit.Statement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice plugin bench}: what one plugin takes for one query, on this machine, without a database. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Has a plugin filter one query many times, and says what fuel, time and memory it takes.")
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "A .wasm file.")
    private Path file = Path.of("");

    @Option(names = "--query", required = true, paramLabel = "TEXT", description = "The query.")
    private String query = "";

    @Option(names = "--property", paramLabel = "NAME=TEXT", description = "A property of the query, such as user=app.")
    private Map<QueryProperty, String> properties = new LinkedHashMap<>();

    @Option(names = "--configuration", paramLabel = "JSON", description = "The plugin's configuration.")
    private @Nullable String configuration;

    @Option(names = "--calls", paramLabel = "N", description = "How often; half as often before, to warm up.")
    private int calls = 20_000;

    @Override
    public Integer call() throws IOException {
        if (calls < 1 || calls > 100_000_000) {
            throw new IllegalArgumentException("--calls is " + calls + "; it must be 1 to 100000000");
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        Statement statement = Statement.of(query);
        for (Map.Entry<QueryProperty, String> property : properties.entrySet()) {
            statement = statement.withProperty(property.getKey(), property.getValue());
        }
        PluginConfig config = PluginConfig.of("plugin").withGrants(EnumSet.allOf(QueryProperty.class));
        if (configuration != null) {
            config = config.withConfiguration(configuration);
        }
        PrintWriter out = spec.commandLine().getOut();
        long began = System.nanoTime();
        // A host as the gateway has it: optimised code and snapshots come in the background.
        try (PluginHost host = PluginHost.create();
                Desk desk = Desk.open(host, config, PluginSource.file(file))) {
            long loaded = System.nanoTime() - began;
            return measure(desk, statement, loaded, out);
        } finally {
            out.flush();
        }
    }

    private int measure(Desk desk, Statement statement, long loadNanos, PrintWriter out) throws IOException {
        Outcome last = desk.query(statement);
        for (int i = 0; i < calls / 2 && last.failure() == null; i++) {
            last = desk.query(statement);
        }
        long[] nanos = new long[calls];
        long[] fuel = new long[calls];
        for (int i = 0; i < calls && last.failure() == null; i++) {
            last = desk.query(statement);
            nanos[i] = last.nanos();
            fuel[i] = last.fuel();
        }
        PluginException failure = last.failure();
        if (failure != null) {
            throw failure;
        }
        Arrays.sort(nanos);
        Arrays.sort(fuel);
        out.printf(
                Locale.ROOT,
                "%s: %,d bytes, loaded in %.1f ms; code: %s, from a snapshot: %s%n",
                file.getFileName(),
                Files.size(file),
                loadNanos / 1e6,
                desk.plugin().status().codeTier().name().toLowerCase(Locale.ROOT),
                desk.plugin().status().snapshotted() ? "yes" : "no");
        out.printf(
                Locale.ROOT,
                "before and after, %,d queries: %s%n",
                calls,
                last.error() == null ? "passed" : "refused: " + last.error());
        out.printf(Locale.ROOT, "fuel: p50 %,d, p99 %,d, most %,d%n", at(fuel, 0.5), at(fuel, 0.99), fuel[calls - 1]);
        out.printf(
                Locale.ROOT,
                "time: p50 %.1f µs, p99 %.1f µs, p99.9 %.1f µs%n",
                at(nanos, 0.5) / 1e3,
                at(nanos, 0.99) / 1e3,
                at(nanos, 0.999) / 1e3);
        out.printf(Locale.ROOT, "memory: %,d KiB an instance%n", last.memoryBytes() / 1024);
        return 0;
    }

    private static long at(long[] sorted, double share) {
        return sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
    }
}
