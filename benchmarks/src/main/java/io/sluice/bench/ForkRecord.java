package io.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one fork measured in one row: a line of the file that an interrupted run goes on from, and what group files and report are made of.
 *
 * <p>Its fields are Gson's.
 */
final class ForkRecord {
    String group = "";
    /** What is measured, the same for all contestants that are compared. */
    String row = "";

    String contestant = "";
    /** The job that made it, which can make several. */
    String job = "";

    int round;
    String benchmark = "";
    String mode = "avgt";
    String unit = "ns/op";
    int threads = 1;
    List<String> jvmArgs = new ArrayList<>();
    Map<String, String> params = new TreeMap<>();
    String warmup = "";
    String measurement = "";
    /** One value per iteration; empty if it failed. */
    List<Double> values = new ArrayList<>();
    /** Further figures: {@code B/op}, {@code cpu}, percentiles. */
    Map<String, Double> more = new TreeMap<>();
    /** Why there are no values. */
    String reason = "";
    /** Processors that other work kept busy meanwhile; negative if unknown. */
    double others = -1;

    double seconds;

    boolean failed() {
        return values.isEmpty();
    }

    double median() {
        return Scores.median(values);
    }

    String key() {
        return group + '|' + row + '|' + contestant;
    }
}
