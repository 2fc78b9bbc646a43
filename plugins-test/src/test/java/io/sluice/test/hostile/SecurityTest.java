package io.sluice.test.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md names tests that are there, and every attack stands in it. */
class SecurityTest {
    private static final Path ROOT = Guests.root().resolve("../..").normalize();
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** Words in backticks that are options or names of the engine's. */
    private static final Set<String> OTHER_WORDS =
            Set.of("-Xcheck:jni", "libjsig", "sluice", "externref", "fd_renumber", "f64.copysign", "f64x2.splat");

    private static String text() throws IOException {
        return Files.readString(ROOT.resolve("SECURITY.md"));
    }

    /** The last cell of each row of the tables that name tests. */
    private static List<String> cells() throws IOException {
        String text = text();
        List<String> cells = new ArrayList<>();
        for (String heading : List.of("\n## Walls", "\n## Advisories")) {
            int from = text.indexOf(heading);
            assertThat(from).as("heading%s", heading).isPositive();
            int to = text.indexOf("\n## ", from + 4);
            text.substring(from, to)
                    .lines()
                    .filter(line -> line.startsWith("| "))
                    .forEach(line -> cells.add(line.substring(line.lastIndexOf(" | "))));
        }
        return cells;
    }

    private static boolean exists(String named) {
        if (named.startsWith("make ")) {
            return read(ROOT.resolve("Makefile")).contains("\n" + named.substring(5) + ":");
        }
        if (named.contains("/")) {
            return Files.exists(ROOT.resolve(named));
        }
        String[] parts = named.split("[. ]", 2);
        if (Character.isUpperCase(named.charAt(0))) {
            return sources()
                    .anyMatch(file -> file.getFileName().toString().equals(parts[0] + ".java")
                            && (parts.length < 2 || read(file).contains(" " + parts[1] + "(")));
        }
        return Files.isDirectory(Guests.root().resolve("hostile").resolve(parts[0]));
    }

    private static Stream<Path> sources() {
        List<Path> modules = new ArrayList<>(List.of(ROOT.resolve("plugins-test")));
        try (Stream<Path> java = Files.list(ROOT.resolve("java"))) {
            java.forEach(modules::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return modules.stream()
                .map(module -> module.resolve("src/test/java"))
                .filter(Files::isDirectory)
                .flatMap(SecurityTest::walk);
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyTestThatAWallNamesIsThere() throws Exception {
        List<String> named = cells().stream()
                .flatMap(cell -> CODE.matcher(cell).results().map(found -> found.group(1)))
                .filter(name -> !OTHER_WORDS.contains(name))
                .distinct()
                .toList();
        assertThat(named).hasSizeGreaterThan(40);
        assertThat(named).filteredOn(name -> !exists(name)).isEmpty();
        assertThat(exists("GuestAttacks.nothing")).isFalse();
        assertThat(exists("NothingIT")).isFalse();
    }

    @Test
    void everyWallNamesATest() throws Exception {
        String text = text();
        String walls = text.substring(text.indexOf("\n## Walls"), text.indexOf("\n## Side channels"));
        assertThat(walls.lines().filter(line -> line.startsWith("| ")).skip(1))
                .hasSizeGreaterThan(15)
                .allMatch(line ->
                        CODE.matcher(line.substring(line.lastIndexOf(" | "))).find());
    }

    @Test
    void everyAttackStandsInTheTable() throws Exception {
        String cells = String.join("\n", cells());
        Set<String> attacks = walk(ROOT.resolve("plugins-test/src/test/java/io/sluice/test/hostile"))
                .filter(file -> read(file).contains("(Stage stage, String[] arguments)"))
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        attacks.removeAll(Set.of("Attack", "HarnessAttacks", "ExtraGuests", "SecurityTest"));
        assertThat(attacks).hasSizeGreaterThan(10).allMatch(cells::contains);
    }
}
