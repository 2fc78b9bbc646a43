package io.sluice.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The floor of a group: the program in Rust that calls the same engine without a JVM, in a process of its own. */
final class FloorJob implements Job {

    /** The program, which {@code tools/bench} builds. */
    static final String PROGRAM = "sluice.bench.floor";

    private static final int ITERATIONS = 8;
    /** Of all groups: the program measures them together. */
    private static final int ROWS = 5;

    private static final int LONGEST_SECONDS = 120;

    private final String group;
    private final int millis;
    private final int rounds;

    FloorJob(String group, int millis, int rounds) {
        this.group = group;
        this.millis = millis;
        this.rounds = rounds;
    }

    @Override
    public String name() {
        return group + "|" + Contestants.FLOOR;
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public double plannedSeconds() {
        return 1 + ROWS * ITERATIONS * millis / 1e3;
    }

    @Override
    public int rounds() {
        return rounds;
    }

    @Override
    public List<ForkRecord> run(int round) {
        List<ForkRecord> made = new ArrayList<>();
        String program = System.getProperty(PROGRAM, "");
        if (program.isEmpty()) {
            made.add(record("all", "the program of the floor is not built: run make bench, or set " + PROGRAM));
        } else {
            try {
                made.addAll(rows(program));
            } catch (IOException | RuntimeException e) {
                made.add(record("all", String.valueOf(e.getMessage())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                made.add(record("all", "interrupted"));
            }
        }
        for (ForkRecord record : made) {
            record.group = group;
            record.contestant = Contestants.FLOOR;
            record.job = name();
            record.round = round;
            record.benchmark = "native/benches/floor";
            record.measurement = "5 x " + millis + " ms";
        }
        return made;
    }

    private List<ForkRecord> rows(String program) throws IOException, InterruptedException {
        Path file = Files.createTempFile("sluice-bench", ".json");
        Path log = Files.createTempFile("sluice-bench", ".log");
        try {
            Process process = new ProcessBuilder(program, file.toString(), Integer.toString(millis))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException("it did not end within " + LONGEST_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("it left with status " + process.exitValue() + ": "
                        + Files.readString(log).strip());
            }
            List<ForkRecord> records = new ArrayList<>();
            for (JsonElement element : JsonParser.parseString(Files.readString(file))
                    .getAsJsonObject()
                    .getAsJsonArray("rows")) {
                JsonObject row = element.getAsJsonObject();
                if (row.get("group").getAsString().equals(group)) {
                    ForkRecord record = record(row.get("row").getAsString(), "");
                    row.getAsJsonArray("nanos").forEach(value -> record.values.add(value.getAsDouble()));
                    records.add(record);
                }
            }
            return records;
        } finally {
            Files.delete(file);
            Files.delete(log);
        }
    }

    private static ForkRecord record(String row, String reason) {
        ForkRecord record = new ForkRecord();
        record.row = row;
        record.reason = reason;
        return record;
    }
}
