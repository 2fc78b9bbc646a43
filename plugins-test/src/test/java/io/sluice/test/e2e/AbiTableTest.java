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
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.ReflectionSupport;

/** Every row of the ABI has a test that names it. Writes the rows with their tests to {@code target/abi-table.txt}. */
class AbiTableTest {
    private static final Pattern FUNCTION = Pattern.compile("([ABCS]+) (\\w+): (.*)");

    @Test
    void everyRowHasATestThatNamesIt() throws IOException {
        Map<String, TreeSet<String>> shown = shown();
        List<String> lines = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        int rows = 0;
        for (String line : table()) {
            for (String row : rowsOf(line)) {
                TreeSet<String> tests = shown.remove(row);
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
        List<String> rows = new ArrayList<>();
        for (String dialect : function.group(1).split("")) {
            for (String status : function.group(3).split(" ")) {
                rows.add(dialect + " " + function.group(2) + " " + status);
            }
        }
        return rows;
    }

    /** The tests that name a row, by row. */
    private static Map<String, TreeSet<String>> shown() {
        Map<String, TreeSet<String>> shown = new LinkedHashMap<>();
        String here = AbiTableTest.class.getPackageName();
        for (Class<?> type : ReflectionSupport.findAllClassesInPackage(here, test -> true, name -> true)) {
            for (Method method : type.getDeclaredMethods()) {
                for (Shows shows : method.getAnnotationsByType(Shows.class)) {
                    String test = type.getSimpleName() + "." + method.getName();
                    String[] dialects = shows.dialects().split("");
                    Arrays.stream(dialects)
                            .flatMap(dialect -> Arrays.stream(shows.value())
                                    .flatMap(row -> dialect.isEmpty() ? List.of(row).stream() : expand(dialect, row)))
                            .forEach(row -> shown.computeIfAbsent(row, unused -> new TreeSet<>())
                                    .add(test));
                }
            }
        }
        return shown;
    }

    /** "Function 0 2" as one row for each status. */
    private static java.util.stream.Stream<String> expand(String dialect, String row) {
        String[] parts = row.split(" ");
        return Arrays.stream(parts).skip(1).map(status -> dialect + " " + parts[0] + " " + status);
    }
}
