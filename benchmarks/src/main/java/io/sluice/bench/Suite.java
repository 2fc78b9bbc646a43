package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan into a folder of results: round by round, so that a disturbance hits no row alone, and keeping what is there, so that an
 * interrupted run goes on. When the plan is through, what was disturbed is repeated as long as there is time.
 *
 * <p>Command line: {@code thinned|full [row=GROUP] [folder=…] [minutes=…]}; leaves with status 1 if nothing was measured.
 */
public final class Suite {

    /** What others may use before a fork is called disturbed, in processors. */
    static final double QUIET_PROCESSORS = 0.25;

    private static final int REPEATS = 2;

    private static final int LONGEST_COMPILATION_MINUTES = 8;

    private final List<Job> jobs;
    private final Results results;
    private final double limitSeconds;
    private final int repeats;
    private final Supplier<Supplier<OptionalDouble>> meter;
    private final long startNanos = System.nanoTime();
    private final OtherLoad wholeRun = new OtherLoad();
    private int left;

    Suite(List<Job> jobs, Results results, double limitSeconds, int repeats) {
        this(jobs, results, limitSeconds, repeats, () -> new OtherLoad()::processors);
    }

    /**
     * @param meter begins to measure what others use of the machine, and says how much that was
     */
    Suite(List<Job> jobs, Results results, double limitSeconds, int repeats, Supplier<Supplier<OptionalDouble>> meter) {
        this.meter = meter;
        this.repeats = repeats;
        this.jobs = jobs;
        this.results = results;
        this.limitSeconds = limitSeconds;
    }

    public static void main(String[] arguments) throws IOException {
        Arguments given = Arguments.of(arguments);
        List<Job> jobs = Plan.jobs(given.size(), given.group(), given.timing(), given.rounds());
        Path folder = given.folder();
        Results results = Results.read(folder);
        Map<String, String> environment = Environment.here(given.command());
        if (!results.all().isEmpty() || Files.exists(folder.resolve(Environment.FILE))) {
            Environment.goOn(folder, environment);
        }
        Environment.write(folder, environment);
        System.out.println(Plan.describe(jobs));
        if (!results.all().isEmpty()) {
            System.out.printf(
                    "going on in %s, which has %d forks%n",
                    folder, results.all().size());
        }
        Suite suite = new Suite(jobs, results, given.limitSeconds(), given.timing() == null ? REPEATS : 0);
        fillCache(jobs);
        suite.run();
        suite.wholeRun
                .processors()
                .ifPresent(busy -> Environment.putLarger(
                        environment, Environment.OTHER_LOAD, String.format(Locale.ROOT, "%.2f", busy)));
        environment.put("seconds", Long.toString((System.nanoTime() - suite.startNanos) / 1_000_000_000L));
        if (suite.left > 0) {
            environment.put("forksLeftOut", Integer.toString(suite.left));
        }
        Environment.write(folder, environment);
        ReportFiles.write(folder);
        System.out.printf("wrote %s%n", folder.resolve("report.md"));
        if (results.all().stream().allMatch(ForkRecord::failed)) {
            System.exit(1);
        }
    }

