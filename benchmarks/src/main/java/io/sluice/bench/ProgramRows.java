package io.sluice.bench;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the files of the programs say, as records of rows. */
final class ProgramRows {

    private ProgramRows() {}

    static List<ForkRecord> isolation(JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            String guest = row.get("guest").getAsString();
            String way = row.get("way").getAsString();
            // Made when the request is there: the contestant is the same, the row another.
            String when = way.equals("inline") ? ", made on request" : "";
            String contestant = way.equals("pooled") ? Contestants.SLUICE_POOLED : Contestants.SLUICE_PER_REQUEST;
            records.add(percentiles("latency, " + guest + when, contestant, row.getAsJsonObject("latencyNanos")));
            ForkRecord cpu = record(
                    "processor time, " + guest + when,
                    contestant,
                    row.get("cpuNanos").getAsDouble());
            records.add(cpu);
        }
        return records;
    }

    static List<ForkRecord> memory(JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            if (row.has("pooled")) {
                int count = row.get("pooled").getAsInt();
                ForkRecord record = record(
                        "memory of "
                                + (count == 1
                                        ? "an idle instance"
                                        : String.format(Locale.ROOT, "each of %,d idle instances", count))
                                + ", 1 MiB guest",
                        Contestants.SLUICE_POOLED,
                        row.get("bytes").getAsDouble());
                record.unit = "B";
                records.add(record);
                continue;
            }
            ForkRecord record = record(
                    "memory of an idle instance above its own, "
                            + row.get("kibibytes").getAsInt() + " KiB guest",
                    Contestants.SLUICE_PER_REQUEST,
                    row.get("above").getAsDouble());
            record.unit = "B";
            records.add(record);
        }
        return records;
    }

    static List<ForkRecord> cold(JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            records.add(cold(
                    row.get("plugin").getAsString() + ": " + row.get("row").getAsString(),
                    Contestants.SLUICE_PER_REQUEST,
                    row));
        }
        return records;
    }

    static List<ForkRecord> cold(String contestant, JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            records.add(cold(row.get("row").getAsString(), contestant, row));
        }
        return records;
    }

    private static ForkRecord cold(String name, String contestant, JsonObject row) {
        ForkRecord record = new ForkRecord();
        record.row = name;
        record.contestant = contestant;
        record.mode = "ss";
        row.getAsJsonArray("nanos").forEach(value -> record.values.add(value.getAsDouble()));
        return record;
    }

    static List<ForkRecord> tail(String row, String contestant, JsonObject json) {
        return List.of(percentiles(row, contestant, rows(json).get(0)));
    }

    static List<ForkRecord> traps(JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            if (row.has("trap")) {
                String contestant = row.get("isolation").getAsString().equals("pooled")
                        ? Contestants.SLUICE_POOLED
                        : Contestants.SLUICE_PER_REQUEST;
                records.add(percentiles(
                        "until the exception, " + row.get("trap").getAsString(),
                        contestant,
                        row.getAsJsonObject("nanos")));
            } else {
                String beside = row.get("beside").getAsString();
                ForkRecord record = percentiles(
                        "a neighbour's request beside " + beside,
                        Contestants.SLUICE_POOLED,
                        row.getAsJsonObject("nanos"));
                record.more.put("perSecond", row.get("requestsPerSecond").getAsDouble());
                records.add(record);
            }
        }
        return records;
    }

    static List<ForkRecord> deadlines(JsonObject json) {
        List<ForkRecord> records = new ArrayList<>();
        for (JsonObject row : rows(json)) {
            String name = "overrun of a deadline, " + row.get("guest").getAsString();
            records.add(
                    row.has("reason")
                            ? missing(name, Contestants.SLUICE_POOLED, row)
                            : percentiles(name, Contestants.SLUICE_POOLED, row.getAsJsonObject("overrunNanos")));
        }
        return records;
    }

    private static ForkRecord missing(String name, String contestant, JsonObject row) {
        ForkRecord record = new ForkRecord();
        record.row = name;
        record.contestant = contestant;
        record.reason = row.get("reason").getAsString();
        return record;
    }

    private static ForkRecord record(String row, String contestant, double value) {
        ForkRecord record = new ForkRecord();
        record.row = row;
        record.contestant = contestant;
        record.mode = "sample";
        record.values.add(value);
        return record;
    }

    /** A row whose figures are the percentiles in nanoseconds of an object as {@link Samples#json} writes it; its value is the median. */
    private static ForkRecord percentiles(String row, String contestant, JsonObject percentiles) {
        ForkRecord record = record(row, contestant, percentiles.get("p50").getAsDouble());
        for (String key : percentiles.keySet()) {
            record.more.put(key, percentiles.get(key).getAsDouble());
        }
        return record;
    }

    private static List<JsonObject> rows(JsonObject json) {
        List<JsonObject> rows = new ArrayList<>();
        json.getAsJsonArray("rows").forEach(element -> rows.add(element.getAsJsonObject()));
        return rows;
    }
}
