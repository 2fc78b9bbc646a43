package io.sluice.bench;

import io.sluice.bench.Series.Cell;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** What the entry points share: arguments, the state of the machine, the JSON file, the exit status. */
final class BenchRun {

    private static final int ROUNDS = 3;
    /** What others may use before figures are called disturbed. */
    private static final double QUIET_PROCESSORS = 0.25;

    private final int rounds;
    private final Path json;
    private final Series series = new Series(System.out);
    private final OtherLoad others = new OtherLoad();
    private final long startNanos = System.nanoTime();

    private BenchRun(int rounds, Path json) {
        this.rounds = rounds;
        this.json = json;
    }

    /**
     * @param arguments the number of rounds and the file to write, both optional
     * @throws IllegalArgumentException if the number of rounds is none
     */
    static BenchRun of(String name, String[] arguments) {
        int rounds = arguments.length > 0 ? rounds(arguments[0]) : ROUNDS;
        Path folder = Files.isDirectory(Path.of("benchmarks")) ? Path.of("benchmarks", "target") : Path.of("target");
        Path json = arguments.length > 1 ? Path.of(arguments[1]) : folder.resolve(name + ".json");
        return new BenchRun(rounds, json);
    }

    private static void printDisturbance(double processors) {
        System.out.printf(
                Locale.ROOT,
                "other work kept %.2f processors busy meanwhile%s%n",
                processors,
                processors > QUIET_PROCESSORS ? ": the machine was disturbed, measure again when it is quiet" : "");
    }

    private static int rounds(String argument) {
        if (!argument.matches("[1-9][0-9]?")) {
            throw new IllegalArgumentException(
                    "rounds \"" + argument + "\": expected a number from 1 to 99; leave it out for " + ROUNDS);
        }
        return Integer.parseInt(argument);
    }

    void measure(List<Cell> cells) {
        System.out.printf(
                "%d rounds of one fork for each of %d rows; JDK %s, %d processors, load %.2f before the start%n",
                rounds,
                cells.size(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        series.run(cells, rounds);
    }

    Series series() {
        return series;
    }

    /** Writes a folder of results like the suite's, in place of what was there, for {@link BenchDiff}. */
    void writeFolder(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(Results.FORKS));
        Map<String, String> environment = Environment.here("make bench-quick");
        others.processors()
                .ifPresent(busy -> Environment.putLarger(
                        environment, Environment.OTHER_LOAD, String.format(Locale.ROOT, "%.2f", busy)));
        Environment.write(folder, environment);
        Results results = Results.read(folder);
        results.add(series.forks());
        results.writeGroups();
        System.out.printf(Locale.ROOT, "%nwrote %s for make bench-diff%n", folder);
    }

    /** Writes the JSON and ends the JVM if something failed. */
    void finish() throws IOException {
        Path folder = json.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        try (PrintStream out = new PrintStream(Files.newOutputStream(json), false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(series.merged());
        }
        System.out.printf(
                Locale.ROOT, "%nwrote %s after %d s%n", json, (System.nanoTime() - startNanos) / 1_000_000_000L);
        others.processors().ifPresent(BenchRun::printDisturbance);
        if (!series.failures().isEmpty()) {
            series.failures().forEach((cell, reason) -> System.err.println(cell + ": " + reason));
            System.exit(1);
        }
    }
}
