package io.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures of a run of {@link GatewayBench}: raw, as a report of medians, and held against the targets. */
final class GatewayResults {
    private static final double MICROS = 1000.0;

    /** One contestant in one round. */
    private record Row(
            String contestant,
            String what,
            int connections,
            double perSecond,
            double p50,
            double p99,
            double p999,
            double cpuPerThousand,
            long residentKib,
            int errors) {}

    private record Stream(String contestant, double bytesPerSecond, long grownKib) {}

    private record Target(String name, double value, double limit, boolean atLeast, String unit) {
        boolean met() {
            return atLeast ? value >= limit : value <= limit;
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private final List<Stream> streams = new ArrayList<>();
    private double idleKib = Double.NaN;
    private int idleCount;

    void add(
            String contestant,
            String what,
            int connections,
            List<long[]> nanos,
            double seconds,
            double cpuSeconds,
            long residentKib,
            int errors) {
        long[] all = nanos.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        rows.add(new Row(
                contestant,
                what,
                connections,
                all.length / seconds,
                at(all, 0.5),
                at(all, 0.99),
                at(all, 0.999),
                1000 * cpuSeconds / all.length,
                residentKib,
                errors));
    }

    private static double at(long[] sorted, double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / MICROS;
    }

    void stream(String contestant, double bytesPerSecond, long grownKib) {
        streams.add(new Stream(contestant, bytesPerSecond, grownKib));
    }

    void idle(int count, long grownKib) {
        idleCount = count;
        idleKib = (double) grownKib / count;
    }

    private double median(String contestant, String what, int connections, ToDoubleFunction<Row> value) {
        double[] values = rows.stream()
                .filter(row -> row.contestant().equals(contestant)
                        && row.what().equals(what)
                        && row.connections() == connections)
                .mapToDouble(value)
                .sorted()
                .toArray();
        return median(values);
    }

    private static double median(double[] sorted) {
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    private List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        double direct = median("direct", "point", 1, Row::p50);
        double none = median("gateway", "point", 1, Row::p50);
        double haproxy = median("haproxy", "point", 1, Row::p50);
        double noneCpu = median("gateway", "point", 64, Row::cpuPerThousand);
        targets.add(new Target(
                "latency that passing through adds at p50, 1 connection, in HAProxy's",
                (none - direct) / (haproxy - direct),
                2,
                false,
                "x"));
        targets.add(new Target(
                "CPU of a query, 64 connections, in HAProxy's",
                noneCpu / median("haproxy", "point", 64, Row::cpuPerThousand),
                1.5,
                false,
                "x"));
        targets.add(new Target(
                "CPU of a query, 64 connections, in ShardingSphere-Proxy's",
                noneCpu / median("shardingsphere", "point", 64, Row::cpuPerThousand),
                1.0 / 3,
                false,
                "x"));
        targets.add(new Target(
                "CPU of a query with 5 filters that do not match, 64 connections, in that with none",
                median("gateway, 5 filters that do not match", "point", 64, Row::cpuPerThousand) / noneCpu,
                1.1,
                false,
                "x"));
        targets.add(new Target(
                "latency that a C plugin which matches adds at p50, 1 connection",
                median("gateway, reject-without-WHERE in C", "point", 1, Row::p50) - none,
                5,
                false,
                "us"));
        double directStream = streamed("direct");
        targets.add(new Target(
                "speed of a large result, of the direct speed", streamed("gateway") / directStream, 0.8, true, "x"));
        targets.add(new Target(
                "resident memory that a large result adds to a gateway with 64 MiB of heap",
                streams.stream().mapToLong(Stream::grownKib).max().orElse(0) / 1024.0,
                64,
                false,
                "MiB"));
        targets.add(new Target("memory of each of " + idleCount + " idle connections", idleKib, 40, false, "KiB"));
        return targets;
    }

    private double streamed(String contestant) {
        return median(streams.stream()
                .filter(stream -> stream.contestant().equals(contestant))
                .mapToDouble(Stream::bytesPerSecond)
                .sorted()
                .toArray());
    }

    void write(Path folder, Map<String, String> options) throws IOException {
        Files.createDirectories(folder);
        List<String> raw = new ArrayList<>(
                List.of(
                        "contestant,what,connections,queries_per_second,p50_us,p99_us,p999_us,cpu_seconds_per_1000,resident_kib,errors"));
        for (Row row : rows) {
            raw.add(String.format(
                    Locale.ROOT,
                    "\"%s\",%s,%d,%.1f,%.1f,%.1f,%.1f,%.5f,%d,%d",
                    row.contestant(),
                    row.what(),
                    row.connections(),
                    row.perSecond(),
                    row.p50(),
                    row.p99(),
                    row.p999(),
                    row.cpuPerThousand(),
                    row.residentKib(),
                    row.errors()));
        }
        Files.write(folder.resolve("raw.csv"), raw);
        Files.write(folder.resolve("summary.json"), summary(options));
        Files.write(folder.resolve("report.md"), report(options));
    }

    private List<String> summary(Map<String, String> options) {
        List<String> lines = new ArrayList<>(List.of("{"));
        lines.add("  \"rounds\": " + options.getOrDefault("rounds", "5") + ",");
        lines.add("  \"seconds_each\": " + options.getOrDefault("seconds", "5") + ",");
        lines.add("  \"targets\": [");
        List<Target> targets = targets();
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            boolean known = !Double.isNaN(target.value());
            lines.add(String.format(
                    Locale.ROOT,
                    "    {\"name\": \"%s\", \"value\": %s, \"unit\": \"%s\", \"%s\": %.3f, \"met\": %s}%s",
                    target.name(),
                    known ? String.format(Locale.ROOT, "%.3f", target.value()) : "null",
                    target.unit(),
                    target.atLeast() ? "at_least" : "at_most",
                    target.limit(),
                    known ? String.valueOf(target.met()) : "null",
                    i + 1 < targets.size() ? "," : ""));
        }
        lines.addAll(List.of("  ]", "}"));
        return lines;
    }

