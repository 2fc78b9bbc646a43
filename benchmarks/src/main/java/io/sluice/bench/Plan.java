package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.JmhJob.Timing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is measured: the jobs of a size, group by group. */
final class Plan {

    /** How much of it. */
    enum Size {
        /** A thinned grid for two processors and forty minutes. */
        THINNED,
        /** Every row with every contestant. */
        FULL
    }

    static final List<String> GROUPS =
            List.of("crossing", "request", "chain", "real", "compute", "isolation", "cold", "scale", "tail", "failure");

    static final List<String> REQUEST_ROWS_THINNED = List.of("pass-100", "reject-4k", "reject-1m");

    private final Size size;
    private final @Nullable Timing timing;
    private final int rounds;
    private final Function<PluginGuest, String> missingGuests;
    private final List<Job> jobs = new ArrayList<>();

    private Plan(Size size, @Nullable Timing timing, int rounds, Function<PluginGuest, String> missingGuests) {
        this.missingGuests = missingGuests;
        this.size = size;
        this.timing = timing;
        this.rounds = rounds;
    }

    /**
     * @param group null: all of them
     * @param timing null: each cell's own
     * @throws IllegalArgumentException if there is no such group
     */
    static List<Job> jobs(Size size, @Nullable String group, @Nullable Timing timing, int rounds) {
        return jobs(size, group, timing, rounds, PluginGuest::missing);
    }

    /**
     * @param missingGuests says why a plugin of real size cannot be had; nothing if it can
     */
    static List<Job> jobs(
            Size size,
            @Nullable String group,
            @Nullable Timing timing,
            int rounds,
            Function<PluginGuest, String> missingGuests) {
        if (group != null && !GROUPS.contains(group)) {
            throw new IllegalArgumentException(
                    "row \"" + group + "\": there is no such group; choose one of " + String.join(", ", GROUPS));
        }
        Plan plan = new Plan(size, timing, rounds, missingGuests);
        for (String name : group == null ? GROUPS : List.of(group)) {
            plan.add(name);
        }
        return plan.jobs;
    }

    /** How long all of it takes on an idle machine. */
    static double plannedSeconds(List<Job> jobs) {
        return jobs.stream()
                .mapToDouble(job -> job.rounds() * job.plannedSeconds())
                .sum();
    }

