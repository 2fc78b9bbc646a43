package io.sluice.bench;

import io.sluice.bench.Results.Cell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Says which rows moved beyond noise between two folders of results, and warns where the two were not made alike.
 *
 * <p>A row moved if no fork of one run lies within the range of the other's, and the medians differ by more than the forks of either run do
 * among themselves, at least by {@link #LEAST}, and by more where there are only one or two. A difference that can be below zero has no
 * ratio: there the same is asked of the difference, which one fork alone says too little of; such a row is listed, not counted. Arguments:
 * the two folders.
 */
public final class BenchDiff {

    /** What two builds of the same source differ by through the placement of code. */
    static final double LEAST = 0.05;

    private static final double OF_TWO_FORKS = 0.15;
    private static final double OF_ONE_FORK = 0.5;

    private BenchDiff() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected two folders of results: make bench-diff A=FOLDER B=FOLDER");
        }
        Path a = Path.of(arguments[0]);
        Path b = Path.of(arguments[1]);
        compare(Results.read(a), Environment.read(a), Results.read(b), Environment.read(b))
                .forEach(System.out::println);
    }

    static List<String> compare(Results a, Map<String, String> madeA, Results b, Map<String, String> madeB) {
        List<String> lines = new ArrayList<>();
        for (String key : Environment.COMPARED) {
            String left = madeA.getOrDefault(key, "unknown");
            String right = madeB.getOrDefault(key, "unknown");
            if (!left.equals(right)) {
                lines.add("WARNING: not the same " + key + ": \"" + left + "\" and \"" + right
                        + "\"; compare ratios within a run, not these times");
            }
        }
        for (String busy : List.of(Report.busyLine(a, madeA), Report.busyLine(b, madeB))) {
            if (!busy.isEmpty()) {
                lines.add("WARNING: " + busy);
            }
        }
        int compared = 0;
        List<String> moved = new ArrayList<>();
        List<String> notComparable = new ArrayList<>();
        for (String group : a.groups()) {
            for (String row : a.rows(group)) {
                for (String contestant : a.contestants(group, row)) {
                    Cell before = a.cell(group, row, contestant);
                    Cell after = b.cell(group, row, contestant);
                    if (!before.isThere() || !after.isThere()) {
                        continue;
                    }
                    String line = String.format(
                            Locale.ROOT,
                            "%s: %s, %s: %,.1f to %,.1f %s",
                            group,
                            row,
                            contestant,
                            before.median(),
                            after.median(),
                            before.unit());
                    if (!isComparable(before, after)) {
                        notComparable.add("not comparable: " + line + ", of one fork and not above zero");
                        continue;
                    }
                    compared++;
                    if (hasMoved(before, after)) {
                        moved.add(line + ", " + by(before, after));
                    }
                }
            }
        }
        lines.addAll(moved);
        lines.addAll(notComparable);
        lines.add(
                moved.isEmpty()
                        ? "no row moved beyond noise; " + compared + " rows compared"
                        : moved.size() + " of " + compared + " rows moved beyond noise");
        return lines;
    }

    private static boolean haveRatio(Cell a, Cell b) {
        return a.median() > 0 && b.median() > 0;
    }

    private static boolean isComparable(Cell a, Cell b) {
        return haveRatio(a, b) || Math.min(a.good().size(), b.good().size()) > 1 || a.median() == b.median();
    }

    private static boolean hasMoved(Cell a, Cell b) {
        if (least(a) <= most(b) && least(b) <= most(a)) {
            return false;
        }
        if (haveRatio(a, b)) {
            double ratio = b.median() / a.median();
            return Math.max(ratio, 1 / ratio) > 1 + Math.max(noise(a), noise(b));
        }
        double size = Math.max(Math.abs(a.median()), Math.abs(b.median()));
        return Math.abs(b.median() - a.median()) > Math.max(noiseOf(a, size), noiseOf(b, size));
    }

    private static String by(Cell a, Cell b) {
        String where = b.median() > a.median() ? "up" : "down";
        return haveRatio(a, b)
                ? String.format(Locale.ROOT, "%s by %.1f %%", where, Math.abs(b.median() / a.median() - 1) * 100)
                : String.format(Locale.ROOT, "%s by %,.1f %s", where, Math.abs(b.median() - a.median()), a.unit());
    }

    /** {@link #noise} as a difference, of figures of that size. */
    private static double noiseOf(Cell cell, double size) {
        double range = most(cell) - least(cell);
        return cell.good().size() == 2 ? Math.max(OF_TWO_FORKS * size, 2 * range) : Math.max(LEAST * size, range);
    }

    /** What the cell may be off by: the fewer its forks, the less its spread says. */
    private static double noise(Cell cell) {
        return switch (cell.good().size()) {
            case 0, 1 -> OF_ONE_FORK;
            case 2 -> Math.max(OF_TWO_FORKS, 2 * cell.spread());
            default -> Math.max(LEAST, cell.spread());
        };
    }

    private static double least(Cell cell) {
        return cell.good().stream().mapToDouble(ForkRecord::median).min().orElse(Double.NaN);
    }

    private static double most(Cell cell) {
        return cell.good().stream().mapToDouble(ForkRecord::median).max().orElse(Double.NaN);
    }
}