    /** Compiles the plugins of real size for Sluice before anything is timed; a failure is found again, and told, by their forks. */
    private static void fillCache(List<Job> jobs) {
        for (PluginGuest guest : PluginGuest.values()) {
            if (!guest.isRealSize()
                    || !guest.missing().isEmpty()
                    || jobs.stream().noneMatch(job -> job.name().startsWith("real|" + guest.key()))) {
                continue;
            }
            List<String> command = new ArrayList<>(ProgramJob.java(Contestants.jvmArgs(null)));
            command.addAll(List.of(CacheProgram.class.getName(), guest.key()));
            try {
                Process process = new ProcessBuilder(command).inheritIO().start();
                if (!process.waitFor(LONGEST_COMPILATION_MINUTES, TimeUnit.MINUTES)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (IOException e) {
                System.out.println("the cache of " + guest.key() + " could not be filled: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Runs what is not there yet, then repeats what was disturbed. */
    void run() throws IOException {
        int rounds = jobs.stream().mapToInt(Job::rounds).max().orElse(0);
        int total = jobs.stream().mapToInt(Job::rounds).sum();
        int done = 0;
        for (int round = 1; round <= rounds; round++) {
            for (Job job : Plan.interleaved(jobs, round)) {
                done++;
                if (results.has(job.name(), round) || results.hasFailed(job.name())) {
                    continue;
                }
                if (isLate(job)) {
                    left++;
                    continue;
                }
                measure(job, round, done, total);
            }
            results.writeGroups();
        }
        if (left > 0) {
            System.out.printf("time is up: %d forks left out; the same command goes on with them%n", left);
        }
        for (int repeat = 0; repeat < repeats; repeat++) {
            repeatDisturbed();
        }
        results.writeGroups();
    }

    private void repeatDisturbed() throws IOException {
        for (int round = 1; round <= jobs.stream().mapToInt(Job::rounds).max().orElse(0); round++) {
            for (Job job : Plan.interleaved(jobs, round)) {
                int at = round;
                boolean disturbed = results.all().stream()
                        .anyMatch(fork -> fork.job.equals(job.name()) && fork.round == at && isDisturbed(fork));
                if (disturbed && !isLate(job)) {
                    measure(job, round, 0, 0);
                }
            }
        }
    }

    static boolean isDisturbed(ForkRecord fork) {
        return !fork.failed() && fork.others > QUIET_PROCESSORS;
    }

    private boolean isLate(Job job) {
        double passed = (System.nanoTime() - startNanos) / 1e9;
        return passed + job.plannedSeconds() > limitSeconds;
    }

    private void measure(Job job, int round, int done, int total) throws IOException {
        Supplier<OptionalDouble> others = meter.get();
        long start = System.nanoTime();
        List<ForkRecord> made = new ArrayList<>(job.run(round));
        double seconds = (System.nanoTime() - start) / 1e9;
        OptionalDouble busy = others.get();
        for (ForkRecord record : made) {
            record.others = Math.round(busy.orElse(-1) * 1000) / 1000.0;
            record.seconds = Math.round(seconds * 10) / 10.0;
        }
        // A repeat that was disturbed more than what it repeats is not better.
        made.removeIf(record -> results.all().stream()
                .anyMatch(old -> old.key().equals(record.key())
                        && old.round == record.round
                        && !old.failed()
                        && (record.failed() || old.others < record.others)));
        results.add(made);
        for (ForkRecord record : made) {
            System.out.printf(
                    Locale.ROOT,
                    "[%s %s] round %d  %-10s %-34s %-30s %s%n",
                    time(),
                    total == 0 ? "disturbed, again" : done + "/" + total,
                    round,
                    record.group,
                    record.row,
                    record.contestant,
                    record.failed()
                            ? "n/a: " + record.reason
                            : String.format(Locale.ROOT, "%,.1f %s", record.median(), record.unit)
                                    + (isDisturbed(record) ? "  (disturbed)" : ""));
        }
    }

    private String time() {
        long seconds = (System.nanoTime() - startNanos) / 1_000_000_000L;
        return String.format(Locale.ROOT, "%02d:%02d", seconds / 60, seconds % 60);
    }

    /** What the command line says. */
    record Arguments(
            Plan.Size size,
            @Nullable String group,
            Path folder,
            double limitSeconds,
            JmhJob.@Nullable Timing timing,
            int rounds,
            String command) {

        private static final double THINNED_LIMIT_SECONDS = 38 * 60;

        static Arguments of(String[] arguments) {
            Plan.Size size = null;
            String group = null;
            Path folder = null;
            double limit = Double.NaN;
            JmhJob.Timing timing = null;
            int rounds = 3;
            // What else decides what is measured, as make takes it.
            List<String> how = new ArrayList<>();
            for (String argument : arguments) {
                String value = argument.substring(argument.indexOf('=') + 1);
                if (argument.equals("thinned") || argument.equals("full")) {
                    size = Plan.Size.valueOf(argument.toUpperCase(Locale.ROOT));
                } else if (argument.startsWith("row=")) {
                    group = value;
                } else if (argument.startsWith("folder=")) {
                    folder = Path.of(value);
                } else if (argument.startsWith("minutes=")) {
                    limit = Double.parseDouble(value) * 60;
                } else if (argument.startsWith("rounds=")) {
                    rounds = Integer.parseInt(value);
                    how.add(argument);
                } else if (argument.startsWith("timing=")) {
                    timing = JmhJob.Timing.parse(value);
                    how.add(argument);
                } else {
                    throw new IllegalArgumentException(
                            "argument \"" + argument
                                    + "\": expected thinned or full, then row=GROUP, folder=FOLDER, minutes=NUMBER, rounds=NUMBER");
                }
            }
            if (size == null) {
                throw new IllegalArgumentException("expected thinned or full as the first argument");
            }
            if (Double.isNaN(limit)) {
                limit = size == Plan.Size.THINNED ? THINNED_LIMIT_SECONDS : Double.MAX_VALUE;
            }
            if (folder == null) {
                String date = java.time.LocalDate.now(java.time.ZoneOffset.UTC).toString();
                folder = Path.of(
                        "benchmarks",
                        "results",
                        date
                                + '-'
                                + Environment.slug()
                                + (size == Plan.Size.FULL ? "-full" : "")
                                + (group == null ? "" : '-' + group));
            }
            String command =
                    "make bench" + (size == Plan.Size.FULL ? "-full" : "") + (group == null ? "" : " ROW=" + group)
                            + (how.isEmpty() ? "" : " ARGS='" + String.join(" ", how) + '\'');
            return new Arguments(size, group, folder, limit, timing, rounds, command);
        }
    }
}
