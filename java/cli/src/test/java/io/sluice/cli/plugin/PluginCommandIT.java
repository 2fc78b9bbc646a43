package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** {@code sluice plugin}, as its user sees it. */
class PluginCommandIT {
    @TempDir
    Path folder;

    private int status;

    private String run(Object... arguments) {
        CommandLine line =
                new CommandLine(CommandLine.Model.CommandSpec.create().name("plugin"));
        AuthorCommands.addTo(line);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        StringWriter out = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(out));
        line.setExecutionExceptionHandler((e, failed, result) -> {
            failed.getErr().println(e.getMessage());
            return 1;
        });
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        status = line.execute(texts);
        return out.toString();
    }

    private static Path reject() {
        return Examples.module("reject_without_where/c");
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void newMakesAFolderThatItsLanguageIsToldBy(Language language) throws IOException {
        String said = run("new", "--lang", language.name().toLowerCase(Locale.ROOT), "--in", folder, "mine");
        assertThat(said).contains("sluice plugin build", "sluice plugin test");
        assertThat(status).isZero();
        assertThat(Language.of(folder.resolve("mine"))).isEqualTo(language);
        assertThat(folder.resolve("mine/README.md")).content().startsWith("# mine");
        assertThat(folder.resolve("mine/cases.yaml")).content().contains("mine lets no DROP through");
    }

    @Test
    void newRefusesAFolderThatIsNotEmptyAndANameThatIsNone() throws IOException {
        Files.createDirectories(folder.resolve("full/x"));
        assertThat(run("new", "--lang", "c", "--in", folder, "full"))
                .isEqualTo(
                        "the folder " + folder.resolve("full") + " is not empty; choose another name, or empty it\n");
        assertThat(run("new", "--lang", "c", "--in", folder, "no-name"))
                .isEqualTo("'no-name' is no name for a plugin; use letters, digits and _, no digit first\n");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void buildNamesTheToolchainThatIsMissing() throws IOException {
        Files.createFile(folder.resolve("plugin.c"));
        assertThatThrownBy(() -> new Builder(folder, "/nowhere").build(new PrintWriter(new StringWriter())))
                .hasMessage("no clang-14 on the PATH; install it with: apt-get install -y clang-14 lld-14");
        assertThat(run("build", folder.resolve("none")))
                .isEqualTo("no plugin in " + folder.resolve("none") + ": found none of plugin.c, go.mod, Cargo.toml,"
                        + " package.json, pom.xml; make one with: sluice plugin new\n");
    }

    @Test
    void buildSaysWhatTheCompilerSaysAndNothingElse() throws IOException {
        Files.createFile(folder.resolve("plugin.c"));
        Path tool = Files.writeString(folder.resolve("clang-14"), "#!/bin/sh\necho 'plugin.c:1: no'\nexit 1\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        StringWriter out = new StringWriter();
        assertThat(new Builder(folder, folder + ":/usr/bin:/bin").build(new PrintWriter(out)))
                .isFalse();
        assertThat(out.toString()).isEqualTo("plugin.c:1: no\n");
    }

    @Test
    void testCountsAndReports() throws IOException {
        Path report = folder.resolve("report.xml");
        String said = run("test", "--cases", Examples.cases("reject_without_where/c"), "--report", report, reject());
        assertThat(said).contains("a delete without where is refused").endsWith("26 passed, 0 failed\n");
        assertThat(status).isZero();
        assertThat(report).content().contains("tests=\"26\" failures=\"0\"");
    }

    @Test
    void testShowsWhatDiffersSideBySide() throws IOException {
        Path cases = Files.writeString(folder.resolve("cases.yaml"), """
                cases:
                  - statement: DELETE FROM t
                    expect: {error: there must be a where}
                  - statement: SELECT 1
                    expect: {fuel_below: 10}
                """);
        String said = run("test", "--cases", cases, reject());
        assertThat(said)
                .contains("FAIL  DELETE FROM t")
                .contains("! there must be a where | no where clause")
                .contains("fuel:")
                .contains("below 10")
                .endsWith("0 passed, 2 failed\n");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void testFailsWhenNoCaseIsRun() throws IOException {
        Path cases = Files.writeString(folder.resolve("cases.yaml"), """
                cases:
                  - statement: SELECT 1
                    times: 2
                    expect: {}
                """);
        assertThat(run("test", "--cases", cases, "--repeat", "3", reject()))
                .endsWith("no case was run: all send their statement more than once (times), which --repeat leaves out;"
                        + " run them without --repeat\n");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void testTellsNullFromItsName() throws IOException {
        Path cases = Files.writeString(folder.resolve("cases.yaml"), """
                cases:
                  - statement: SELECT a FROM t
                    result:
                      columns: {a: VARCHAR}
                      rows: [[null]]
                    expect:
                      rows: [["NULL"]]
                """);
        assertThat(run("test", "--cases", cases, reject()))
                .contains("'NULL'", "| NULL")
                .endsWith("0 passed, 1 failed\n");
    }

    @Test
    void repeatFindsNothingInAPluginThatKeepsNothing() {
        assertThat(run(
                        "test",
                        "--cases",
                        Examples.cases("mask_columns/c"),
                        "--isolation",
                        "pooled",
                        "--repeat",
                        "50",
                        "--seed",
                        "7",
                        Examples.module("mask_columns/c")))
                .contains(", each case 50 times")
                .endsWith("7 passed, 0 failed\n");
    }

    @Test
    void runSaysWhatBecameOfAQuery() {
        assertThat(run("run", reject(), "--query", "DELETE FROM t"))
                .contains("error 1105 (HY000): no where clause")
                .contains(
                        "as the client sees it: error from wasm plugin at after execution stage: error from wasm plugin at"
                                + " before execution stage: no where clause")
                .contains("cost: ");
        assertThat(run("run", reject(), "--query", "SELECT 1")).contains("executed: SELECT 1", "no rows, no changes");
    }

    @Test
    void inspectTellsTheAbiAndWhereItRuns() {
        assertThat(run("inspect", reject()))
                .contains(
                        "ABI: WeScale v1alpha1, dialect C", "runs on WeScale: yes", "imports from env: GetQueryOnHost");
        assertThat(run("inspect", Examples.module("authenticate/c")))
                .contains("runs on WeScale: no, it imports from the module sluice");
        assertThat(run("inspect", Examples.module("rate_limit/c")))
                .contains("runs on WeScale: no, it has shared values or locks, which WeScale has in dialect B only");
    }

    @Test
    void aLengthBeyondTheFileIsDamage() throws IOException {
        byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0, 2, 6, 1, -1, -1, -1, -1, 7};
        Path file = Files.write(folder.resolve("damaged.wasm"), module);
        assertThat(run("inspect", file)).isEqualTo(file + " is no plugin: its sections are damaged; build it again\n");
    }

    @Test
    void validateSaysWhichOtherAbiItFound() throws IOException {
        assertThat(run("validate", reject())).contains(": valid, wescale v1alpha1, dialect C");
        byte[] proxyWasm = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 27, 1, 23};
        byte[] name = "proxy_abi_version_0_2_1".getBytes(StandardCharsets.US_ASCII);
        byte[] rest = {0, 0, 10, 4, 1, 2, 0, 0x0b};
        Path file = folder.resolve("proxy.wasm");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(proxyWasm);
            out.write(name);
            out.write(rest);
        }
        assertThat(run("validate", file))
                .startsWith(file + " is no SQL plugin: it is Proxy-Wasm 0.2.1. plugin 'plugin', load: ");
        Path text = Files.writeString(folder.resolve("text.wasm"), "not at all");
        assertThat(run("validate", text))
                .isEqualTo(text
                        + " is no plugin: it does not begin as WebAssembly does; build it with: sluice plugin build\n");
    }

    @ParameterizedTest
    @CsvSource({
        "loops_before, \"plugin 'plugin', before: \"",
        "malloc_traps, \"plugin 'plugin', before: \"",
    })
    void aPluginThatFailsIsStoppedAndNamed(String guest, String words) {
        Path module = Examples.sdk().resolveSibling("plugins-test/guests/hostile/" + guest + "/" + guest + ".wasm");
        assertThat(run("run", module, "--query", "SELECT 1")).contains(words.replace("\"", ""));
        assertThat(status).isEqualTo(1);
    }
}
