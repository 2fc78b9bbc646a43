package io.sluice.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.WorkloadParams;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs cells in rounds of one fork each, so that the forks of all cells are interleaved and a disturbance of the machine
 * hits none of them alone.
 *
 * <p>A cell that fails keeps its reason and is left out of the later rounds; the others go on.
 */
final class Series {

    /** One benchmark method with, if it has the parameter, one contestant. */
    record Cell(Class<?> benchmark, String method, String contestant) {

        static Cell of(Class<?> benchmark, String method) {
            return new Cell(benchmark, method, "");
        }

        String include() {
            return "^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$";
        }

        @Override
        public String toString() {
            return contestant.isEmpty() ? method : method + " " + contestant;
        }
    }

    private final PrintStream progress;
    private final Map<Cell, List<RunResult>> rounds = new LinkedHashMap<>();
    private final Map<Cell, String> failures = new LinkedHashMap<>();

    /**
     * The forks run on the JDK that runs this.
     *
     * @param progress gets one line per fork
     */
    Series(PrintStream progress) {
        this.progress = progress;
    }

    /** Runs every cell once per round. */
    void run(List<Cell> cells, int roundCount) {
        for (int round = 1; round <= roundCount; round++) {
            for (Cell cell : cells) {
                if (!failures.containsKey(cell)) {
                    runFork(cell, round, roundCount);
                }
            }
        }
    }

    /** The rounds of a cell that did not fail; empty if it did. */
    List<RunResult> rounds(Cell cell) {
        return failures.containsKey(cell) ? List.of() : rounds.getOrDefault(cell, List.of());
    }

    /** Why cells have no result. */
    Map<Cell, String> failures() {
        return failures;
    }

    /** One result per cell with the forks of all rounds, as JMH would have reported them. */
    Collection<RunResult> merged() {
        List<RunResult> merged = new ArrayList<>();
        for (Cell cell : rounds.keySet()) {
            List<RunResult> results = rounds(cell);
            if (!results.isEmpty()) {
                merged.add(merge(results));
            }
        }
        return merged;
    }

    /** A record for each fork, as the suite's are. */
    List<ForkRecord> forks() {
        List<ForkRecord> forks = new ArrayList<>();
        for (Cell cell : rounds.keySet()) {
            int round = 0;
            for (RunResult result : rounds(cell)) {
                ForkRecord record = new ForkRecord();
                record.group = "request";
                record.row = cell.method().equals("reused") || cell.method().equals("fresh")
                        ? "c reject-100 " + cell.method()
                        : cell.method();
                record.contestant = cell.contestant();
                record.job = record.key();
                record.round = ++round;
                record.benchmark = cell.benchmark().getName() + '.' + cell.method();
                result.getBenchmarkResults()
                        .forEach(fork -> fork.getIterationResults()
                                .forEach(iteration -> record.values.add(
                                        iteration.getPrimaryResult().getScore())));
                record.more.put("B/op", Scores.allocatedBytes(List.of(result)));
                forks.add(record);
            }
        }
        return forks;
    }

    private void runFork(Cell cell, int round, int roundCount) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(cell.include())
                .forks(1)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        if (!cell.contestant().isEmpty()) {
            options = options.param("contestant", cell.contestant());
        }
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(log, true, StandardCharsets.UTF_8);
        try {
            RunResult result = new Runner(
                            options.build(), OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL))
                    .runSingle();
            rounds.computeIfAbsent(cell, key -> new ArrayList<>()).add(result);
            progress.printf("round %d/%d  %-28s %,12.1f ns/op%n", round, roundCount, cell, Scores.median(result));
        } catch (RunnerException e) {
            String text = log.toString(StandardCharsets.UTF_8);
            failures.put(cell, reason(text, e));
            progress.printf("round %d/%d  %-28s failed:%n%s%n", round, roundCount, cell, text);
        }
    }

    /** The first exception that the fork printed, else JMH's own. */
    private static String reason(String log, RunnerException e) {
        return log.lines()
                .map(String::strip)
                .filter(line -> line.matches("(Caused by: )?[a-z]+(\\.[A-Za-z0-9_$]+)+(Exception|Error)\\b.*"))
                .findFirst()
                .orElse(String.valueOf(e.getMessage()));
    }

    private static RunResult merge(List<RunResult> results) {
        BenchmarkParams one = results.get(0).getParams();
        BenchmarkParams all = new BenchmarkParams(
                one.getBenchmark(),
                one.generatedBenchmark(),
                one.shouldSynchIterations(),
                one.getThreads(),
                one.getThreadGroups(),
                one.getThreadGroupLabels(),
                results.size(),
                one.getWarmupForks(),
                one.getWarmup(),
                one.getMeasurement(),
                one.getMode(),
                workload(one),
                one.getTimeUnit(),
                one.getOpsPerInvocation(),
                one.getJvm(),
                one.getJvmArgs(),
                one.getJdkVersion(),
                one.getVmName(),
                one.getVmVersion(),
                one.getJmhVersion(),
                one.getTimeout());
        List<BenchmarkResult> forks = new ArrayList<>();
        results.forEach(result -> forks.addAll(result.getBenchmarkResults()));
        return new RunResult(all, forks);
    }

    private static WorkloadParams workload(BenchmarkParams params) {
        WorkloadParams workload = new WorkloadParams();
        int position = 0;
        for (String key : params.getParamsKeys()) {
            workload.put(key, params.getParam(key), position++);
        }
        return workload;
    }
}
