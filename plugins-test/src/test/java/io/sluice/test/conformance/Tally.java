package io.sluice.test.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What passed, failed and was skipped, by folder and by reason; {@code tools/conformance} adds the files of all tallies up. */
final class Tally {
    private static final class Counts {
        long passed;
        long failed;
        long skipped;
    }

    private final Map<String, Counts> folders = new TreeMap<>();
    private final Map<String, Long> reasons = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    private Counts of(String folder) {
        return folders.computeIfAbsent(folder, name -> new Counts());
    }

    void passed(String folder) {
        of(folder).passed++;
    }

    void failed(String folder, String what) {
        of(folder).failed++;
        failures.add(folder + "/" + what);
    }

    void skipped(String folder, String reason, long count) {
        of(folder).skipped += count;
        reasons.merge(reason, count, Long::sum);
    }

    List<String> failures() {
        return failures;
    }

    long passed() {
        return folders.values().stream().mapToLong(counts -> counts.passed).sum();
    }

    /** Lines of {@code folder NAME PASSED FAILED SKIPPED} and {@code reason TEXT COUNT}, separated by tabs. */
    void write(String name) {
        List<String> lines = new ArrayList<>();
        folders.forEach((folder, counts) -> lines.add(
                String.join("\t", "folder", folder, "" + counts.passed, "" + counts.failed, "" + counts.skipped)));
        reasons.forEach((reason, count) -> lines.add(String.join("\t", "reason", reason, "" + count)));
        try {
            Path folder = Files.createDirectories(Path.of("target", "conformance"));
            Files.write(folder.resolve(name + ".tsv"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException("the tally " + name + " cannot be written", e);
        }
    }
}
