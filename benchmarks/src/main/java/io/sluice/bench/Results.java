package io.sluice.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A folder of results: every fork's record in {@code forks.jsonl}, written when the fork has ended, so that an interrupted run loses at most
 * one; and one file in JMH's form for each group.
 *
 * <p>A record replaces an earlier one of the same row, contestant and round: a disturbed fork that was repeated.
 */
final class Results {

    static final String FORKS = "forks.jsonl";

    private static final Gson LINE =
            new GsonBuilder().serializeSpecialFloatingPointValues().create();
    private static final Gson PRETTY = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeSpecialFloatingPointValues()
            .create();

    private final Path folder;
    private final Map<String, ForkRecord> records = new LinkedHashMap<>();
    private final Set<String> finished = new LinkedHashSet<>();

    private Results(Path folder) {
        this.folder = folder;
    }

    /** What is in the folder; nothing if there is none. A last line that was cut off is left out. */
    static Results read(Path folder) throws IOException {
        Results results = new Results(folder);
        Path file = folder.resolve(FORKS);
        if (Files.exists(file)) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                try {
                    ForkRecord record = LINE.fromJson(lines.get(i), ForkRecord.class);
                    if (record != null) {
                        results.put(record);
                    }
                } catch (JsonSyntaxException e) {
                    if (i + 1 < lines.size()) {
                        throw new IOException(file + " line " + (i + 1) + " is not a record; delete it to go on", e);
                    }
                }
            }
        }
        return results;
    }

    static Results of(List<ForkRecord> records) {
        Results results = new Results(Path.of(""));
        records.forEach(results::put);
        return results;
    }

    Path folder() {
        return folder;
    }

    void add(List<ForkRecord> made) throws IOException {
        Files.createDirectories(folder);
        StringBuilder lines = new StringBuilder();
        for (ForkRecord record : made) {
            put(record);
            lines.append(LINE.toJson(record)).append('\n');
        }
        Files.writeString(folder.resolve(FORKS), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void put(ForkRecord record) {
        records.put(record.key() + '|' + record.round, record);
        finished.add(record.job + '#' + record.round);
    }

    boolean has(String job, int round) {
        return finished.contains(job + '#' + round);
    }

    /** Whether a job failed in some round: it need not be tried again. */
    boolean hasFailed(String job) {
        return records.values().stream().anyMatch(record -> record.job.equals(job) && record.failed());
    }

    List<ForkRecord> all() {
        return new ArrayList<>(records.values());
    }

    List<String> groups() {
        return records.values().stream().map(record -> record.group).distinct().toList();
    }

    List<String> rows(String group) {
        return records.values().stream()
                .filter(record -> record.group.equals(group))
                .map(record -> record.row)
                .distinct()
                .toList();
    }

    List<String> contestants(String group, String row) {
        List<String> names = new ArrayList<>(records.values().stream()
                .filter(record -> record.group.equals(group) && record.row.equals(row))
                .map(record -> record.contestant)
                .distinct()
                .toList());
        names.sort(java.util.Comparator.comparingInt(
                name -> name.equals(Contestants.FLOOR) ? -1 : Contestants.ALL.indexOf(name) & 0xff));
        return names;
    }

    Cell cell(String group, String row, String contestant) {
        List<ForkRecord> forks = records.values().stream()
                .filter(record ->
                        record.group.equals(group) && record.row.equals(row) && record.contestant.equals(contestant))
                .sorted(java.util.Comparator.comparingInt(record -> record.round))
                .toList();
        return new Cell(group, row, contestant, forks);
    }

    /** One row of one contestant over all rounds. */
    record Cell(String group, String row, String contestant, List<ForkRecord> forks) {

        /** The rounds with figures; none if one failed, since what fails sometimes is not fast. */
        List<ForkRecord> good() {
            return reason().isEmpty() ? forks : List.of();
        }

        boolean isThere() {
            return !good().isEmpty();
        }

        /** Why there is no figure; empty if there is one. */
        String reason() {
            return forks.stream()
                    .filter(ForkRecord::failed)
                    .map(fork -> fork.reason)
                    .findFirst()
                    .orElse(forks.isEmpty() ? "not measured" : "");
        }

        double median() {
            List<Double> values = new ArrayList<>();
            good().forEach(fork -> values.addAll(fork.values));
            return Scores.median(values);
        }

        String unit() {
            return forks.isEmpty() ? "" : forks.get(0).unit;
        }

        /** A further figure: the median of the forks. */
        double more(String name) {
            return Scores.median(good().stream()
                    .map(fork -> fork.more.getOrDefault(name, Double.NaN))
                    .toList());
        }

        /** The ratio to another cell, taken within each round. */
        Scores.Ratio over(Cell other) {
            return ratio(other, ForkRecord::median, ForkRecord::median);
        }

        Scores.Ratio over(Cell other, String figure) {
            return ratio(
                    other,
                    fork -> fork.more.getOrDefault(figure, Double.NaN),
                    fork -> fork.more.getOrDefault(figure, Double.NaN));
        }

        private Scores.Ratio ratio(
                Cell other,
                java.util.function.ToDoubleFunction<ForkRecord> mine,
                java.util.function.ToDoubleFunction<ForkRecord> its) {
            Map<Integer, ForkRecord> rounds = new LinkedHashMap<>();
            other.good().forEach(fork -> rounds.put(fork.round, fork));
            List<Double> ratios = new ArrayList<>();
            for (ForkRecord fork : good()) {
                ForkRecord against = rounds.get(fork.round);
                if (against != null) {
                    ratios.add(mine.applyAsDouble(fork) / its.applyAsDouble(against));
                }
            }
            return Scores.Ratio.of(ratios);
        }

        /** How far the forks' medians lie apart, as a share of the median. */
        double spread() {
            double[] medians =
                    good().stream().mapToDouble(ForkRecord::median).sorted().toArray();
            return medians.length < 2 ? Double.NaN : (medians[medians.length - 1] - medians[0]) / median();
        }
    }

    /** Writes the files of the groups, in the form of JMH's own. */
    void writeGroups() throws IOException {
        for (String group : groups()) {
            JsonArray array = new JsonArray();
            for (String row : rows(group)) {
                for (String contestant : contestants(group, row)) {
                    array.add(json(cell(group, row, contestant)));
                }
            }
            Files.writeString(folder.resolve(group + ".json"), PRETTY.toJson(array) + '\n');
        }
    }

    private static JsonObject json(Cell cell) {
        ForkRecord first = cell.forks().get(0);
        JsonObject json = new JsonObject();
        json.addProperty("jmhVersion", "1.37");
        json.addProperty("benchmark", first.benchmark);
        json.addProperty("mode", first.mode);
        json.addProperty("threads", first.threads);
        json.addProperty("forks", cell.forks().size());
        json.add("jvmArgs", PRETTY.toJsonTree(first.jvmArgs));
        json.addProperty("jdkVersion", Runtime.version().toString());
        json.addProperty("vmName", System.getProperty("java.vm.name"));
        json.addProperty("warmup", first.warmup);
        json.addProperty("measurement", first.measurement);
        Map<String, String> params = new LinkedHashMap<>(first.params);
        params.put("contestant", first.contestant);
        params.put("row", first.row);
        json.add("params", PRETTY.toJsonTree(params));
        if (!cell.isThere()) {
            json.addProperty("notAvailable", cell.reason());
            return json;
        }
        JsonObject primary = new JsonObject();
        double[] values = cell.good().stream()
                .flatMap(fork -> fork.values.stream())
                .mapToDouble(Double::doubleValue)
                .toArray();
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        primary.addProperty("score", mean);
        primary.addProperty("scoreError", Scores.error(values));
        primary.addProperty("scoreUnit", first.unit);
        JsonObject percentiles = new JsonObject();
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        percentiles.addProperty("0.0", sorted[0]);
        percentiles.addProperty("50.0", cell.median());
        percentiles.addProperty("100.0", sorted[sorted.length - 1]);
        primary.add("scorePercentiles", percentiles);
        JsonArray raw = new JsonArray();
        cell.good().forEach(fork -> raw.add(PRETTY.toJsonTree(fork.values)));
        primary.add("rawData", raw);
        json.add("primaryMetric", primary);
        JsonObject secondary = new JsonObject();
        for (String name : first.more.keySet()) {
            JsonObject metric = new JsonObject();
            metric.addProperty("score", cell.more(name));
            metric.addProperty("scoreUnit", name.equals("B/op") ? "B/op" : first.unit);
            secondary.add(name, metric);
        }
        json.add("secondaryMetrics", secondary);
        return json;
    }
}
