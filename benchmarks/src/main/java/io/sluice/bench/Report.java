package io.sluice.bench;

import io.sluice.bench.Results.Cell;
import io.sluice.bench.Scores.Ratio;
import io.sluice.bench.Targets.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a folder of results says, in the order in which a reader wants it: what a plugin costs, against pure Java, against rivals, with which
 * limits, and how to see for oneself. {@link MarkdownReport} and {@link HtmlReport} write it down.
 */
final class Report {

    static final String TITLE = "What a plugin costs per request";

    private static final String REUSED = "c reject-100 reused";
    private static final String FRESH = "c reject-100 fresh";
    private static final List<String> RIVALS = List.of(
            Contestants.CHICORY_COMPILED,
            Contestants.CHICORY_CAPPED,
            Contestants.CHICORY_INTERPRETED,
            Contestants.GRAALWASM_COMPILED,
            Contestants.GRAALWASM_INTERPRETED,
            Contestants.WASMTIME_JAVA);

    /** A bar of a chart, with the range of its forks. */
    record Bar(String label, double value, double smallest, double largest) {}

    /** A part of the report; what is empty is left out. */
    static final class Section {
        final String title;
        final List<String> paragraphs = new ArrayList<>();
        List<String> header = List.of();
        final List<List<String>> rows = new ArrayList<>();
        String chartTitle = "";
        String chartUnit = "";
        final List<Bar> bars = new ArrayList<>();

        Section(String title) {
            this.title = title;
        }
    }

    private final Results results;
    private final Map<String, String> environment;
    private final List<Verdict> verdicts;
    private final List<Section> sections = new ArrayList<>();

    private Report(Results results, Map<String, String> environment, List<Verdict> verdicts) {
        this.results = results;
        this.environment = environment;
        this.verdicts = verdicts;
    }

    static List<Section> of(Results results, Map<String, String> environment, List<Verdict> verdicts) {
        Report report = new Report(results, environment, verdicts);
        report.opening();
        report.againstJava();
        report.rivals();
        report.whereRivalsAreFaster();
        report.limits();
        report.targets();
        for (String group : Plan.GROUPS) {
            report.group(group);
        }
        report.reproduce();
        return report.sections;
    }

