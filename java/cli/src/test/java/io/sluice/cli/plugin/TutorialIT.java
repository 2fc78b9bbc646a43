package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/**
 * Does what the tutorials say: writes their files, runs their commands. Those of AssemblyScript and Java have their toolchains fetched,
 * and run with {@code -Dsluice.tutorials=all}.
 */
class TutorialIT {
    private static final Pattern BLOCK = Pattern.compile("```(\\w+) ?(\\S*)\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path start;

    @ParameterizedTest
    @EnumSource(Language.class)
    void tutorialEndsWithAPluginThatPassesItsCases(Language language) throws IOException {
        boolean fetches = language == Language.ASSEMBLYSCRIPT || language == Language.JAVA;
        assumeTrue(
                !fetches || "all".equals(System.getProperty("sluice.tutorials")),
                "the toolchain is fetched; run it with -Dsluice.tutorials=all");
        assumeTrue(isThere(language.tool()), () -> language.tool() + " is not installed");
        String page = Files.readString(Examples.sdk()
                .resolveSibling("docs/tutorials/" + language.name().toLowerCase(Locale.ROOT) + ".md"));
        Path folder = start;
        List<String> ran = new ArrayList<>();
        for (MatchResult block : BLOCK.matcher(page).results().toList()) {
            if (!block.group(1).equals("sh")) {
                assertThat(folder.resolve(block.group(2)))
                        .as("a file that `new` made")
                        .exists();
                Files.writeString(folder.resolve(block.group(2)), block.group(3));
                continue;
            }
            for (String line : block.group(3).lines().toList()) {
                if (line.startsWith("cd ")) {
                    folder = folder.resolve(line.substring(3));
                    continue;
                }
                assertThat(line).startsWith("sluice plugin ");
                ran.add(run(line.substring("sluice plugin ".length()), folder));
            }
        }
        assertThat(ran).hasSize(4);
        assertThat(ran.get(2)).endsWith("6 passed, 0 failed\n");
        assertThat(ran.get(3)).contains("SetErrorMessageOnHost(ctx 1, \"this connection only reads\") = 0");
    }

    private static String run(String command, Path folder) {
        List<String> words = new ArrayList<>();
        Pattern.compile("\"([^\"]*)\"|(\\S+)")
                .matcher(command)
                .results()
                .forEach(word -> words.add(word.group(1) != null ? word.group(1) : word.group(2)));
        switch (words.get(0)) {
            case "new" -> words.addAll(List.of("--in", folder.toString()));
            case "run" -> words.set(words.indexOf("."), folder.toString());
            default -> words.add(folder.toString());
        }
        CommandLine line =
                new CommandLine(CommandLine.Model.CommandSpec.create().name("plugin"));
        AuthorCommands.addTo(line);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        StringWriter out = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(out));
        assertThat(line.execute(words.toArray(String[]::new)))
                .as("%s: %s", command, out)
                .isZero();
        return out.toString();
    }

    private static boolean isThere(String tool) {
        return tool.startsWith("/")
                ? Files.isExecutable(Path.of(tool))
                : List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1)).stream()
                        .anyMatch(folder -> !folder.isEmpty()
                                && Files.isExecutable(Path.of(folder).resolve(tool)));
    }
}
