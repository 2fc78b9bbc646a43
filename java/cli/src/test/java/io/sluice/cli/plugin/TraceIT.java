package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Module;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.PluginCase;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code sluice plugin run} with {@code --trace} and {@code --profile}. */
class TraceIT {
    @TempDir
    Path folder;

    private static String run(Object... arguments) {
        CommandLine line = new CommandLine(new RunCommand());
        StringWriter out = new StringWriter();
        line.setOut(new PrintWriter(out));
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        line.execute(texts);
        return out.toString();
    }

    @Test
    void traceHasEachCallOfTheHostWithItsArgumentsInOrder() {
        assertThat(run(Examples.module("reject_without_where/c"), "--query", "DELETE FROM t", "--trace"))
                .startsWith("""
                        RunBeforeExecutionOnGuest
                          GetQueryOnHost(ctx 1) = 0, "DELETE FROM t"
                          SetErrorMessageOnHost(ctx 1, "no where clause") = 0
                        RunAfterExecutionOnGuest
                        error 1105 (HY000): no where clause
                        """);
        assertThat(run(Examples.module("rate_limit/c"), "--query", "SELECT 1", "--trace"))
                .contains("  LockOnHost(0, 0) = 0\n  GetValueByKeyOnHost(0, 0, \"full_again\") = 1\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit_log/c",
                "authenticate/c",
                "mask_columns/rust",
                "mock_data/assemblyscript",
                "rate_limit/c",
                "reject_without_where/java",
                "rewrite_query/c"
            })
    void tracedPluginDoesWhatItsCasesExpect(String example) throws Exception {
        CaseFile file = CaseFile.read(Examples.cases(example));
        try (Engine engine = Engine.create(EngineConfig.defaults().withOptimisation(false));
                Module module = Module.compile(engine, Files.readAllBytes(Examples.module(example)))) {
            for (PluginCase each : file.cases()) {
                if (each.times() > 1) {
                    continue;
                }
                try (OpenedPlugin plugin = new OpenedPlugin(engine, module, file.config(), each.statement(), true)) {
                    plugin.start();
                    plugin.before(file.config().limits().fuelPerCall());
                    plugin.after(file.config().limits().fuelPerCall());
                    String query = each.expected().query();
                    String error = each.expected().error() == null
                            ? each.statement().databaseError()
                            : each.expected().error();
                    assertThat(plugin.query())
                            .as(each.name())
                            .isEqualTo(query == null ? each.statement().text() : query);
                    assertThat(plugin.error()).as(each.name()).endsWith(error == null ? "" : error);
                    assertThat(plugin.error().isEmpty()).as(each.name()).isEqualTo(error == null);
                }
            }
        }
    }

    private static Path hostile(String name) {
        return Examples.sdk().resolveSibling("plugins-test/guests/hostile/" + name + "/" + name + ".wasm");
    }

    @Test
    void callOfTheHostThatATrapEndsIsInTheTrace() {
        assertThat(run(hostile("malloc_traps"), "--query", "SELECT 1", "--trace"))
                .contains("RunBeforeExecutionOnGuest\n  GetQueryOnHost(ctx 1) did not come back\n  ended: ")
                .doesNotContain("\n\n");
    }

    @Test
    void startThatTrapsIsInTheTrace() {
        assertThat(run(hostile("start_traps"), "--query", "SELECT 1", "--trace"))
                .startsWith("_initialize\n  ended: trap: unreachable instruction executed");
    }

    @Test
    void pluginThatLogsWithoutEndHasATraceWithAnEndAndAProfile() {
        assertThat(run(hostile("log_flood"), "--query", "SELECT 1", "--trace", "--profile=" + folder.resolve("f.svg")))
                .startsWith("RunBeforeExecutionOnGuest\n  InfoLogOnHost(\"flood ")
                .containsPattern("\n  … and [0-9]+ more\n  ended: ")
                .contains("own fuel")
                .satisfies(said -> assertThat(said.lines().count()).isLessThan(11_000));
    }

    @Test
    void profileOfAPluginThatExitsHasATable() {
        assertThat(run(hostile("exits_in_before"), "--query", "SELECT 1", "--profile=" + folder.resolve("e.svg")))
                .contains("own fuel")
                .contains("flame graph: ");
    }

    @Test
    void profileSaysWhichStacksWereCut() {
        assertThat(run(hostile("recurses"), "--query", "SELECT 1", "--profile=" + folder.resolve("r.svg")))
                .containsPattern("in stacks deeper than 16 calls: their outer functions are not in");
        assertThat(folder.resolve("r.svg")).content().contains("<title>…: ").contains("<title>all: ");
    }

    @Test
    void nameThatXmlCannotHaveIsDrawnWithoutIt() throws Exception {
        String svg = FlameGraph.svg(Map.of(List.of("a\0b\u001b<c>\uffff"), 5L));
        assertThat(svg).contains("a?b?&lt;c&gt;?");
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    }

    @Test
    void profileSaysWhereTheFuelOfAPluginThatRanOutWent() throws Exception {
        Path svg = folder.resolve("p.svg");
        Path guest = Examples.sdk().resolveSibling("plugins-test/guests/hostile/loops_before/loops_before.wasm");
        Path module = Files.copy(guest, folder.resolve("loops.wasm"));
        Files.writeString(folder.resolve("cases.yaml"), """
                limits: {fuel: 100_000, millis: 60_000}
                cases:
                  - statement: SELECT 1
                    expect: {trap: out of fuel}
                """);
        String said = run(module, "--query", "SELECT 1", "--profile=" + svg);
        assertThat(said)
                .contains("out of fuel")
                .containsPattern("own fuel +with callees +function\\n +[0-9,]+ +(9\\d\\.\\d|100\\.0)%")
                .contains("flame graph: " + svg);
        byte[] picture = Files.readAllBytes(svg);
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(picture))
                        .getElementsByTagName("rect")
                        .getLength())
                .isGreaterThan(1);
        assertThat(new String(picture, UTF_8)).contains(" fuel, 100.0%</title>");
    }
}
