package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM of its own for what may bring one down; the same JDK and class path as this one. */
public final class ChildJvm {
    /** How it ended, and what it printed to both streams. */
    public record Ending(int exitCode, String output, List<Path> crashReports) {}

    private final Path folder;
    private final List<String> options = new ArrayList<>();

    /** Output and crash reports go to the folder. */
    public ChildJvm(Path folder) {
        this.folder = folder;
    }

    public ChildJvm with(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    public Ending run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"));
        command.add("-XX:-CreateCoredumpOnCrash");
        String library = System.getProperty("sluice.native.path");
        if (library != null) {
            command.add("-Dsluice.native.path=" + library);
        }
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(
                    "the child JVM did not end within 120 s: " + command + "\n" + Files.readString(output, UTF_8));
        }
        return new Ending(process.exitValue(), Files.readString(output, UTF_8), crashReports());
    }

    private List<Path> crashReports() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("hs_err"))
                    .toList();
        }
    }
}
