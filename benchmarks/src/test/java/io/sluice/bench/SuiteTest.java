package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteTest {

    private static final String ROW = "c reject-100 reused";

    @TempDir
    Path folder;

    /** Measures one cell and counts how often. */
    private static final class Counted implements Job {
        private final String contestant;
        private final double value;
        private final String reason;
        private int runs;

        Counted(String contestant, double value, String reason) {
            this.contestant = contestant;
            this.value = value;
            this.reason = reason;
        }

        @Override
        public String name() {
            return "request|" + ROW + '|' + contestant;
        }

        @Override
        public String group() {
            return "request";
        }

        @Override
        public double plannedSeconds() {
            return 1;
        }

        @Override
        public int rounds() {
            return 3;
        }

        @Override
        public List<ForkRecord> run(int round) {
            runs++;
            return List.of(record(contestant, round, value + round, reason));
        }
    }

    private static ForkRecord record(String contestant, int round, double value, String reason) {
        ForkRecord record = new ForkRecord();
        record.group = "request";
        record.row = ROW;
        record.contestant = contestant;
        record.job = "request|" + ROW + '|' + contestant;
        record.round = round;
        record.reason = reason;
        if (reason.isEmpty()) {
            record.values.addAll(List.of(value, value));
        }
        return record;
    }

    private void run(List<Job> jobs, double... loads) throws IOException {
        List<Double> list = new ArrayList<>();
        for (double load : loads) {
            list.add(load);
        }
        Iterator<Double> each = list.iterator();
        new Suite(
                        jobs,
                        Results.read(folder),
                        1e9,
                        2,
                        () -> () -> each.hasNext() ? OptionalDouble.of(each.next()) : OptionalDouble.of(0))
                .run();
    }

    private String markdown(Map<String, String> environment) throws IOException {
        Environment.write(folder, environment);
        ReportFiles.write(folder);
        assertThat(folder.resolve("report.html")).exists();
        return Files.readString(folder.resolve("report.md"));
    }

    @Test
    void rivalThatFailsIsARowWithItsReasonAndNeverAFastOne() throws IOException {
        Counted rival = new Counted("chicory-compiled", 1, "contestant chicory-compiled answered pass to \"x\"");

        run(List.of(new Counted("java", 100, ""), new Counted("sluice-pooled", 300, ""), rival));

        assertThat(rival.runs).isEqualTo(1);
        assertThat(markdown(Map.of()))
                .contains("| chicory-compiled | none | n/a: contestant chicory-compiled answered pass to \"x\" |")
                .contains("In no row of this run.");
        assertThat(Files.readString(folder.resolve("request.json")))
                .contains("\"notAvailable\": \"contestant chicory-compiled answered pass to \\\"x\\\"\"");
    }

    @Test
    void interruptedRunKeepsWhatItHasAndGoesOn() throws IOException {
        Counted first = new Counted("java", 100, "");
        run(List.of(first));
        Files.writeString(folder.resolve(Results.FORKS), "{\"group\": \"requ", StandardOpenOption.APPEND);

        Counted again = new Counted("java", 100, "");
        Counted next = new Counted("sluice-pooled", 300, "");
        run(List.of(again, next));

        assertThat(first.runs).isEqualTo(3);
        assertThat(again.runs).isZero();
        assertThat(next.runs).isEqualTo(3);
    }

    @Test
    void brokenRecordIsNamed() throws IOException {
        Files.writeString(folder.resolve(Results.FORKS), "{\"group\": \"requ\n{}\n");

        assertThatThrownBy(() -> Results.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve(Results.FORKS) + " line 1 is not a record; delete it to go on");
    }

    @Test
    void disturbedForksAreRepeated() throws IOException {
        Counted job = new Counted("java", 100, "");

        run(List.of(job), 0, 0.9, 0);

        assertThat(job.runs).isEqualTo(4);
        assertThat(markdown(Map.of())).startsWith("# What a plugin costs per request");
    }

    @Test
    void busyMachineIsSaidOnTheFirstLine() throws IOException {
        run(List.of(new Counted("java", 100, "")), 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9);

        assertThat(markdown(Map.of("otherLoadProcessors", "0.90")))
                .startsWith(
                        "**THE MACHINE WAS TOO BUSY: other work kept 0.90 processors busy during the run (quiet is at most"
                                + " 0.25), and 3 of 3 forks stayed disturbed after they were repeated; measure again on a quiet machine"
                                + " before you believe a figure.**");
    }

    @Test
    void reportOpensWithWhatAPluginCosts() throws IOException {
        run(List.of(
                new Counted("java", 100, ""),
                new Counted("sluice-pooled", 300, ""),
                new Counted("chicory-compiled", 200, "")));

        assertThat(markdown(Map.of("date", "2026-11-24")))
                .startsWith(
                        "# What a plugin costs per request\n\nA plugin that reads a query of 100 bytes and refuses it costs 302.0 ns"
                                + " per request on an instance that is used again, with all limits on: fuel, deadline, memory, stack and"
                                + " handles. The same logic in pure Java, which has no limits, costs 102.0 ns: the plugin adds 200.0 ns,"
                                + " it takes 2.96 (2.94 .. 2.98) times as long. Chicory, compiled, without limits, takes 202.0 ns.")
                .contains("| request: " + ROW + " | chicory-compiled | 202.0 ns | 302.0 ns | 1.50 (1.49 .. 1.50) |");
        assertThat(Files.readString(folder.resolve("summary.json")))
                .contains("\"name\": \"the same ÷ pure Java\"", "\"limit\": \"≤ 3.2\"", "\"met\": \"met\"");
        assertThat(folder.resolve("targets.md")).exists();
        assertThat(Files.readString(folder.resolve("request.json"))).contains("\"contestant\": \"sluice-pooled\"");
    }

    @Test
    void freshInstancesAreJudgedByChicoryAtItsBest() throws IOException {
        Results results = Results.read(folder);
        results.add(List.of(
                fresh("sluice-per-request", 200), fresh("chicory-compiled", 2000), fresh("chicory-capped", 500)));
        run(List.of(new Counted("java", 100, ""), new Counted("sluice-pooled", 300, "")));

        assertThat(markdown(Map.of()))
                .contains(
                        " Chicory, compiled, without limits, takes 2,000 ns on an instance of its own. Chicory, compiled, with a cap on its"
                                + " memory, without other limits, takes 500.0 ns on an instance of its own.")
                .contains(
                        "the cheaper of compiled and capped (guest of 64 KiB) (chicory-capped) | 0.40 (0.40 .. 0.40) |");
    }

    private static ForkRecord fresh(String contestant, double value) {
        ForkRecord record = record(contestant, 1, value, "");
        record.row = "c reject-100 fresh";
        record.job = "request|" + record.row + '|' + contestant;
        record.more.put(CpuProfiler.METRIC, value);
        return record;
    }

    @Test
    void htmlIsOneFileThatAsksForNothing() throws IOException {
        run(List.of(new Counted("java", 100, ""), new Counted("sluice-pooled", 300, "")));
        markdown(Map.of("machine", "<b>"));

        assertThat(Files.readString(folder.resolve("report.html")))
                .contains("<svg ", "&lt;b&gt;")
                .doesNotContain("<script", "http://", "https://", "url(", "<link", "src=");
    }

    @Test
    void differenceBeyondNoiseIsFlagged() {
        Map<String, String> made = Map.of("machine", "m", "processors", "2", "jdk", "25", "versions", "v");

        assertThat(BenchDiff.compare(results(100), made, results(101), made))
                .containsExactly("no row moved beyond noise; 1 rows compared");
        assertThat(BenchDiff.compare(results(100), made, results(120), made))
                .containsExactly(
                        "request: " + ROW + ", java: 102.0 to 122.0 ns/op, up by 19.6 %",
                        "1 of 1 rows moved beyond noise");
    }

    @Test
    void rowThatCanBeBelowZeroIsComparedByItsDifference() {
        Map<String, String> made = Map.of("machine", "m", "processors", "2", "jdk", "25", "versions", "v");

        assertThat(BenchDiff.compare(results(-4), made, results(498), made))
                .containsExactly(
                        "request: " + ROW + ", java: -2.0 to 500.0 ns/op, up by 502.0 ns/op",
                        "1 of 1 rows moved beyond noise");
        assertThat(BenchDiff.compare(results(498), made, results(-4), made))
                .startsWith("request: " + ROW + ", java: 500.0 to -2.0 ns/op, down by 502.0 ns/op");
        // Within each other's forks, and apart by less than the forks of one are.
        assertThat(BenchDiff.compare(results(-4), made, results(-3), made))
                .containsExactly("no row moved beyond noise; 1 rows compared");
        Results wide =
                Results.of(List.of(record("java", 1, -20, ""), record("java", 2, -2, ""), record("java", 3, -1, "")));
        assertThat(BenchDiff.compare(wide, made, results(-0.5), made))
                .containsExactly("no row moved beyond noise; 1 rows compared");
    }

    @Test
    void rowOfOneForkThatCanBeBelowZeroIsNotCounted() {
        Map<String, String> made = Map.of("machine", "m", "processors", "2", "jdk", "25", "versions", "v");
        Results before = Results.of(List.of(record("java", 1, -2, "")));
        Results after = Results.of(List.of(record("java", 1, 500, "")));

        assertThat(BenchDiff.compare(before, made, after, made))
                .containsExactly(
                        "not comparable: request: " + ROW
                                + ", java: -2.0 to 500.0 ns/op, of one fork and not above zero",
                        "no row moved beyond noise; 0 rows compared");
        assertThat(BenchDiff.compare(before, made, before, made))
                .containsExactly("no row moved beyond noise; 1 rows compared");
    }

    @Test
    void differentMachinesAreComparedWithAWarning() {
        Map<String, String> made =
                new LinkedHashMap<>(Map.of("machine", "m", "processors", "2", "jdk", "25", "versions", "v"));
        Map<String, String> other = new LinkedHashMap<>(made);
        other.put("machine", "n");
        other.put("jdk", "21");

        assertThat(BenchDiff.compare(results(100), made, results(100), other))
                .startsWith(
                        "WARNING: not the same machine: \"m\" and \"n\"; compare ratios within a run, not these times",
                        "WARNING: not the same jdk: \"25\" and \"21\"; compare ratios within a run, not these times");
    }

    @Test
    void folderOfAnotherCommitIsRefused() throws IOException {
        Map<String, String> here = Environment.here("make bench ROW=crossing");
        here.put("commit", "0123456789ab");
        Environment.write(folder, here);

        assertThatThrownBy(() -> Suite.main(new String[] {"thinned", "row=crossing", "minutes=0", "folder=" + folder}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "folder " + folder + " was begun with commit \"0123456789ab\" and cannot go on with \"")
                .hasMessageEndingWith("\"; choose another folder with ARGS=folder=FOLDER");
        assertThat(Environment.read(folder)).containsEntry("commit", "0123456789ab");
    }

    @Test
    void folderOfAnotherCommandIsRefused() throws IOException {
        Environment.write(folder, Environment.here("make bench-full ROW=crossing"));

        assertThatThrownBy(() -> Suite.main(new String[] {"thinned", "row=crossing", "minutes=0", "folder=" + folder}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("folder " + folder
                        + " was begun with command \"make bench-full ROW=crossing\" and cannot go on with"
                        + " \"make bench ROW=crossing\"; choose another folder with ARGS=folder=FOLDER");
    }

    @Test
    void forksOfUnknownOriginAreRefused() throws IOException {
        run(List.of(new Counted("java", 100, "")));

        assertThatThrownBy(() -> Suite.main(new String[] {"thinned", "row=crossing", "minutes=0", "folder=" + folder}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it has no environment.json");
    }

    @Test
    void runThatGoesOnKeepsTheLargerLoadOfOthers() throws IOException {
        Map<String, String> before = Environment.here("make bench");
        before.put(Environment.OTHER_LOAD, "0.90");
        Environment.write(folder, before);

        Map<String, String> now = new LinkedHashMap<>(before);
        now.remove(Environment.OTHER_LOAD);
        Environment.goOn(folder, now);
        Environment.putLarger(now, Environment.OTHER_LOAD, "0.10");
        assertThat(now).containsEntry(Environment.OTHER_LOAD, "0.90");
        Environment.putLarger(now, Environment.OTHER_LOAD, "1.10");
        assertThat(now).containsEntry(Environment.OTHER_LOAD, "1.10");
    }

    @Test
    void folderWithoutResultsIsRefused() {
        assertThatThrownBy(() -> Environment.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessage(folder
                        + " is not a folder of results: it has no environment.json; choose a folder that make bench"
                        + " wrote");
    }

    @Test
    void unknownGroupIsRefused() {
        assertThatThrownBy(() -> Plan.jobs(Plan.Size.THINNED, "none", null, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "row \"none\": there is no such group; choose one of crossing, request, chain, real, compute,"
                                + " isolation, cold, scale, tail, failure");
    }

    @Test
    void thinnedGridFitsIntoFortyMinutes() {
        List<Job> jobs = Plan.jobs(Plan.Size.THINNED, null, null, 3, guest -> "");

        assertThat(Plan.plannedSeconds(jobs)).as(Plan.describe(jobs)).isLessThan(38 * 60);
        assertThat(jobs.stream().map(Job::name)).doesNotHaveDuplicates();
    }

    private static Results results(double value) {
        return Results.of(List.of(
                record("java", 1, value + 1, ""), record("java", 2, value + 2, ""), record("java", 3, value + 3, "")));
    }
}
