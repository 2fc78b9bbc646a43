package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A JVM that is started to be lost, with core dumps allowed: without them, a core that is not there would prove nothing.
 *
 * @param name the row in the table
 * @param javaHome the JDK
 * @param wrapper commands in front of {@code java}, as {@code env LD_PRELOAD=…}; with {@code launcher}, none
 * @param options for the JVM
 * @param attacks the names of {@link Attack}s, each with its arguments behind colons
 * @param seconds the JVM is a hang after
 */
record Doomed(
        String name,
        Path javaHome,
        List<String> wrapper,
        List<String> options,
        List<String> attacks,
        int seconds,
        boolean primordial) {
    static Doomed of(String name, int seconds, String... attacks) {
        return new Doomed(
                name, Path.of(System.getProperty("java.home")), List.of(), List.of(), List.of(attacks), seconds, false);
    }

    Doomed with(String... more) {
        return new Doomed(name, javaHome, wrapper, Arrays.asList(more), attacks, seconds, primordial);
    }

    Doomed on(Path home) {
        return new Doomed(name, home, wrapper, options, attacks, seconds, primordial);
    }

    Doomed wrapped(String... commands) {
        return new Doomed(name, javaHome, List.of(commands), options, attacks, seconds, primordial);
    }

    /** Runs {@code main} on the thread that the process began with; {@code java} itself never does. */
    Doomed onPrimordialThread() {
        return new Doomed(name, javaHome, wrapper, options, attacks, seconds, true);
    }

    /** How it ended; what it left is in the folder. */
    record Ending(
            Doomed jvm,
            Integer exitCode,
            boolean hung,
            Path folder,
            List<String> remains,
            String output,
            double seconds) {
        /** Whether it died of something else than its own decision. */
        boolean crashed() {
            return !hung && (exitCode > 1 || !remains.isEmpty() || !(finished() || exitCode == 1));
        }

        /** Whether its last act was to say so. */
        boolean finished() {
            return output.contains(Report.END);
        }

        /** The values of the lines with this keyword. */
        List<String> lines(String keyword) {
            return output.lines()
                    .filter(line -> line.startsWith(keyword + " "))
                    .map(line -> line.substring(keyword.length() + 1))
                    .toList();
        }

        long count(String what) {
            return lines("count").stream()
                    .filter(line -> line.startsWith(what + " "))
                    .mapToLong(line -> Long.parseLong(line.substring(what.length() + 1)))
                    .sum();
        }
    }

    /** Runs it in a folder of its own, which is kept if there is something in it to look at. */
    Ending run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("sluice-hostile-");
        Path output = folder.resolve("output.txt");
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command(folder))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean hung = !process.waitFor(seconds, TimeUnit.SECONDS);
        if (hung) {
            dumpThreads(process);
            process.destroyForcibly().waitFor();
        }
        double took = (System.nanoTime() - start) / 1e9;
        List<String> remains;
        try (Stream<Path> files = Files.list(folder)) {
            remains = files.map(file -> file.getFileName().toString())
                    .filter(file -> file.startsWith("hs_err") || file.startsWith("core"))
                    .sorted()
                    .toList();
        }
        String text = new String(Files.readAllBytes(output), UTF_8);
        Ending ending = new Ending(this, process.exitValue(), hung, folder, remains, text, took);
        if (remains.isEmpty()) {
            delete(folder);
        }
        return ending;
    }

    private static void dumpThreads(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                .start()
                .waitFor();
        process.waitFor(3, TimeUnit.SECONDS);
    }

    private List<String> command(Path folder) {
        List<String> java = new ArrayList<>();
        if (primordial) {
            java.add(Launcher.binary(javaHome).toString());
        } else {
            java.add(javaHome.resolve("bin/java").toString());
        }
        java.add("--enable-native-access=ALL-UNNAMED");
        java.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        java.add("-Xmx512m");
        java.add("-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"));
        java.add("-Dsluice.guests=" + Guests.root().toAbsolutePath());
        String library = System.getProperty("sluice.native.path");
        if (library != null) {
            java.add("-Dsluice.native.path=" + library);
        }
        java.addAll(options);
        String classPath = absoluteClassPath();
        if (primordial) {
            java.add("-Djava.class.path=" + classPath);
        } else {
            java.addAll(List.of("-cp", classPath, HostileChild.class.getName()));
        }
        java.addAll(attacks);
        // bash raises the limit as far as it may; what it got is printed, for the verdict.
        List<String> command = new ArrayList<>(List.of(
                "bash", "-c", "ulimit -c unlimited 2>/dev/null; echo cores \"$(ulimit -c)\"; exec \"$@\"", "hostile"));
        command.addAll(wrapper);
        command.addAll(java);
        return command;
    }

    static String absoluteClassPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
