package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import io.sluice.bench.Results.Cell;
import io.sluice.bench.Scores.Ratio;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The table of targets, each of its rows judged by a folder of results: {@code summary.json}, with a copy of the table beside it. */
final class Targets {

    static final String SUMMARY = "summary.json";
    static final String TABLE = "targets.md";
    /** What is said of targets that are missed. */
    static final String MISSED = "missed-targets.md";

    /** One judged row. Its fields are Gson's. */
    static final class Verdict {
        String by = "";
        String name = "";
        double value = Double.NaN;
        double smallest = Double.NaN;
        double largest = Double.NaN;
        String unit = "ratio";
        String limit = "";
        String stretch = "";
        /** {@code met}, {@code stretch met}, {@code missed} or {@code n/a}. */
        String met = "n/a";

        String reason = "";
        /** Of a missed one: what was tried, and the floor that forbids it. */
        String missed = "";
    }

    private final Results results;
    private final List<Verdict> verdicts = new ArrayList<>();

    private Targets(Results results) {
        this.results = results;
    }

    static List<Verdict> judge(Results results) {
        Targets targets = new Targets(results);
        targets.crossing();
        targets.request();
        targets.isolation();
        targets.realSize();
        targets.metering();
        targets.deadline();
        targets.cold();
        targets.scale();
        targets.chain();
        targets.tail();
        targets.memory();
        Map<String, String> texts = missedTexts();
        for (Verdict verdict : targets.verdicts) {
            if (verdict.met.equals("missed")) {
                verdict.missed = texts.getOrDefault(verdict.name, "nothing is written about it in " + MISSED + " yet");
            }
        }
        return targets.verdicts;
    }

