package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the JDK that the forks run on: 25 where there is one, otherwise the running one. */
final class Jdk {

    private static final int WANTED = 25;

    private Jdk() {}

    /** The {@code java} of a JDK 25: the running one, the one in {@code JDK25}, or one beside the running one. */
    static Path java() {
        Path running = Path.of(System.getProperty("java.home"));
        List<Path> homes = new ArrayList<>();
        if (Runtime.version().feature() == WANTED) {
            homes.add(running);
        }
        Optional.ofNullable(System.getenv("JDK" + WANTED))
                .filter(home -> !home.isBlank())
                .ifPresent(home -> homes.add(Path.of(home)));
        homes.addAll(siblings(running));
        return homes.stream()
                .filter(Jdk::isWanted)
                .findFirst()
                .orElse(running)
                .resolve("bin/java");
    }

    private static List<Path> siblings(Path home) {
        Path parent = home.getParent();
        if (parent == null) {
            return List.of();
        }
        try (Stream<Path> siblings = Files.list(parent)) {
            return siblings.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean isWanted(Path home) {
        try {
            return Files.isExecutable(home.resolve("bin/java"))
                    && Files.readAllLines(home.resolve("release")).stream()
                            .anyMatch(line -> line.matches("JAVA_VERSION=\"" + WANTED + "([.\\-+\"].*)"));
        } catch (IOException e) {
            return false;
        }
    }
}
