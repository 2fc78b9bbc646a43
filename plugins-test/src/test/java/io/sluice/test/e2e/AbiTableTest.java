package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.ReflectionSupport;

/** Every row of the ABI has a test that names it. Writes the rows with their tests to {@code target/abi-table.txt}. */
class AbiTableTest {
    private static final Pattern SPACE = Pattern.compile(" ");
    private static final Pattern FUNCTION = Pattern.compile("([ABCS]+) (\\w+): (.*)");

    @Test
    void everyRowHasATestThatNamesIt() throws IOException {
        Map<String, Set<String>> shown = shown();
        List<String> lines = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        int rows = 0;
        for (String line : table()) {
            for (String row : rowsOf(line)) {
                Set<String> tests = shown.remove(row);
                lines.add(row + "\n    " + (tests == null ? "NO TEST" : String.join("\n    ", tests)));
                rows++;
                if (tests == null) {
                    bare.add(row);
                }
            }
            if (line.startsWith("##")) {
                lines.add("\n" + line);
            }
        }
        lines.add("\nabi-table: " + rows + " rows, " + (rows - bare.size()) + " with a test, " + bare.size()
                + " without");
        Path file = Path.of("target", "abi-table.txt");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, String.join("\n", lines).strip() + "\n");

        assertThat(bare).as("rows that no test names with @Shows").isEmpty();
        assertThat(shown.keySet())
                .as("rows that tests name and abi-table.txt does not have")
                .isEmpty();
    }

    private static List<String> table() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(AbiTableTest.class.getResourceAsStream("/abi-table.txt"), "abi-table.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<String> rowsOf(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return List.of();
        }
        Matcher function = FUNCTION.matcher(line);
        if (!function.matches()) {
            return List.of(line);
        }
        return letters(function.group(1))
                .flatMap(dialect -> rowsOf(dialect, function.group(2) + " " + function.group(3)))
                .toList();
    }

    private static Stream<String> letters(String text) {
        return text.chars().mapToObj(letter -> String.valueOf((char) letter));
    }

    /** "Function 0 2" as one row for each status. */
    private static Stream<String> rowsOf(String dialect, String row) {
        List<String> parts = SPACE.splitAsStream(row).toList();
        return parts.stream().skip(1).map(status -> dialect + " " + parts.get(0) + " " + status);
    }

    /** The tests that name a row, by row. */
    private static Map<String, Set<String>> shown() {
        Map<String, Set<String>> shown = new LinkedHashMap<>();
        String here = AbiTableTest.class.getPackageName();
        for (Class<?> type : ReflectionSupport.findAllClassesInPackage(here, test -> true, name -> true)) {
            for (Method method : type.getDeclaredMethods()) {
                for (Shows shows : method.getAnnotationsByType(Shows.class)) {
                    String test = type.getSimpleName() + "." + method.getName();
                    Stream<String> rows = Arrays.stream(shows.value());
                    if (!shows.dialects().isEmpty()) {
                        rows = rows.flatMap(row -> letters(shows.dialects()).flatMap(each -> rowsOf(each, row)));
                    }
                    rows.forEach(row -> shown.computeIfAbsent(row, unused -> new TreeSet<>())
                            .add(test));
                }
            }
        }
        return shown;
    }
}
