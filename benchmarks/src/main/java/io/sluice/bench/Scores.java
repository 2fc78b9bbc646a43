package io.sluice.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.ListStatistics;

/** Arithmetic over JMH's results: medians, because other work on a machine makes single iterations slow, never fast. */
final class Scores {

    static final String ALLOCATED_PER_OPERATION = "gc.alloc.rate.norm";

    /** A ratio: its median over the rounds, and the smallest and largest of them. */
    record Ratio(double median, double smallest, double largest) {

        static Ratio of(List<Double> ratios) {
            double[] sorted = sorted(ratios.stream().filter(Double::isFinite).toList());
            return sorted.length == 0
                    ? new Ratio(Double.NaN, Double.NaN, Double.NaN)
                    : new Ratio(Scores.median(ratios), sorted[0], sorted[sorted.length - 1]);
        }

        boolean isThere() {
            return Double.isFinite(median);
        }
    }

    private Scores() {}

    /** The median of all measured iterations, in the benchmark's unit. */
    static double median(RunResult result) {
        return median(iterations(result));
    }

    /** The median of all measured iterations of all rounds. */
    static double median(Collection<RunResult> rounds) {
        return median(
                rounds.stream().flatMap(round -> iterations(round).stream()).toList());
    }

    /** The bytes that one operation allocates on the Java heap: the median of the rounds. */
    static double allocatedBytes(Collection<RunResult> rounds) {
        List<Double> values = new ArrayList<>();
        for (RunResult round : rounds) {
            Result<?> result = round.getSecondaryResults().get(ALLOCATED_PER_OPERATION);
            values.add(result == null ? Double.NaN : result.getScore());
        }
        return median(values);
    }

    /** The ratio of two cells, taken within each round. */
    static Ratio ratio(List<RunResult> numerator, List<RunResult> denominator) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(numerator.size(), denominator.size()); round++) {
            ratios.add(median(numerator.get(round)) / median(denominator.get(round)));
        }
        return Ratio.of(ratios);
    }

    /** Half of the 99.9 % confidence interval of the mean, as JMH gives it; not a number for fewer than two values. */
    static double error(double[] values) {
        if (values.length < 2) {
            return Double.NaN;
        }
        ListStatistics statistics = new ListStatistics(values);
        return statistics.getMeanErrorAt(0.999);
    }

    private static List<Double> iterations(RunResult result) {
        List<Double> scores = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                scores.add(iteration.getPrimaryResult().getScore());
            }
        }
        return scores;
    }

    static double median(List<Double> values) {
        double[] sorted = sorted(values);
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double[] sorted(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
