package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Phase;
import io.sluice.runtime.Limit;
import io.sluice.runtime.TrapKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/errors.md has the errors that the author of a plugin can meet. Of each text in the sources its first piece that is long enough is
 * looked for: the page may word the rest otherwise, and two texts that begin alike are one here.
 */
class ErrorsTest {
    private static final Path ROOT = Examples.sdk().resolveSibling("");
    private static final String PAGE = read(ROOT.resolve("docs/errors.md"));

    /** A text in Rust that is formatted, and one in Java that begins an exception's message. */
    private static final Pattern FORMATTED =
            Pattern.compile("(?:format!|Link|IllegalState)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"", Pattern.DOTALL);

    private static final Pattern TRAP = Pattern.compile("TrapKind::\\w+ => (?:format!\\()?\"([^\"(]*)");
    private static final Pattern FAULT =
            Pattern.compile("(?:CommandException|CaseFileException|PluginException|fault)\\((?:[^;]*?)\"(?:[^;]*);");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Shorter pieces of a text say nothing by themselves. */
    private static final int TELLING = 8;

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> textsOfTheNativeLibrary() {
        List<String> texts = new ArrayList<>();
        String engine = "native/src/engine/";
        for (String file : List.of("native/src/abi/wescale/dialect.rs", engine + "compile.rs", engine + "linker.rs")) {
            FORMATTED
                    .matcher(read(ROOT.resolve(file)))
                    .results()
                    .map(found -> found.group(1).replaceAll("\\\\\\s*\n\\s*", ""))
                    .map(text -> telling(Stream.of(text.split("\\{[^}]*\\}"))))
                    // The name of a thread, and misuse of the linker by the host's own developer.
                    .filter(text -> !text.startsWith("sluice-compile") && !text.contains("define "))
                    .forEach(texts::add);
        }
        TRAP.matcher(read(ROOT.resolve(engine + "error.rs")))
                .results()
                .map(found -> found.group(1).trim())
                .forEach(texts::add);
        return texts.stream().filter(text -> !text.isEmpty()).distinct();
    }

    static Stream<String> textsOfTheCommandAndTheTestKit() throws IOException {
        List<String> texts = new ArrayList<>();
        for (String folder : List.of(
                "java/cli/src/main/java/io/sluice/cli/plugin", "java/testkit/src/main/java/io/sluice/testkit")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                for (Path file : files.sorted().toList()) {
                    FAULT.matcher(read(file))
                            .results()
                            .map(found -> telling(
                                    LITERAL.matcher(found.group()).results().map(each -> each.group(1))))
                            .forEach(texts::add);
                }
            }
        }
        return texts.stream().filter(text -> !text.isEmpty()).distinct();
    }

    /** The first piece that is long enough to be told from others. */
    private static String telling(Stream<String> pieces) {
        return pieces.map(piece -> piece.replaceFirst("^[ :]+", "").trim())
                .filter(piece -> piece.length() >= TELLING)
                .findFirst()
                .orElse("");
    }

    @ParameterizedTest
    @MethodSource("textsOfTheNativeLibrary")
    void thePageHasWhatTheHostSays(String text) {
        assertThat(PAGE).contains(text);
    }

    @ParameterizedTest
    @MethodSource("textsOfTheCommandAndTheTestKit")
    void thePageHasWhatTheCommandSays(String text) {
        assertThat(PAGE).contains(text);
    }

    @ParameterizedTest
    @EnumSource(TrapKind.class)
    void thePageHasEveryKindOfTrap(TrapKind kind) {
        assertThat(PAGE).contains("| `" + kind + "` |");
    }

    @ParameterizedTest
    @EnumSource(Limit.class)
    void thePageHasEveryLimit(Limit limit) {
        assertThat(PAGE).contains("`" + limit + "`");
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void thePageHasEveryPhase(Phase phase) {
        assertThat(PAGE).contains("`" + phase.name().toLowerCase(Locale.ROOT) + "`");
    }

    @Test
    void everyRowNamesACure() {
        List<String> rows = PAGE.lines().filter(line -> line.startsWith("| ")).toList();
        assertThat(rows).hasSizeGreaterThan(50);
        assertThat(rows).noneMatch(row -> row.trim().endsWith("| |"));
    }

    @Test
    void theSourcesAreFound() throws IOException {
        assertThat(textsOfTheNativeLibrary()).hasSizeGreaterThan(15);
        assertThat(textsOfTheCommandAndTheTestKit()).hasSizeGreaterThan(20);
    }
}