    /** The first line, if the machine was too busy; else nothing. */
    static String busyLine(Results results, Map<String, String> environment) {
        long disturbed = results.all().stream().filter(Suite::isDisturbed).count();
        double others = Double.parseDouble(environment.getOrDefault(Environment.OTHER_LOAD, "0"));
        if (disturbed == 0 && others <= Suite.QUIET_PROCESSORS) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "THE MACHINE WAS TOO BUSY: other work kept %.2f processors busy during the run (quiet is at most %.2f), and %d of %d"
                        + " forks stayed disturbed after they were repeated; measure again on a quiet machine before you believe a figure.",
                others,
                Suite.QUIET_PROCESSORS,
                disturbed,
                results.all().size());
    }

    private void opening() {
        Section section = add("");
        String busy = busyLine(results, environment);
        if (!busy.isEmpty()) {
            section.paragraphs.add(busy);
        }
        Cell pooled = cell("request", REUSED, Contestants.SLUICE_POOLED);
        Cell fresh = cell("request", FRESH, Contestants.SLUICE_PER_REQUEST);
        Cell java = cell("request", REUSED, Contestants.JAVA);
        if (pooled.isThere() && java.isThere()) {
            StringBuilder text = new StringBuilder();
            text.append("A plugin that reads a query of 100 bytes and refuses it costs ")
                    .append(time(pooled.median()))
                    .append(" per request on an instance that is used again");
            if (fresh.isThere()) {
                text.append(", and ")
                        .append(time(fresh.median()))
                        .append(" on an instance of its own for each request");
            }
            text.append(
                            ", with all limits on: fuel, deadline, memory, stack and handles. The same logic in pure Java, which has no limits,")
                    .append(" costs ")
                    .append(time(java.median()))
                    .append(": the plugin adds ")
                    .append(time(pooled.median() - java.median()))
                    .append(", it takes ")
                    .append(text(pooled.over(java)))
                    .append(" times as long.");
            Cell floor = cell("request", REUSED, Contestants.FLOOR);
            if (floor.isThere()) {
                text.append(" The same engine called from Rust, without a JVM, takes ")
                        .append(time(floor.median()))
                        .append(", the floor of what a host in Java can reach.");
            }
            for (String rival : RIVALS) {
                if (!rival.endsWith("interpreted")) {
                    text.append(costs(rival));
                }
            }
            Ratio metering = pooled.over(cell("request", REUSED, Contestants.SLUICE_POOLED_UNMETERED));
            if (metering.isThere()) {
                text.append(" Fuel and deadline are ")
                        .append(text(metering))
                        .append(" times of what Sluice takes without them.");
            }
            section.paragraphs.add(text.toString());
        } else {
            section.paragraphs.add(
                    "This run did not measure the request of 100 bytes, which the answer in one paragraph is about.");
        }
        section.paragraphs.add(
                "Every figure is the median over all iterations of all forks. A ratio is taken within each round of forks; its median is"
                        + " shown with the smallest and the largest of them in brackets. Measured on "
                        + environment.getOrDefault("date", "?")
                        + ", " + environment.getOrDefault("processors", "?") + " processors, "
                        + environment.getOrDefault("machine", "?")
                        + ", " + environment.getOrDefault("jdk", "?") + ", commit "
                        + environment.getOrDefault("commit", "?") + ".");
        for (String contestant : results.contestants("request", REUSED)) {
            Cell cell = cell("request", REUSED, contestant);
            if (cell.isThere()) {
                section.bars.add(bar(contestant, cell));
            }
        }
        section.chartTitle = "One request on an instance that is used again";
        section.chartUnit = "ns";
    }

    /** A sentence on a rival, if it was measured; one of them has fresh instances only. */
    private String costs(String rival) {
        Cell reused = cell("request", REUSED, rival);
        Cell fresh = cell("request", FRESH, rival);
        if (!reused.isThere() && !fresh.isThere()) {
            return "";
        }
        return ' '
                + name(rival)
                + (limits(rival).equals("none") ? ", without limits, takes " : ", without other limits, takes ")
                + (reused.isThere() ? time(reused.median()) : "")
                + (reused.isThere() && fresh.isThere() ? ", and " : "")
                + (fresh.isThere() ? time(fresh.median()) + " on an instance of its own" : "")
                + '.';
    }

    private void againstJava() {
        Section section = add("Against pure Java");
        section.header =
                List.of("row", "java", "sluice-pooled", "÷ java", "sluice-per-request", "÷ java", "floor", "÷ floor");
        for (String group : List.of("request", "crossing", "compute")) {
            for (String row : results.rows(group)) {
                Cell java = cell(group, row, Contestants.JAVA);
                Cell pooled = cell(group, row, Contestants.SLUICE_POOLED);
                Cell fresh = cell(group, row, Contestants.SLUICE_PER_REQUEST);
                Cell floor = cell(group, row, Contestants.FLOOR);
                if (java.isThere() && (pooled.isThere() || fresh.isThere())) {
                    section.rows.add(List.of(
                            group + ": " + row,
                            time(java.median()),
                            time(pooled.median()),
                            text(pooled.over(java)),
                            time(fresh.median()),
                            text(fresh.over(java)),
                            time(floor.median()),
                            text((pooled.isThere() ? pooled : fresh).over(floor))));
                }
            }
        }
        section.paragraphs.add(
                "The floor is the same engine with the same limits, called from a program in Rust; its request on an instance of its own makes"
                        + " and drops that instance too.");
    }

    private void rivals() {
        for (String way : List.of("reused", "fresh")) {
            String row = "c reject-100 " + way;
            Cell ours = cell(
                    "request", row, way.equals("reused") ? Contestants.SLUICE_POOLED : Contestants.SLUICE_PER_REQUEST);
            if (results.contestants("request", row).isEmpty()) {
                continue;
            }
            Section section = add("Against rivals: the request on "
                    + (way.equals("reused") ? "an instance that is used again" : "an instance of its own"));
            section.header = List.of("contestant", "limits", "time", "÷ Sluice", "processor time", "÷ Sluice", "B/op");
            for (String contestant : results.contestants("request", row)) {
                Cell cell = cell("request", row, contestant);
                if (!cell.isThere()) {
                    section.rows.add(List.of(contestant, limits(contestant), "n/a: " + cell.reason(), "", "", "", ""));
                    continue;
                }
                section.rows.add(List.of(
                        contestant,
                        limits(contestant),
                        time(cell.median()),
                        text(cell.over(ours)),
                        time(cell.more(CpuProfiler.METRIC)),
                        text(cell.over(ours, CpuProfiler.METRIC)),
                        number(cell.more("B/op"))));
                if (way.equals("fresh")) {
                    section.bars.add(bar(contestant, cell));
                }
            }
            section.chartTitle = "One request on an instance of its own";
            section.chartUnit = "ns";
        }
    }

    private static String limits(String contestant) {
        if (contestant.equals(Contestants.CHICORY_CAPPED)) {
            return "memory";
        }
        return !contestant.startsWith("sluice") && !contestant.equals(Contestants.FLOOR)
                ? "none"
                : contestant.endsWith("unmetered") ? "memory, stack, handles" : "all";
    }

    private void whereRivalsAreFaster() {
        Section section = add("Where a rival is faster");
        section.header = List.of("row", "rival", "time", "Sluice", "Sluice ÷ rival");
        for (String group : List.of("request", "crossing", "compute", "real", "cold", "scale", "tail")) {
            for (String row : results.rows(group)) {
                for (String rival : RIVALS) {
                    Cell theirs = cell(group, row, rival);
                    Cell pooled = cell(group, row, Contestants.SLUICE_POOLED);
                    Cell ours = pooled.isThere() ? pooled : cell(group, row, Contestants.SLUICE_PER_REQUEST);
                    Ratio ratio = ours.over(theirs);
                    if (ratio.isThere() && ratio.median() > 1) {
                        section.rows.add(List.of(
                                group + ": " + row, rival, time(theirs.median()), time(ours.median()), text(ratio)));
                    }
                }
            }
        }
        section.paragraphs.add(
                section.rows.isEmpty()
                        ? "In no row of this run."
                        : "None of them limits fuel or time. These are all rows of this run in which one of them is faster than Sluice with all limits on:");
    }

    private void limits() {
        Section section = add("What the limits cost");
        section.header = List.of("row", "with fuel and deadline", "without", "÷ without");
        for (String group : results.groups()) {
            for (String row : results.rows(group)) {
                for (String contestant : List.of(Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST)) {
                    Cell metered = cell(group, row, contestant);
                    Cell unmetered = cell(group, row, contestant + "-unmetered");
                    if (metered.isThere() && unmetered.isThere()) {
                        section.rows.add(List.of(
                                group + ": " + row,
                                time(metered.median()),
                                time(unmetered.median()),
                                text(metered.over(unmetered))));
                    }
                }
            }
        }
        section.paragraphs.add(
                "Fuel and deadline are counted by the guest's own code; the other limits are in every row of Sluice's.");
    }

    private void targets() {
        Section section = add("Targets");
        section.paragraphs.add("The table that this run is judged by lies beside this report: " + Targets.TABLE + ".");
        section.header = List.of("target", "value", "limit", "stretch", "");
        for (Verdict verdict : verdicts) {
            String value = Double.isNaN(verdict.value)
                    ? "n/a"
                    : verdict.unit.equals("ratio")
                            ? text(new Ratio(verdict.value, verdict.smallest, verdict.largest))
                            : number(verdict.value) + ' ' + verdict.unit;
            section.rows.add(List.of(
                    verdict.by + ": " + verdict.name + (verdict.reason.isEmpty() ? "" : " (" + verdict.reason + ')'),
                    value,
                    verdict.limit,
                    verdict.stretch,
                    verdict.met));
        }
        Section missed = add("Targets that are missed: what was tried, and what forbids them");
        verdicts.stream()
                .filter(verdict -> verdict.met.equals("missed"))
                .forEach(verdict -> missed.rows.add(List.of(verdict.by + ": " + verdict.name, verdict.missed)));
        missed.header = List.of("target", "what was tried, and the floor");
    }

    private void group(String group) {
        if (results.rows(group).isEmpty()) {
            return;
        }
        Section section = add("All rows of " + group);
        boolean percentiles = results.rows(group).stream()
                .flatMap(row -> results.contestants(group, row).stream().map(name -> cell(group, row, name)))
                .anyMatch(cell -> Double.isFinite(cell.more("p99")));
        section.header = percentiles
                ? List.of("row", "contestant", "median", "p99", "p99.9", "largest", "per second")
                : List.of("row", "contestant", "median", "spread of the forks", "processor time", "B/op");
        for (String row : results.rows(group)) {
            for (String contestant : results.contestants(group, row)) {
                Cell cell = cell(group, row, contestant);
                if (!cell.isThere()) {
                    section.rows.add(padded(List.of(row, contestant, "n/a: " + cell.reason()), section.header.size()));
                } else if (percentiles) {
                    double perSecond = cell.more("perSecond");
                    section.rows.add(List.of(
                            row,
                            contestant,
                            value(cell, cell.median()),
                            time(cell.more("p99")),
                            time(cell.more("p99.9")),
                            time(cell.more("max")),
                            number(Double.isNaN(perSecond) ? cell.more("ratePerSecond") : perSecond)));
                } else {
                    section.rows.add(List.of(
                            row,
                            contestant,
                            value(cell, cell.median()),
                            Double.isNaN(cell.spread())
                                    ? ""
                                    : String.format(Locale.ROOT, "%.1f %%", cell.spread() * 100),
                            time(cell.more(CpuProfiler.METRIC)),
                            number(cell.more("B/op"))));
                }
            }
        }
    }

    private static List<String> padded(List<String> row, int size) {
        List<String> padded = new ArrayList<>(row);
        while (padded.size() < size) {
            padded.add("");
        }
        return padded;
    }

    private void reproduce() {
        Section section = add("How to reproduce");
        section.paragraphs.add(
                "Run " + environment.getOrDefault("command", "make bench") + " in a clone at commit "
                        + environment.getOrDefault("commit", "?")
                        + ". Every group has its JMH results in a file of its own beside this report; forks.jsonl has every fork.");
        section.paragraphs.add(
                "chicory-compiled: compiled once, the machine factory reused, ByteArrayMemory; chicory-capped: the same with a cap of 64 MiB"
                        + " on its memory, which makes its fresh instances cheaper. graalwasm-compiled: with the Graal compiler on the upgrade module path;"
                        + " one engine and one context, parsed once. wasmtime-java: one engine, compiled once, raw function handlers, instantiated by the"
                        + " list of imports. For all of them functions and memory are looked up once per instance, and WASI is a short one of ours. java: the"
                        + " algorithm of the C source, line for line.");
        section.header = List.of("what", "value");
        environment.forEach((key, value) -> section.rows.add(List.of(key, value)));
    }

    private Section add(String title) {
        Section section = new Section(title);
        sections.add(section);
        return section;
    }

    private Cell cell(String group, String row, String contestant) {
        return results.cell(group, row, contestant);
    }

    private static Bar bar(String label, Cell cell) {
        double[] medians =
                cell.good().stream().mapToDouble(ForkRecord::median).sorted().toArray();
        return new Bar(label, cell.median(), medians[0], medians[medians.length - 1]);
    }

    private static String name(String contestant) {
        return switch (contestant) {
            case Contestants.CHICORY_COMPILED -> "Chicory, compiled";
            case Contestants.CHICORY_CAPPED -> "Chicory, compiled, with a cap on its memory";
            case Contestants.GRAALWASM_COMPILED -> "GraalWasm with the Graal compiler";
            default -> contestant;
        };
    }

    private static String value(Cell cell, double value) {
        return cell.unit().equals("ns/op") ? time(value) : number(value) + ' ' + cell.unit();
    }

    /** Nanoseconds in the unit that reads best. */
    static String time(double nanos) {
        if (Double.isNaN(nanos)) {
            return "";
        }
        double size = Math.abs(nanos);
        if (size < 10_000) {
            return String.format(Locale.ROOT, size < 10 ? "%.2f ns" : size < 1000 ? "%.1f ns" : "%,.0f ns", nanos);
        }
        return size < 10_000_000
                ? String.format(Locale.ROOT, "%,.1f µs", nanos / 1e3)
                : String.format(Locale.ROOT, "%,.1f ms", nanos / 1e6);
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%,.0f", value);
    }

    static String text(Ratio ratio) {
        if (!ratio.isThere()) {
            return "";
        }
        String form = ratio.median() < 0.1
                ? "%.4f (%.4f .. %.4f)"
                : ratio.median() < 100 ? "%.2f (%.2f .. %.2f)" : "%,.0f (%,.0f .. %,.0f)";
        return String.format(Locale.ROOT, form, ratio.median(), ratio.smallest(), ratio.largest());
    }
}