    private List<String> report(Map<String, String> options) {
        List<String> lines = new ArrayList<>(List.of(
                "# The gateway beside direct connections and its rivals",
                "",
                "Medians of " + options.getOrDefault("rounds", "5") + " interleaved rounds of "
                        + options.getOrDefault("seconds", "5")
                        + " s for each row after a warm-up; clients, server and what is measured share one machine. "
                        + options.getOrDefault("machine", ""),
                "",
                "| target | value | limit | met |",
                "|---|---:|---:|---|"));
        for (Target target : targets()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %.3f %s | %s %.3f | %s |",
                    target.name(),
                    target.value(),
                    target.unit(),
                    target.atLeast() ? "at least" : "at most",
                    target.limit(),
                    Double.isNaN(target.value()) ? "not measured" : target.met() ? "yes" : "no"));
        }
        lines.addAll(List.of(
                "",
                "| contestant | query | connections | queries/s | p50 us | p99 us | p99.9 us | CPU s per 1,000 | resident MiB | errors |",
                "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"));
        Map<String, Row> kinds = new LinkedHashMap<>();
        rows.stream()
                .sorted((a, b) -> (a.what() + a.connections()).equals(b.what() + b.connections())
                        ? a.contestant().compareTo(b.contestant())
                        : a.what().equals(b.what())
                                ? Integer.compare(a.connections(), b.connections())
                                : a.what().compareTo(b.what()))
                .forEach(row -> kinds.putIfAbsent(row.contestant() + row.what() + row.connections(), row));
        for (Row kind : kinds.values()) {
            ToDoubleFunction<ToDoubleFunction<Row>> of =
                    value -> median(kind.contestant(), kind.what(), kind.connections(), value);
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %.0f | %.1f | %.1f | %.1f | %.4f | %.0f | %.0f |",
                    kind.contestant(),
                    kind.what(),
                    kind.connections(),
                    of.applyAsDouble(Row::perSecond),
                    of.applyAsDouble(Row::p50),
                    of.applyAsDouble(Row::p99),
                    of.applyAsDouble(Row::p999),
                    of.applyAsDouble(Row::cpuPerThousand),
                    of.applyAsDouble(Row::residentKib) / 1024,
                    of.applyAsDouble(Row::errors)));
        }
        lines.addAll(List.of("", "| large result through | MB/s |", "|---|---:|"));
        for (String contestant : List.of("direct", "gateway")) {
            lines.add(String.format(Locale.ROOT, "| %s | %.0f |", contestant, streamed(contestant) / 1e6));
        }
        return lines;
    }
}