    /** The file's paragraphs by the heading they stand under, which is a target's name. */
    static Map<String, String> missedTexts() {
        Map<String, String> texts = new LinkedHashMap<>();
        String name = "";
        for (String line : new String(resource(MISSED), UTF_8).lines().toList()) {
            if (line.startsWith("## ")) {
                name = line.substring(3).strip();
            } else if (!name.isEmpty() && !line.isBlank()) {
                texts.merge(name, line.strip(), (a, b) -> a + ' ' + b);
            }
        }
        return texts;
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(Targets.class.getResourceAsStream("/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + name + " could not be read", e);
        }
    }

    static void write(Path folder, List<Verdict> verdicts) throws IOException {
        String json = new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .serializeSpecialFloatingPointValues()
                .create()
                .toJson(verdicts);
        Files.writeString(folder.resolve(SUMMARY), json.replace(": NaN", ": null") + '\n');
        Files.write(folder.resolve(TABLE), resource(TABLE));
    }

    private void crossing() {
        atMost(
                "engine",
                "noop with all limits ÷ an empty native method",
                cell("crossing", "noop", Contestants.SLUICE_POOLED)
                        .over(cell("crossing", "empty native method", "jni")),
                3.6,
                2.6);
    }

    private void request() {
        Cell pooled = cell("request", "c reject-100 reused", Contestants.SLUICE_POOLED);
        atMost(
                "suite",
                "reject_without_where (C), pooled, all limits ÷ Chicory compiled",
                pooled.over(cell("request", "c reject-100 reused", Contestants.CHICORY_COMPILED)),
                1.25,
                1.15);
        atMost(
                "suite",
                "the same ÷ pure Java",
                pooled.over(cell("request", "c reject-100 reused", Contestants.JAVA)),
                3.2,
                2.9);
        atLeast(
                "suite",
                "wasmtime-java ÷ the same",
                cell("request", "c reject-100 reused", Contestants.WASMTIME_JAVA)
                        .over(pooled),
                60,
                Double.NaN);
        Cell fresh = cell("request", "c reject-100 fresh", Contestants.SLUICE_PER_REQUEST);
        Ratio againstChicory = nothing();
        String cheapest = "";
        // Its default is not its best: a cap on the memory makes its fresh instances cheaper.
        for (String chicory : List.of(Contestants.CHICORY_COMPILED, Contestants.CHICORY_CAPPED)) {
            Ratio ratio = fresh.over(cell("request", "c reject-100 fresh", chicory), CpuProfiler.METRIC);
            againstChicory = worse(againstChicory, ratio, true);
            cheapest = againstChicory.equals(ratio) ? chicory : cheapest;
        }
        atMost(
                "suite",
                "per request, CPU in all ÷ Chicory's fresh, the cheaper of compiled and capped (guest of 64 KiB)",
                againstChicory,
                0.22,
                0.13);
        if (againstChicory.isThere()) {
            last().reason = cheapest;
        }
        atMost(
                "suite",
                "per request, CPU in all ÷ wasmtime-java's fresh",
                fresh.over(cell("request", "c reject-100 fresh", Contestants.WASMTIME_JAVA), CpuProfiler.METRIC),
                0.012,
                Double.NaN);
    }

    private void isolation() {
        Ratio worst = worst(List.of("C, 64 KiB", "C, 256 KiB"), true);
        atMost("engine", "per request, guests ≤ 256 KiB: latency p50 ÷ own pooled", worst, 1.3, 1.15);
    }

    private Ratio worst(List<String> guests, boolean largest) {
        Ratio worst = nothing();
        for (String guest : guests) {
            Ratio ratio = cell("isolation", "latency, " + guest, Contestants.SLUICE_PER_REQUEST)
                    .over(cell("isolation", "latency, " + guest, Contestants.SLUICE_POOLED));
            worst = worse(worst, ratio, largest);
        }
        return worst;
    }

    private static Ratio worse(Ratio a, Ratio b, boolean largest) {
        if (!a.isThere()) {
            return b;
        }
        return b.isThere() && (b.median() > a.median()) == largest ? b : a;
    }

    private void realSize() {
        Ratio fresh = nothing();
        Ratio reused = nothing();
        for (PluginGuest guest : PluginGuest.values()) {
            if (guest.isRealSize()) {
                fresh = worse(
                        fresh, againstBest(guest.key() + " reject-100 fresh", Contestants.SLUICE_PER_REQUEST), true);
                reused =
                        worse(reused, againstBest(guest.key() + " reject-100 reused", Contestants.SLUICE_POOLED), true);
            }
        }
        atMost("suite", "real-size plugins, per request ÷ best rival's fresh (the worst of them)", fresh, 0.05, 0.03);
        atMost("suite", "real-size plugins, pooled ÷ best rival's reused (the worst of them)", reused, 0.7, 0.5);
    }

    private Ratio againstBest(String row, String ours) {
        Cell mine = cell("real", row, ours);
        Ratio best = nothing();
        for (String rival : results.contestants("real", row)) {
            if (!rival.startsWith("sluice") && !rival.equals(Contestants.JAVA)) {
                best = worse(best, mine.over(cell("real", row, rival)), true);
            }
        }
        return best;
    }

    /** The rows whose price of metering counts: group, row, metered, unmetered. */
    private static List<String[]> meteredRows(boolean all) {
        List<String[]> rows = new ArrayList<>();
        for (String guest : List.of("c", "rust", "assemblyscript", "go", "java")) {
            rows.add(reused("request", guest + " reject-100 reused"));
        }
        rows.add(fresh("request", "c reject-100 fresh"));
        rows.add(reused("compute", "fib"));
        rows.add(reused("compute", "fnv"));
        if (all) {
            rows.add(fresh("request", "wat reject-100 fresh"));
            rows.add(reused("compute", "json"));
            for (PluginGuest guest : PluginGuest.values()) {
                if (guest.isRealSize()) {
                    rows.add(reused("real", guest.key() + " reject-100 reused"));
                    rows.add(fresh("real", guest.key() + " reject-100 fresh"));
                }
            }
        }
        return rows;
    }

    private static String[] reused(String group, String row) {
        return new String[] {group, row, Contestants.SLUICE_POOLED, Contestants.SLUICE_POOLED_UNMETERED};
    }

    private static String[] fresh(String group, String row) {
        return new String[] {group, row, Contestants.SLUICE_PER_REQUEST, Contestants.SLUICE_PER_REQUEST_UNMETERED};
    }

    private void metering() {
        for (boolean all : new boolean[] {true, false}) {
            Ratio dearest = nothing();
            String name = "";
            double[] logs = new double[3];
            int count = 0;
            List<String> missing = new ArrayList<>();
            for (String[] row : meteredRows(all)) {
                Ratio ratio = cell(row[0], row[1], row[2]).over(cell(row[0], row[1], row[3]));
                if (!ratio.isThere()) {
                    missing.add(row[1]);
                    continue;
                }
                logs[0] += Math.log(ratio.median());
                logs[1] += Math.log(ratio.smallest());
                logs[2] += Math.log(ratio.largest());
                count++;
                if (!dearest.isThere() || ratio.median() > dearest.median()) {
                    dearest = ratio;
                    name = row[1];
                }
            }
            Ratio mean = count == 0
                    ? nothing()
                    : new Ratio(Math.exp(logs[0] / count), Math.exp(logs[1] / count), Math.exp(logs[2] / count));
            String note = count + " rows" + (missing.isEmpty() ? "" : "; without " + String.join(", ", missing));
            atMost(
                    all ? "suite" : "engine",
                    all
                            ? "price of metering, geometric mean"
                            : "price of metering over C, Rust, AssemblyScript, Go, Java, fib, FNV, pooled and per request",
                    mean,
                    1.12,
                    1.06);
            last().reason = note;
            if (all) {
                atMost("suite", "price of metering, the dearest row", dearest, 1.35, 1.2);
                last().reason = name;
            }
        }
    }

    private void deadline() {
        double ordinary = Double.NaN;
        double worst = Double.NaN;
        String name = "";
        for (String row : results.rows("failure")) {
            if (row.startsWith("overrun of a deadline, ")) {
                double p99 = cell("failure", row, Contestants.SLUICE_POOLED).more("p99") / 1e6;
                if (row.endsWith("plain loop")) {
                    ordinary = p99;
                }
                if (!(worst > p99)) {
                    worst = p99;
                    name = row.substring(row.indexOf(',') + 2);
                }
            }
        }
        milliseconds("deadline of 10 ms overrun, p99: ordinary guest", ordinary, 0.2, 0.1);
        milliseconds("deadline of 10 ms overrun, p99: worst guest found", worst, 1, 0.3);
        last().reason = name;
    }

    private void cold() {
        milliseconds(
                "from cache to first answer, warm JVM, plugin of 1.9 MB",
                cell("cold", "1.9 MB, Go: cache to first answer, warm JVM", Contestants.SLUICE_PER_REQUEST)
                                .median()
                        / 1e6,
                3,
                1.5);
        milliseconds(
                "new JVM to first answer, plugin of 1.9 MB",
                cell("cold", "1.9 MB, Go: new JVM to first answer", Contestants.SLUICE_PER_REQUEST)
                                .median()
                        / 1e6,
                300,
                Double.NaN);
    }

    private void scale() {
        for (String contestant : List.of(Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST)) {
            String way = contestant.equals(Contestants.SLUICE_POOLED) ? "pooled" : "per request";
            // The time of one operation of one thread: as it was, if two threads scale.
            Ratio ours =
                    cell("scale", "1 thread, " + way, contestant).over(cell("scale", "2 threads, " + way, contestant));
            Ratio java = cell("scale", "1 thread, pooled", Contestants.JAVA)
                    .over(cell("scale", "2 threads, pooled", Contestants.JAVA));
            Ratio ratio = !ours.isThere() || !java.isThere()
                    ? nothing()
                    : new Ratio(
                            ours.median() / java.median(),
                            ours.smallest() / java.largest(),
                            ours.largest() / java.smallest());
            atLeast("suite", "2 threads on 2 cores ÷ pure Java's own scaling, " + way, ratio, 0.95, 0.98);
        }
    }

    private void chain() {
        double none = cell("chain", "0 filters", Contestants.SLUICE_POOLED).median();
        double twenty = cell("chain", "20 filters", Contestants.SLUICE_POOLED).median();
        double raw = cell("chain", "the raw call", Contestants.SLUICE_POOLED).median();
        Verdict verdict = value(
                "sql", "sluice-sql chain above the raw call, per filter", "ns", (twenty - none) / 20 - raw, 150, 80);
        double bytes = cell("chain", "20 filters", Contestants.SLUICE_POOLED).more("B/op") / 20;
        verdict.reason = Double.isNaN(bytes) ? "" : String.format(Locale.ROOT, "%.3f B/op a filter", bytes);
        value(
                "sql",
                "sluice-sql chain, allocation per filter when the query is left alone",
                "B/op",
                bytes,
                0.05,
                Double.NaN);
    }

    private void tail() {
        Cell java = cell("tail", "half of saturation, G1, alone", Contestants.JAVA);
        for (String contestant : List.of(Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST)) {
            Cell ours = cell("tail", "half of saturation, G1, alone", contestant);
            double allowed = java.more("p99.9") + 3 * ours.more("p50") + 20_000;
            Verdict verdict = value(
                    "suite",
                    "p99.9 at half of the saturation rate, no neighbour, " + contestant + ", ÷ what is allowed",
                    "ratio",
                    ours.more("p99.9") / allowed,
                    1,
                    Double.NaN);
            if (Double.isFinite(allowed)) {
                verdict.reason = String.format(
                        Locale.ROOT,
                        "p99.9 %,.1f µs; allowed %,.1f µs: pure Java's p99.9 + 3 × p50 + 20 µs",
                        ours.more("p99.9") / 1e3,
                        allowed / 1e3);
            }
        }
    }

    private void memory() {
        Cell over = cell(
                "isolation", "memory of an idle instance above its own, 64 KiB guest", Contestants.SLUICE_PER_REQUEST);
        value(
                "engine",
                "memory per prepared idle instance above min(memory, keep_resident)",
                "KiB",
                over.median() / 1024,
                16,
                Double.NaN);
    }

    private Cell cell(String group, String row, String contestant) {
        return results.cell(group, row, contestant);
    }

    private static Ratio nothing() {
        return new Ratio(Double.NaN, Double.NaN, Double.NaN);
    }

    private void milliseconds(String name, double value, double limit, double stretch) {
        value("engine", name, "ms", value, limit, stretch);
    }

    private Verdict value(String by, String name, String unit, double value, double limit, double stretch) {
        atMost(by, name, new Ratio(value, value, value), limit, stretch);
        last().unit = unit;
        return last();
    }

    private Verdict last() {
        return verdicts.get(verdicts.size() - 1);
    }

    private void atMost(String by, String name, Ratio ratio, double limit, double stretch) {
        add(by, name, ratio, "≤ ", limit, stretch);
    }

    private void atLeast(String by, String name, Ratio ratio, double limit, double stretch) {
        add(by, name, ratio, "≥ ", limit, stretch);
    }

    private void add(String by, String name, Ratio ratio, String sign, double limit, double stretch) {
        Verdict verdict = new Verdict();
        verdict.by = by;
        verdict.name = name;
        verdict.limit = sign + text(limit);
        verdict.stretch = Double.isNaN(stretch) ? "" : sign + text(stretch);
        verdict.value = ratio.median();
        verdict.smallest = ratio.smallest();
        verdict.largest = ratio.largest();
        if (ratio.isThere()) {
            boolean least = sign.startsWith("≥");
            boolean met = least ? ratio.median() >= limit : ratio.median() <= limit;
            boolean stretched =
                    !Double.isNaN(stretch) && (least ? ratio.median() >= stretch : ratio.median() <= stretch);
            verdict.met = stretched ? "stretch met" : met ? "met" : "missed";
        } else {
            verdict.reason = "not measured in this run";
        }
        verdicts.add(verdict);
    }

    private static String text(double limit) {
        return limit == Math.rint(limit) ? Long.toString((long) limit) : Double.toString(limit);
    }
}
