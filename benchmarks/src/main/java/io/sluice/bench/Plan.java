package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.JmhJob.Timing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
    private final List<Job> jobs = new ArrayList<>();

    private Plan(Size size, @Nullable Timing timing, int rounds) {
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
        if (group != null && !GROUPS.contains(group)) {
            throw new IllegalArgumentException(
                    "row \"" + group + "\": there is no such group; choose one of " + String.join(", ", GROUPS));
        }
        Plan plan = new Plan(size, timing, rounds);
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
            default -> {}
        }
    }

    private void crossing() {
        jobs.add(tuned(new JmhJob("crossing", "empty native method", "jni", CrossingBenchmark.class, "emptyNative")));
        for (String row : List.of(
                "noop", "add", "native-import", "java-import", "bytes-64", "bytes-1k", "bytes-64k", "bytes-1m")) {
            for (String contestant : callers(row.equals("noop") || row.equals("java-import"))) {
                if (row.equals("native-import") && !contestant.startsWith("sluice")) {
                    continue;
                }
                if (size == Size.THINNED && row.equals("bytes-64k")) {
                    continue;
                }
                jobs.add(call("crossing", row, contestant));
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

    private void request() {
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