    static String describe(List<Job> jobs) {
        String groups = jobs.stream()
                .collect(Collectors.groupingBy(
                        Job::group,
                        java.util.LinkedHashMap::new,
                        Collectors.summingDouble(job -> job.rounds() * job.plannedSeconds())))
                .entrySet()
                .stream()
                .map(entry -> String.format(Locale.ROOT, "%s %.1f", entry.getKey(), entry.getValue() / 60))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "planned: %d jobs, %d forks, %.1f minutes on an idle machine (%s)",
                jobs.size(),
                jobs.stream().mapToInt(Job::rounds).sum(),
                plannedSeconds(jobs) / 60,
                groups);
    }

    private void add(String group) {
        switch (group) {
            case "crossing" -> crossing();
            case "request" -> request();
            case "compute" -> compute();
            case "real" -> real();
            case "chain" -> chain();
            case "scale" -> scale();
            case "isolation" -> isolation();
            case "cold" -> cold();
            case "tail" -> tail();
            case "failure" -> failure();
            default -> throw new IllegalArgumentException("group \"" + group + "\": there is none of that name");
        }
    }

    private boolean isTiny() {
        return timing != null;
    }

    private void chain() {
        List<String> contestants = size == Size.FULL
                ? List.of(Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST)
                : List.of(Contestants.SLUICE_POOLED);
        jobs.add(tuned(
                new JmhJob("chain", "the raw call", Contestants.SLUICE_POOLED, WescaleCallBenchmark.class, "pass")));
        for (String contestant : contestants) {
            for (int filters : new int[] {0, 1, 5, 20}) {
                jobs.add(chain(filters + " filters", contestant, "chain", filters));
                jobs.add(chain(filters + " filters in front of H2", contestant, "jdbc", filters));
            }
            for (int rows : new int[] {1, 100, 10_000}) {
                jobs.add(chain("mask_columns, rows: " + rows, contestant, "mask", rows)
                        .opensIn(3));
            }
        }
    }

    private JmhJob chain(String row, String contestant, String method, int count) {
        return tuned(new JmhJob("chain", row, contestant, ChainBenchmark.class, method)
                .with("contestant", contestant)
                .with("count", Integer.toString(count)));
    }

    private void scale() {
        List<String> contestants = List.of(
                Contestants.JAVA,
                Contestants.SLUICE_POOLED,
                Contestants.SLUICE_PER_REQUEST,
                Contestants.CHICORY_COMPILED);
        for (int threads : size == Size.FULL ? new int[] {1, 2, 4, 16} : new int[] {1, 2, 4}) {
            for (String contestant : contestants) {
                if (size == Size.FULL || threads <= 2 || contestant.startsWith("sluice")) {
                    jobs.add(scale(threads, contestant, 1, false));
                }
            }
        }
        for (String contestant : List.of(Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST)) {
            jobs.add(scale(2, contestant, 1, true));
            for (int plugins : size == Size.FULL ? new int[] {100, 1000} : new int[] {100}) {
                jobs.add(scale(1, contestant, plugins, false));
            }
        }
    }

    private JmhJob scale(int threads, String contestant, int plugins, boolean virtual) {
        String way = contestant.equals(Contestants.SLUICE_PER_REQUEST) ? "per request" : "pooled";
        String row = (threads == 1 ? "1 thread" : threads + " threads")
                + (virtual ? ", virtual" : "")
                + (plugins == 1 ? "" : ", " + plugins + " plugins")
                + ", "
                + way;
        JmhJob job = tuned(new JmhJob("scale", row, contestant, ScaleBenchmark.class, "request")
                .with("contestant", contestant)
                .with("plugins", Integer.toString(plugins))
                .threads(threads)
                .opensIn(plugins / 100.0));
        return virtual ? job.jvmArgs("-Djmh.executor=VIRTUAL") : job;
    }

    private void isolation() {
        jobs.add(new ProgramJob(
                "isolation",
                "latency and processor time",
                FullBench.class,
                List.of("row=isolation", isTiny() ? "200" : size == Size.FULL ? "20000" : "4000", "%file"),
                ProgramRows::isolation,
                isTiny() ? 10 : size == Size.FULL ? 90 : 45,
                Math.min(rounds, 2),
                Contestants.jvmArgs(null)));
        jobs.add(new ProgramJob(
                "isolation",
                "memory of idle instances",
                MemoryProgram.class,
                List.of("%file"),
                ProgramRows::memory,
                7,
                Math.min(rounds, 2),
                Contestants.jvmArgs(null)));
    }

    private void cold() {
        jobs.add(new ProgramJob(
                "cold",
                "Sluice's plugins",
                ColdBench.class,
                size == Size.FULL ? List.of("%file") : List.of("%file", "short"),
                ProgramRows::cold,
                size == Size.FULL ? 140 : 75,
                size == Size.FULL ? rounds : 1,
                Contestants.jvmArgs(null)));
        for (String contestant : Contestants.ALL) {
            if (!contestant.endsWith("unmetered") && !contestant.equals(Contestants.CHICORY_CAPPED)) {
                jobs.add(new ProgramJob(
                        "cold",
                        "first answers of " + contestant,
                        ColdProgram.class,
                        List.of(contestant, "%file"),
                        json -> ProgramRows.cold(contestant, json),
                        3,
                        rounds,
                        Contestants.jvmArgs(contestant)));
            }
        }
    }

    private void tail() {
        String seconds = isTiny() ? "0.2" : size == Size.FULL ? "10" : "2";
        for (String collector : List.of("G1", "ZGC")) {
            for (String beside : List.of("alone", "neighbour")) {
                if (size == Size.THINNED && collector.equals("ZGC") && beside.equals("alone")) {
                    continue;
                }
                for (String contestant : List.of(
                        Contestants.JAVA,
                        Contestants.SLUICE_POOLED,
                        Contestants.SLUICE_PER_REQUEST,
                        Contestants.CHICORY_COMPILED)) {
                    List<String> jvmArgs = new ArrayList<>(Contestants.jvmArgs(contestant));
                    jvmArgs.add(collector.equals("G1") ? "-XX:+UseG1GC" : "-XX:+UseZGC");
                    String row = "half of saturation, " + collector + ", "
                            + (beside.equals("alone") ? "alone" : "beside an allocating neighbour");
                    jobs.add(new ProgramJob(
                            "tail",
                            row + ", " + contestant,
                            TailProgram.class,
                            List.of(contestant, beside, seconds, "%file"),
                            json -> ProgramRows.tail(row, contestant, json),
                            Double.parseDouble(seconds) * 2.25 + 1.2,
                            size == Size.FULL ? rounds : Math.min(rounds, 2),
                            jvmArgs));
                }
            }
        }
    }

    private void failure() {
        jobs.add(new ProgramJob(
                "failure",
                "traps",
                FullBench.class,
                List.of("row=traps", isTiny() ? "100" : size == Size.FULL ? "20000" : "5000", "%file"),
                ProgramRows::traps,
                isTiny() ? 15 : 25,
                Math.min(rounds, 2),
                Contestants.jvmArgs(null)));
        jobs.add(new ProgramJob(
                "failure",
                "deadlines",
                FullBench.class,
                List.of("row=deadline", isTiny() ? "2" : size == Size.FULL ? "200" : "100", "%file"),
                ProgramRows::deadlines,
                isTiny() ? 15 : 40,
                1,
                Contestants.jvmArgs(null)));
    }

    private void crossing() {
        floor("crossing");
        jobs.add(tuned(new JmhJob("crossing", "empty native method", "jni", CrossingBenchmark.class, "emptyNative")));
        for (String row : List.of(
                "noop", "add", "native-import", "java-import", "bytes-64", "bytes-1k", "bytes-64k", "bytes-1m")) {
            for (String contestant : callers(row.equals("noop") || row.equals("java-import"))) {
                if (row.equals("native-import") && !contestant.startsWith("sluice")) {
                    continue;
                }
                boolean few = row.equals("noop") || row.equals("java-import") || row.equals("bytes-64");
                boolean far = contestant.startsWith("graalwasm") || contestant.equals(Contestants.WASMTIME_JAVA);
                if (size == Size.THINNED && (row.equals("bytes-64k") || (far && !few))) {
                    continue;
                }
                JmhJob job = call("crossing", row, contestant);
                if (size == Size.THINNED && !row.equals("noop")) {
                    job.rounds(Math.min(rounds, 2));
                }
                jobs.add(job);
            }
        }
    }

    /** Who calls functions; in the thinned grid the interpreters and the unmetered do so only where {@code all}. */
    private List<String> callers(boolean all) {
        return Contestants.names(InstanceUse.REUSED).stream()
                .filter(name -> all || size == Size.FULL || !name.endsWith("interpreted"))
                .filter(name -> size == Size.FULL || !name.endsWith("unmetered"))
                .toList();
    }

    private void compute() {
        for (String row : Workloads.COMPUTE.keySet()) {
            for (String contestant : Contestants.names(InstanceUse.REUSED)) {
                boolean few = row.equals("fib") || row.equals("fnv");
                boolean rival = contestant.startsWith("graalwasm") || contestant.equals(Contestants.WASMTIME_JAVA);
                if (size == Size.THINNED && (contestant.endsWith("interpreted") || (rival && !few))) {
                    continue;
                }
                jobs.add(call("compute", row, contestant));
            }
        }
    }

    private JmhJob call(String group, String row, String contestant) {
        return tuned(new JmhJob(group, row, contestant, CallBenchmark.class, "call")
                .with("contestant", contestant)
                .with("row", row)
                .timing(timingOf(contestant)));
    }

    /** What the same takes without a JVM. */
    private void floor(String group) {
        jobs.add(new FloorJob(group, isTiny() ? 2 : 150, rounds));
    }

    private void request() {
        floor("request");
        for (InstanceUse use : InstanceUse.values()) {
            for (String contestant : Contestants.names(use)) {
                jobs.add(request("request", PluginGuest.C, "reject-100", use, contestant));
            }
        }
        for (String query : REQUEST_ROWS_THINNED) {
            for (String contestant : size == Size.FULL
                    ? Contestants.names(InstanceUse.REUSED)
                    : List.of(Contestants.JAVA, Contestants.SLUICE_POOLED, Contestants.CHICORY_COMPILED)) {
                jobs.add(request("request", PluginGuest.C, query, InstanceUse.REUSED, contestant));
            }
        }
        for (PluginGuest guest : List.of(
                PluginGuest.RUST, PluginGuest.ASSEMBLYSCRIPT, PluginGuest.GO, PluginGuest.JAVA, PluginGuest.WAT)) {
            for (InstanceUse use : InstanceUse.values()) {
                for (String contestant : Contestants.names(use)) {
                    if (takesPart(guest, use, contestant)) {
                        jobs.add(request("request", guest, "reject-100", use, contestant));
                    }
                }
            }
        }
    }

    private boolean takesPart(PluginGuest guest, InstanceUse use, String contestant) {
        if (size == Size.FULL) {
            return true;
        }
        boolean ours = contestant.startsWith("sluice");
        if (use == InstanceUse.FRESH) {
            return guest == PluginGuest.WAT && (ours || contestant.equals(Contestants.CHICORY_COMPILED));
        }
        return ours
                || contestant.equals(Contestants.CHICORY_COMPILED)
                || (guest == PluginGuest.WAT && contestant.equals(Contestants.JAVA));
    }

    private void real() {
        for (PluginGuest guest : PluginGuest.values()) {
            if (!guest.isRealSize()) {
                continue;
            }
            String missing = missingGuests.apply(guest);
            if (!missing.isEmpty()) {
                jobs.add(
                        new MissingJob("real", guest.key() + " reject-100 reused", Contestants.SLUICE_POOLED, missing));
                jobs.add(new MissingJob(
                        "real", guest.key() + " reject-100 fresh", Contestants.SLUICE_PER_REQUEST, missing));
                continue;
            }
            for (InstanceUse use : InstanceUse.values()) {
                for (String contestant : Contestants.names(use)) {
                    boolean slow = contestant.endsWith("interpreted") || contestant.equals(Contestants.CHICORY_CAPPED);
                    if (contestant.equals(Contestants.JAVA) || (slow && size == Size.THINNED)) {
                        continue;
                    }
                    JmhJob job = request("real", guest, "reject-100", use, contestant);
                    job.jvmArgs("-Xmx3g");
                    if (size == Size.THINNED) {
                        job.rounds(Math.min(rounds, 2));
                    }
                    jobs.add(job);
                }
            }
        }
    }

    private JmhJob request(String group, PluginGuest guest, String query, InstanceUse use, String contestant) {
        String way = use.name().toLowerCase(Locale.ROOT);
        String row = guest.key() + ' ' + query + ' ' + way;
        double opening = opening(guest, contestant);
        return tuned(new JmhJob(group, row, contestant, RequestBenchmark.class, way)
                .with("contestant", contestant)
                .with("guest", guest.key())
                .with("query", query)
                .timing(timingOf(contestant))
                .opensIn(opening));
    }

    /** Compiling and checking, in seconds, on an idle machine. */
    private static double opening(PluginGuest guest, String contestant) {
        if (guest.isRealSize()) {
            if (contestant.startsWith("sluice")) {
                // Compiled before the first fork, for all of them.
                return guest == PluginGuest.JS_SQLPARSER ? 3 : 1.5;
            }
            return guest == PluginGuest.GO_SQLPARSER ? 14 : contestant.startsWith("chicory") ? 7 : 3.5;
        }
        if (guest != PluginGuest.GO && guest != PluginGuest.JAVA) {
            return contestant.endsWith("interpreted") ? 0.8 : 0.3;
        }
        boolean large = guest == PluginGuest.GO;
        return contestant.startsWith("sluice") ? (large ? 3 : 1) : (large ? 4 : 1.5);
    }

    private static Timing timingOf(String contestant) {
        return contestant.equals(Contestants.GRAALWASM_COMPILED) ? Timing.SLOW : Timing.USUAL;
    }

    private JmhJob tuned(JmhJob job) {
        job.rounds(rounds);
        // What is far behind need not be known so exactly.
        if (size == Size.THINNED
                && (job.contestant().contains("graalwasm")
                        || job.contestant().endsWith("interpreted")
                        || job.contestant().equals(Contestants.WASMTIME_JAVA))) {
            job.rounds(Math.min(rounds, 2));
        }
        return timing == null ? job : job.timing(timing);
    }

    /** Jobs in an order in which no contestant stands together. */
    static List<Job> interleaved(List<Job> jobs, int round) {
        List<Job> taking = new ArrayList<>(
                jobs.stream().filter(job -> round <= job.rounds()).toList());
        taking.sort(Comparator.comparingInt(job -> GROUPS.indexOf(job.group())));
        return taking;
    }
}
