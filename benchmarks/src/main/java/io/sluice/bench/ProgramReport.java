package io.sluice.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the rows that are programs of their own share: the lines on the screen, the state of the machine, the JSON file. */
final class ProgramReport {

    private final Path json;
    private final OtherLoad others = new OtherLoad();
    private final long startNanos = System.nanoTime();

    private ProgramReport(Path json) {
        this.json = json;
    }

    /**
     * Prints where this runs.
     *
     * @param arguments the file to write is the second, if there is one
     */
    static ProgramReport of(String name, String[] arguments) {
        Path folder = Files.isDirectory(Path.of("benchmarks")) ? Path.of("benchmarks", "target") : Path.of("target");
        ProgramReport report =
                new ProgramReport(arguments.length > 1 ? Path.of(arguments[1]) : folder.resolve(name + ".json"));
        report.line(
                "JDK %s, %d processors, load %.2f before the start",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        return report;
    }

    void line(String format, Object... arguments) {
        System.out.printf(Locale.ROOT, format + "%n", arguments);
    }

    /** Writes the file: an object with these members, and the machine's state. */
    void finish(String members) throws IOException {
        Path folder = json.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        String load = others.processors().stream()
                .mapToObj(processors -> String.format(Locale.ROOT, ",%n  \"otherLoadProcessors\": %.2f", processors))
                .findFirst()
                .orElse("");
        Files.writeString(json, "{\n  \"jdkVersion\": \"" + Runtime.version() + "\",\n  " + members + load + "\n}\n");
        line("%nwrote %s after %d s", json, (System.nanoTime() - startNanos) / 1_000_000_000L);
        others.processors().ifPresent(processors -> line("other work kept %.2f processors busy meanwhile", processors));
    }
}
