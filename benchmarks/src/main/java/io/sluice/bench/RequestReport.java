package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.Series.Cell;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/** Prints what {@link RequestBenchmark} measured: a table with the ratio to pure Java, then the ratios that we are held to. */
final class RequestReport {

    private static final Cell POOLED = cell(InstanceUse.REUSED, Contestants.SLUICE_POOLED);
    private static final Cell PER_REQUEST = cell(InstanceUse.FRESH, Contestants.SLUICE_PER_REQUEST);

    /** A ratio of two cells and its limit; none where it is only told. */
    private record Gate(Cell numerator, Cell denominator, boolean atMost, double limit) {

        boolean isMet(double ratio) {
            return atMost ? ratio <= limit : ratio >= limit;
        }

        @Override
        public String toString() {
            return numerator + " ÷ " + denominator;
        }
    }

    private static final List<Gate> GATES = List.of(
            new Gate(POOLED, cell(InstanceUse.REUSED, Contestants.CHICORY_COMPILED), true, 2),
            new Gate(cell(InstanceUse.REUSED, Contestants.WASMTIME_JAVA), POOLED, false, 50),
            new Gate(PER_REQUEST, cell(InstanceUse.FRESH, Contestants.CHICORY_COMPILED), true, 1.0 / 3),
            new Gate(PER_REQUEST, cell(InstanceUse.FRESH, Contestants.CHICORY_CAPPED), true, Double.NaN),
            new Gate(PER_REQUEST, cell(InstanceUse.FRESH, Contestants.WASMTIME_JAVA), true, 1.0 / 30),
            new Gate(POOLED, cell(InstanceUse.REUSED, Contestants.SLUICE_POOLED_UNMETERED), true, Double.NaN),
            new Gate(PER_REQUEST, cell(InstanceUse.FRESH, Contestants.SLUICE_PER_REQUEST_UNMETERED), true, Double.NaN));

    private RequestReport() {}

    /** Every contestant in every way it runs. */
    static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (InstanceUse use : InstanceUse.values()) {
            for (String contestant : quick(use)) {
                cells.add(cell(use, contestant));
            }
        }
        return cells;
    }

    /** Those that answer within the four minutes; the others are measured by the suite. */
    private static List<String> quick(InstanceUse use) {
        return Contestants.names(use).stream()
                .filter(name -> !name.contains("graalwasm") && !name.endsWith("interpreted"))
                .toList();
    }

    static void print(Series series, PrintStream out) {
        out.printf("%na plugin refuses an UPDATE of 100 bytes that has no WHERE; the bytes of its message come back%n");
        out.printf(
                "median over all iterations; Sluice with its default settings and all limits (unmetered: without fuel and deadline), the others with none (chicory-capped: a memory cap)%n");
        for (InstanceUse use : InstanceUse.values()) {
            printTable(series, use, out);
        }
        out.printf("%n%-50s %8s  %-18s %-9s%n", "", "ratio", "in the rounds", "gate");
        for (Gate gate : GATES) {
            printGate(series, gate, out);
        }
    }

    private static void printTable(Series series, InstanceUse use, PrintStream out) {
        Cell java = cell(use, Contestants.JAVA);
        out.printf("%n%-28s %14s %12s %10s%n", method(use), "ns/op", "B/op", "÷ java");
        for (String contestant : quick(use)) {
            Cell cell = cell(use, contestant);
            List<RunResult> rounds = series.rounds(cell);
            if (rounds.isEmpty()) {
                out.printf(
                        "  %-26s %14s   %s%n",
                        contestant, "n/a", series.failures().getOrDefault(cell, "not run"));
                continue;
            }
            out.printf(
                    "  %-26s %,14.1f %,12.1f %10.2f%n",
                    contestant,
                    Scores.median(rounds),
                    Scores.allocatedBytes(rounds),
                    Scores.ratio(rounds, series.rounds(java)).median());
        }
    }

    private static void printGate(Series series, Gate gate, PrintStream out) {
        Scores.Ratio ratio = Scores.ratio(series.rounds(gate.numerator()), series.rounds(gate.denominator()));
        if (Double.isNaN(ratio.median())) {
            out.printf("%-50s %8s%n", gate, "n/a");
            return;
        }
        String range = String.format(Locale.ROOT, "%.3f .. %.3f", ratio.smallest(), ratio.largest());
        if (Double.isNaN(gate.limit())) {
            out.printf("%-50s %8.3f  %-18s %-9s%n", gate, ratio.median(), range, "no gate");
            return;
        }
        String limit = String.format(Locale.ROOT, "%s %.3f", gate.atMost() ? "≤" : "≥", gate.limit());
        out.printf(
                "%-50s %8.3f  %-18s %-9s %s%n",
                gate, ratio.median(), range, limit, gate.isMet(ratio.median()) ? "met" : "missed");
    }

    private static Cell cell(InstanceUse use, String contestant) {
        return new Cell(RequestBenchmark.class, method(use), contestant);
    }

    private static String method(InstanceUse use) {
        return use.name().toLowerCase(Locale.ROOT);
    }
}
