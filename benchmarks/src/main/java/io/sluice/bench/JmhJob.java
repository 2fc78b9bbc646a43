package io.sluice.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One fork of one JMH benchmark with one set of parameters. */
final class JmhJob implements Job {

    /** JMH's own start and end, and the making of the contestant. */
    private static final double FORK_SECONDS = 1.2;
    /** JMH's own timeout interrupts threads, which what compiles does not heed. */
    private static final int LONGEST_SECONDS = 150;

    /** How long a fork warms up and measures. */
    record Timing(int warmups, int warmupMillis, int iterations, int iterationMillis, int timeoutSeconds) {
        static final Timing TINY = new Timing(1, 10, 2, 10, 120);
        static final Timing USUAL = new Timing(3, 250, 4, 175, 120);
        /** For compilers that take their time. */
        static final Timing SLOW = new Timing(4, 750, 3, 300, 180);

        double seconds() {
            return (warmups * warmupMillis + iterations * iterationMillis) / 1e3;
        }

        static Timing parse(String text) {
            String[] numbers = text.split(",", -1);
            return new Timing(
                    Integer.parseInt(numbers[0]),
                    Integer.parseInt(numbers[1]),
                    Integer.parseInt(numbers[2]),
                    Integer.parseInt(numbers[3]),
                    120);
        }
    }

    private final String group;
    private final String row;
    private final String contestant;
    private final Class<?> benchmark;
    private final String method;
    private final Map<String, String> params = new TreeMap<>();
    private Timing timing = Timing.USUAL;
    private int rounds = 3;
    private int threads = 1;
    private double openSeconds;
    private List<String> moreJvmArgs = List.of();

    JmhJob(String group, String row, String contestant, Class<?> benchmark, String method) {
        this.group = group;
        this.row = row;
        this.contestant = contestant;
        this.benchmark = benchmark;
        this.method = method;
    }

    JmhJob with(String parameter, String value) {
        params.put(parameter, value);
        return this;
    }

    JmhJob timing(Timing value) {
        timing = value;
        return this;
    }

    String contestant() {
        return contestant;
    }

    JmhJob rounds(int value) {
        rounds = value;
        return this;
    }

    JmhJob threads(int value) {
        threads = value;
        return this;
    }

    /** How long it takes beyond the usual to open the contestant. */
    JmhJob opensIn(double seconds) {
        openSeconds = seconds;
        return this;
    }

    /** After so long a fork is ended, whatever it does. */
    private int limitSeconds() {
        return (int) Math.min(LONGEST_SECONDS, 50 + 3 * plannedSeconds());
    }

    JmhJob jvmArgs(String... arguments) {
        moreJvmArgs = List.of(arguments);
        return this;
    }

    @Override
    public String name() {
        return group + '|' + row + '|' + contestant;
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public int rounds() {
        return rounds;
    }

    @Override
    public double plannedSeconds() {
        return FORK_SECONDS + openSeconds + timing.seconds() * 1.08;
    }

    @Override
    public List<ForkRecord> run(int round) {
        List<String> jvmArgs = new ArrayList<>(Contestants.jvmArgs(contestant));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("sluice."))
                .sorted()
                .forEach(name -> jvmArgs.add("-D" + name + '=' + System.getProperty(name)));
        jvmArgs.addAll(moreJvmArgs);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$")
                .forks(1)
                .threads(threads)
                .warmupIterations(timing.warmups)
                .warmupTime(TimeValue.milliseconds(timing.warmupMillis))
                .measurementIterations(timing.iterations)
                .measurementTime(TimeValue.milliseconds(timing.iterationMillis))
                .timeout(TimeValue.seconds(timing.timeoutSeconds))
                .jvmArgsAppend(jvmArgs.toArray(String[]::new))
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuProfiler.class)
                .shouldFailOnError(true);
        for (Map.Entry<String, String> param : params.entrySet()) {
            options = options.param(param.getKey(), param.getValue());
        }
        ForkRecord made = new ForkRecord();
        made.group = group;
        made.row = row;
        made.contestant = contestant;
        made.job = name();
        made.round = round;
        made.benchmark = benchmark.getName() + '.' + method;
        made.threads = threads;
        made.jvmArgs.addAll(jvmArgs);
        made.params.putAll(params);
        made.params.put("contestant", contestant);
        made.params.put("row", row);
        made.warmup = timing.warmups + " x " + timing.warmupMillis + " ms";
        made.measurement = timing.iterations + " x " + timing.iterationMillis + " ms";
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(log, true, StandardCharsets.UTF_8);
        AtomicBoolean ended = new AtomicBoolean();
        Timer watchdog = new Timer("fork watchdog", true);
        watchdog.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        ended.set(true);
                        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
                    }
                },
                limitSeconds() * 1000L);
        try {
            RunResult result = new Runner(
                            options.build(), OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL))
                    .runSingle();
            fill(made, result);
        } catch (RunnerException e) {
            made.reason = ended.get()
                    ? "it did not answer within " + limitSeconds() + " s, compiling and warming up included"
                    : reason(log.toString(StandardCharsets.UTF_8), e);
        } finally {
            watchdog.cancel();
        }
        return List.of(made);
    }

    private static void fill(ForkRecord made, RunResult result) {
        made.mode = result.getParams().getMode().shortLabel();
        made.unit = result.getPrimaryResult().getScoreUnit();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                made.values.add(iteration.getPrimaryResult().getScore());
            }
        }
        made.more.put("B/op", secondary(result, Scores.ALLOCATED_PER_OPERATION));
        made.more.put(CpuProfiler.METRIC, secondary(result, CpuProfiler.METRIC));
        if (result.getParams().getMode() == Mode.SampleTime) {
            for (double percent : new double[] {50, 90, 99, 99.9}) {
                made.more.put(
                        "p" + (percent == 99.9 ? "99.9" : Integer.toString((int) percent)),
                        result.getPrimaryResult().getStatistics().getPercentile(percent));
            }
        }
    }

    private static double secondary(RunResult result, String name) {
        Result<?> score = result.getSecondaryResults().get(name);
        return score == null ? Double.NaN : score.getScore();
    }

    /** The first exception that the fork printed, else JMH's own. */
    static String reason(String log, Exception e) {
        return log.lines()
                .map(line -> line.strip().replaceFirst("^Exception in thread \"[^\"]*\" ", ""))
                .filter(line -> line.matches("(Caused by: )?[a-z]+(\\.[A-Za-z0-9_$]+)+(Exception|Error)\\b.*"))
                .map(line -> line.replaceFirst("^(Caused by: )?[a-zA-Z0-9_.$]+(Exception|Error): ", ""))
                .findFirst()
                .orElse(String.valueOf(e.getMessage()));
    }
}
