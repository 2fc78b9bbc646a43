package io.sluice.bench;

import io.sluice.bench.Series.Cell;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;

/**
 * Measures every row there is: the request against its rivals, the bare call, the raw call of a plugin, the classification of texts.
 *
 * <p>Arguments: {@code row=NAME} for one group of rows or one program, which else are not part of it ({@link DeadlineBench}, {@link
 * IsolationBench}, {@link TrapBench}), then as {@link QuickBench}; the file is {@code bench-full.json} or {@code
 * bench-NAME.json} by default.
 */
public final class FullBench {
    private static final String ROW = "row=";

    /** Rows that are no JMH benchmarks but programs, which take the arguments behind the name. */
    @FunctionalInterface
    private interface Program {
        void run(String[] arguments) throws IOException;
    }

    private static final Map<String, Program> PROGRAMS = new TreeMap<>(
            Map.of("deadline", DeadlineBench::run, "isolation", IsolationBench::run, "traps", TrapBench::run));

    /** A group of rows that can be asked for by name. */
    private record Group(String name, String title, List<Cell> cells) {}

    private static final Group REQUEST = new Group("request", "", RequestReport.cells());
    private static final List<Group> GROUPS = List.of(
            new Group(
                    "crossing",
                    "the bare call",
                    cells(CrossingBenchmark.class, "emptyNative", "noop", "add", "rustImport", "javaImport")),
            new Group(
                    "call",
                    "the raw call of a plugin",
                    cells(WescaleCallBenchmark.class, "reject", "rejectDirect", "pass", "rejectFresh")),
            new Group(
                    "classification",
                    "what a text does, and chains of filters",
                    cells(
                            ClassificationBenchmark.class,
                            "hit100",
                            "hit4k",
                            "hit1m",
                            "hit1mOfRows",
                            "miss100",
                            "miss4k",
                            "miss1m",
                            "chainOfNone",
                            "chainOf1",
                            "chainOf8",
                            "chainOf8WithPlans")),
            REQUEST);

    private FullBench() {}

    public static void main(String[] arguments) throws IOException {
        boolean named = arguments.length > 0 && arguments[0].startsWith(ROW);
        Program program = named ? PROGRAMS.get(arguments[0].substring(ROW.length())) : null;
        if (program != null) {
            program.run(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        List<Group> groups = named ? List.of(group(arguments[0].substring(ROW.length()))) : GROUPS;
        String file = named ? "bench-" + groups.get(0).name() : "bench-full";
        BenchRun run = BenchRun.of(file, named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
        run.measure(groups.stream().flatMap(group -> group.cells().stream()).toList());
        for (Group group : groups) {
            if (group.equals(REQUEST)) {
                RequestReport.print(run.series(), System.out);
            } else {
                printTable(run.series(), group.title(), group.cells(), System.out);
            }
        }
        run.finish();
    }

    /** The rows of that name. */
    static List<Cell> cellsOf(String name) {
        return group(name).cells();
    }

    private static Group group(String name) {
        return GROUPS.stream()
                .filter(group -> group.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("row \"" + name
                        + "\": there is no such row; choose one of "
                        + Stream.concat(GROUPS.stream().map(Group::name), PROGRAMS.keySet().stream())
                                .collect(Collectors.joining(", "))));
    }

    private static void printTable(Series series, String title, List<Cell> cells, PrintStream out) {
        Cell first = cells.get(0);
        out.printf("%n%-28s %14s %12s %10s%n", title, "ns/op", "B/op", "÷ first");
        for (Cell cell : cells) {
            List<RunResult> rounds = series.rounds(cell);
            if (rounds.isEmpty()) {
                out.printf("  %-26s %14s   %s%n", cell, "n/a", series.failures().getOrDefault(cell, "not run"));
                continue;
            }
            out.printf(
                    "  %-26s %,14.1f %,12.2f %10.2f%n",
                    cell,
                    Scores.median(rounds),
                    Scores.allocatedBytes(rounds),
                    Scores.ratio(rounds, series.rounds(first)).median());
        }
    }

    private static List<Cell> cells(Class<?> benchmark, String... methods) {
        return List.of(methods).stream()
                .map(method -> Cell.of(benchmark, method))
                .toList();
    }
}
