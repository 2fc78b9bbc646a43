package io.sluice.bench;

import io.sluice.plugin.CodeTier;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures how soon a plugin answers: from its bytes, from the cache, in a new JVM, and how long until its optimised code serves; and what
 * a running plugin notices of others that are loaded.
 *
 * <p>A row that needs a plugin of 16 MB is skipped, and says so, unless the variable {@code SLUICE_BENCH_BIG} names its file. Arguments:
 * the JSON file to write, and {@code short} to leave the running plugin out. Every answer is checked.
 */
public final class ColdBench {
    private static final String BIG = "SLUICE_BENCH_BIG";
    private static final byte[] QUERY = "delete from t".getBytes(StandardCharsets.UTF_8);
    private static final String ANSWER = "no where clause";
    private static final PluginConfig CONFIG = PluginConfig.of("cold");

    /** A plugin, and how often what takes long is measured with it. */
    private record Subject(String name, Path file, int rounds) {}

    /** The samples of one row in nanoseconds, in the order of time. */
    private static final class Row {
        final String subject;
        final String what;
        final long[] nanos;

        Row(String subject, String what, long[] nanos) {
            this.subject = subject;
            this.what = what;
            this.nanos = nanos;
        }

        double micros(double quantile) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return sorted[(int) Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] / 1e3;
        }
    }

    private static final List<Row> ROWS = new ArrayList<>();

    private ColdBench() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3 && arguments[0].equals("child")) {
            answerOnce(Path.of(arguments[1]), Path.of(arguments[2]));
            return;
        }
        Path json = Path.of(arguments.length > 0 ? arguments[0] : "benchmarks/target/bench-cold.json");
        OtherLoad others = new OtherLoad();
        System.out.printf(
                "plugins refuse a DELETE without WHERE; JDK %s, %d processors, every setting at its default%n",
                Runtime.version(), Runtime.getRuntime().availableProcessors());
        System.out.printf(
                Locale.ROOT, "%n%-34s %12s %12s %12s %8s   (ms)%n", "", "median", "90 %", "smallest", "samples");
        for (Subject subject : subjects()) {
            measure(subject);
        }
        if (arguments.length < 2 || !arguments[1].equals("short")) {
            measureNeighbours(guest("go/reject_without_where"));
        }
        write(json);
        System.out.printf("%nwrote %s%n", json);
        others.processors()
                .ifPresent(busy ->
                        System.out.printf(Locale.ROOT, "other work kept %.2f processors busy meanwhile%n", busy));
    }

    private static List<Subject> subjects() {
        List<Subject> subjects = new ArrayList<>();
        subjects.add(new Subject("11 KB, Rust", guest("rust/reject_without_where"), 5));
        subjects.add(new Subject("97 KB, Java", guest("java/reject_without_where"), 5));
        subjects.add(new Subject("1.9 MB, Go", guest("go/reject_without_where"), 3));
        String big = System.getenv(BIG);
        if (big == null) {
            System.out.printf("%nTHE ROWS OF A 16 MB PLUGIN ARE SKIPPED: let %s name its file%n", BIG);
        } else {
            subjects.add(new Subject("16 MB, Go", Path.of(big), 1));
        }
        return subjects;
    }

    private static Path guest(String guest) {
        Path root = Files.isDirectory(Path.of("plugins-test")) ? Path.of("") : Path.of("..");
        return root.resolve("plugins-test/guests")
                .resolve(guest)
                .resolve(Path.of(guest).getFileName() + ".wasm");
    }

    private static void measure(Subject subject) throws Exception {
        PluginSource source = PluginSource.bytes(Files.readAllBytes(subject.file));
        Path temporary = Files.createTempDirectory("sluice-bench-cold");
        Path folder = temporary.resolve("cache");
        List<Long> quick = new ArrayList<>();
        List<Long> tierUp = new ArrayList<>();
        List<Row> requests = new ArrayList<>();
        for (int i = 0; i < subject.rounds; i++) {
            try (PluginHost host = PluginHost.create()) {
                long start = System.nanoTime();
                try (Plugin plugin = host.load(CONFIG, source)) {
                    quick.add(ask(plugin) - start);
                    boolean tiered = plugin.status().codeTier() == CodeTier.QUICK;
                    if (tiered && i == 0) {
                        requests.add(requestRow(subject, "a request on quick code", plugin));
                    }
                    awaitOptimised(plugin);
                    if (tiered) {
                        tierUp.add(System.nanoTime() - start);
                    }
                    if (i == 0) {
                        requests.add(requestRow(subject, "a request on optimised code", plugin));
                    }
                }
            }
        }
        report(row(subject, "bytes to first answer", quick));
        if (!tierUp.isEmpty()) {
            report(row(subject, "bytes to optimised code serving", tierUp));
        }
        List<Long> optimised = new ArrayList<>();
        for (int i = 0; i < subject.rounds; i++) {
            try (PluginHost host = PluginHost.builder()
                    .optimiserThreads(0)
                    .cacheFolder(i == 0 ? folder : folder.resolveSibling("unused" + i))
                    .build()) {
                optimised.add(firstAnswer(host, source));
            }
        }
        report(row(subject, "bytes to optimised first answer", optimised));
        requests.forEach(ColdBench::report);
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build()) {
            int samples = 40;
            for (int i = 0; i < samples; i++) {
                firstAnswer(host, source);
            }
            report(row(subject, "cache to first answer, warm JVM", sample(samples, () -> firstAnswer(host, source))));
        }
        report(row(subject, "new JVM to first answer", sample(10, () -> newJvm(folder, subject.file))));
        delete(temporary);
    }

    private static void awaitOptimised(Plugin plugin) throws InterruptedException {
        while (plugin.status().codeTier() != CodeTier.OPTIMISED) {
            if (plugin.status().codeDetail().contains("cannot be had")) {
                throw new IllegalStateException(plugin.status().codeDetail());
            }
            Thread.sleep(1);
        }
    }

    /** Returns when the answer was there: what the end of the lease does, the caller's answer does not wait for. */
    private static long ask(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            if (!lease.errorText().equals(ANSWER)) {
                throw new IllegalStateException("a plugin answered \"" + lease.errorText() + "\"");
            }
            return System.nanoTime();
        }
    }

    private static long firstAnswer(PluginHost host, PluginSource source) {
        long start = System.nanoTime();
        try (Plugin plugin = host.load(CONFIG, source)) {
            return ask(plugin) - start;
        }
    }

    /** One after another, each with the making of the next instance. */
    private static Row requestRow(Subject subject, String what, Plugin plugin) {
        for (int i = 0; i < 200; i++) {
            ask(plugin);
        }
        return row(subject, what, sample(300, () -> {
            long start = System.nanoTime();
            ask(plugin);
            return System.nanoTime() - start;
        }));
    }

    /** From the start of a process to the line that it prints when the plugin has answered. */
    private static long newJvm(Path folder, Path file) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("sluice."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ColdBench.class.getName()));
        command.addAll(List.of("child", folder.toString(), file.toString()));
        try {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                String line = reader.readLine();
                long nanos = System.nanoTime() - start;
                if (process.waitFor() != 0 || !"answered from the cache".equals(line)) {
                    throw new IllegalStateException("the new JVM printed \"" + line + "\"");
                }
                return nanos;
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("no new JVM", e);
        }
    }

    private static void answerOnce(Path folder, Path file) {
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, PluginSource.file(file))) {
            ask(plugin);
            System.out.println(plugin.status().fromCache() ? "answered from the cache" : "answered from its bytes");
        }
    }

    /** A small plugin asked a thousand times a second: alone, and while twenty large ones are loaded and optimised. */
    private static void measureNeighbours(Path large) throws Exception {
        PluginSource source = PluginSource.bytes(Files.readAllBytes(large));
        Subject subject = new Subject("11 KB, Rust", guest("rust/reject_without_where"), 1);
        try (PluginHost host = PluginHost.create();
                Plugin running = host.load(CONFIG.withName("running"), PluginSource.file(subject.file))) {
            paced(running, 2_000);
            reportTail(row(subject, "paced request, alone", paced(running, 10_000)));
            List<Plugin> others = new ArrayList<>();
            Thread loading = new Thread(() -> {
                for (int i = 0; i < 20; i++) {
                    others.add(host.load(CONFIG.withName("large" + i), source));
                }
            });
            loading.start();
            List<Long> whileLoading = new ArrayList<>();
            while (loading.isAlive()) {
                whileLoading.addAll(paced(running, 1_000));
            }
            loading.join();
            reportTail(row(subject, "…while 20 of 1.9 MB are loaded", whileLoading));
            reportTail(row(subject, "…while they are optimised", paced(running, 20_000)));
            if (others.get(19).status().codeTier() != CodeTier.QUICK) {
                throw new IllegalStateException("the plugins were optimised before the measurement ended");
            }
        }
    }

    /** Latencies from the moment at which each request was due. */
    private static List<Long> paced(Plugin plugin, int requests) {
        List<Long> nanos = new ArrayList<>(requests);
        long due = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            due += 1_000_000;
            long left = due - System.nanoTime();
            if (left > 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(left);
            }
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            ask(plugin);
            nanos.add(System.nanoTime() - due);
        }
        return nanos;
    }

    private static List<Long> sample(int samples, LongSupplier nanos) {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            all.add(nanos.getAsLong());
        }
        return all;
    }

    private static Row row(Subject subject, String what, List<Long> nanos) {
        return new Row(
                subject.name, what, nanos.stream().mapToLong(Long::longValue).toArray());
    }

    private static void report(Row row) {
        printName(row);
        System.out.printf(
                Locale.ROOT,
                "%12.3f %12.3f %12.3f %8d%n",
                row.micros(0.5) / 1e3,
                row.micros(0.9) / 1e3,
                row.micros(0) / 1e3,
                row.nanos.length);
    }

    private static void reportTail(Row row) {
        printName(row);
        System.out.printf(
                Locale.ROOT,
                "%9.1f µs p50 %9.1f p99 %9.1f p99.9 %9.1f max %8d%n",
                row.micros(0.5),
                row.micros(0.99),
                row.micros(0.999),
                row.micros(1),
                row.nanos.length);
    }

    private static void printName(Row row) {
        boolean first = ROWS.stream().noneMatch(other -> other.subject.equals(row.subject))
                || row.what.equals("paced request, alone");
        if (first) {
            System.out.printf("%n%s%n", row.subject);
        }
        ROWS.add(row);
        System.out.printf("  %-32s", row.what);
    }

    private static void write(Path json) throws IOException {
        String rows = ROWS.stream()
                .map(row -> String.format(
                        Locale.ROOT,
                        "  {\"plugin\": \"%s\", \"row\": \"%s\", \"nanos\": %s}",
                        row.subject,
                        row.what,
                        Arrays.toString(row.nanos)))
                .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
        Path parent = json.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(json, rows);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
