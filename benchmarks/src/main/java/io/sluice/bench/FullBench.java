package io.sluice.bench;

import io.sluice.bench.Series.Cell;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.RunResult;

/**
 * Measures every row there is: the request against its rivals, the bare call, the raw call of a plugin.
 *
 * <p>Arguments as {@link QuickBench}; the file is {@code bench-full.json} by default.
 */
public final class FullBench {

    private static final List<Cell> CROSSING =
            cells(CrossingBenchmark.class, "emptyNative", "noop", "add", "rustImport", "javaImport");
    private static final List<Cell> RAW_CALL =
            cells(WescaleCallBenchmark.class, "reject", "rejectDirect", "pass", "rejectFresh");

    private FullBench() {}

    public static void main(String[] arguments) throws IOException {
        BenchRun run = BenchRun.of("bench-full", arguments);
        List<Cell> cells = new ArrayList<>(CROSSING);
        cells.addAll(RAW_CALL);
        cells.addAll(RequestReport.cells());
        run.measure(cells);
        printTable(run.series(), "the bare call", CROSSING, System.out);
        printTable(run.series(), "the raw call of a plugin", RAW_CALL, System.out);
        RequestReport.print(run.series(), System.out);
        run.finish();
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
