package io.sluice.test.hostile;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JDKs to try: those that {@code -Dsluice.jdks} names, or this one. */
final class Jdks {
    private Jdks() {}

    static List<Path> homes() {
        String named = System.getProperty("sluice.jdks", System.getProperty("java.home"));
        List<Path> homes = new ArrayList<>();
        for (String home : named.split(File.pathSeparator, -1)) {
            if (!home.isEmpty() && !homes.contains(Path.of(home))) {
                homes.add(Path.of(home));
            }
        }
        return homes;
    }

    /** The feature version: 17, 25. */
    static String version(Path home) {
        try {
            return Files.readAllLines(home.resolve("release")).stream()
                    .filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceFirst("JAVA_VERSION=\"(\\d+).*", "$1"))
                    .findFirst()
                    .orElse("of unknown version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a JVM starts with this option. */
    static boolean has(Path home, String option) {
        try {
            Process process = new ProcessBuilder(home.resolve("bin/java").toString(), option, "-version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while a JVM was tried", e);
        }
    }
}
