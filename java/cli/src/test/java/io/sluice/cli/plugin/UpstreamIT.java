package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.CaseRun;
import io.sluice.testkit.CaseSuite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plugins written for WeScale's own Go SDK are built with standard Go and do what they say: nothing of them is ours but one line in go.mod. */
class UpstreamIT {
    private static final Path FOLDER = Examples.sdk().resolve("upstream");

    /** Beside the classes, so that the second JDK finds the code that the first compiled. */
    private static final Path BUILT = Path.of("target/upstream").toAbsolutePath();

    private static final Set<String> IMPORTS = Set.of(
            "env.GetAbiVersionOnHost",
            "env.GetRuntimeTypeOnHost",
            "env.InfoLogOnHost",
            "env.ErrorLogOnHost",
            "env.GetQueryOnHost",
            "env.SetQueryOnHost",
            "env.GetErrorMessageOnHost",
            "env.SetErrorMessageOnHost",
            "env.GetQueryResultOnHost",
            "env.SetQueryResultOnHost");

    private static @Nullable PluginHost host;

    @BeforeAll
    static void openHost() {
        host = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withOptimisation(false))
                .cacheFolder(BUILT.resolve("code"))
                .optimiserThreads(0)
                .build();
    }

    @AfterAll
    static void closeHost() {
        if (host != null) {
            host.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interceptor", "masking", "mock_rows", "query_log"})
    void pluginOfUpstreamBuildsByOneReplaceLineAndPassesItsCases(String name) throws Exception {
        Path source = FOLDER.resolve(name);
        assertThat(Files.readAllLines(source.resolve("go.mod")))
                .filteredOn(line -> line.contains("replace"))
                .containsExactly("replace github.com/wesql/wescale-wasm-plugin-sdk => ../../go");
        assertThat(source.resolve("main.go")).content().doesNotContain("sluice");
        Path module = BUILT.resolve(name + ".wasm");
        build(source, module);
        for (WasmFile.External each : WasmFile.read(module).imports()) {
            assertThat(each.module().equals("wasi_snapshot_preview1")
                            || IMPORTS.contains(each.module() + "." + each.name()))
                    .as("upstream offers %s.%s", each.module(), each.name())
                    .isTrue();
        }
        CaseFile file = CaseFile.read(source.resolve("cases.yaml"));
        try (CaseSuite suite = CaseSuite.open(Objects.requireNonNull(host), PluginSource.file(module))) {
            List<CaseRun> runs = suite.run(
                    // A busy machine must not fail a case by its time.
                    file.config().withLimits(file.config().limits().withDeadline(Duration.ofMinutes(1))), file.cases());
            assertThat(runs).hasSameSizeAs(file.cases());
            for (CaseRun run : runs) {
                assertThat(run.differences()).as(run.pluginCase().name()).isEmpty();
            }
        }
    }

    /** Set again, it would be the plugin's, 1105 and HY000, in place of what the database says. */
    @Test
    void errorThatAPluginGivesBackStaysTheDatabases() throws Exception {
        Path module = BUILT.resolve("query_log.wasm");
        build(FOLDER.resolve("query_log"), module);
        PluginConfig config =
                PluginConfig.of("log").withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)));
        try (Plugin plugin = Objects.requireNonNull(host).load(config, PluginSource.file(module));
                SqlLease lease = plugin.acquireSql()) {
            byte[] query = "SELECT * FROM nowhere".getBytes(StandardCharsets.UTF_8);
            lease.before(query, 0, query.length);
            lease.after("Table 'shop.nowhere' doesn't exist".getBytes(StandardCharsets.UTF_8), null);
            assertThat(lease.hasError()).isTrue();
            assertThat(lease.errorText()).isEqualTo("Table 'shop.nowhere' doesn't exist");
            assertThat(lease.errorChanged()).isFalse();
        }
    }

    @Test
    void everyNameOfUpstreamIsThereWithItsSignature() throws Exception {
        build(FOLDER.resolve("names"), BUILT.resolve("names.wasm"));
    }

    /** Builds as the plugin's author would, from what lies in Go's cache of modules; nothing is fetched. */
    private static void build(Path source, Path module) throws IOException, InterruptedException {
        assumeTrue(goIsThere(), "no Go here, so no plugin of upstream is built");
        Files.createDirectories(BUILT);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        "go",
                        "build",
                        "-buildmode=c-shared",
                        "-trimpath",
                        "-buildvcs=false",
                        "-ldflags=-s -w",
                        "-o",
                        module.toString(),
                        "."))
                .directory(source.toFile())
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of("GOOS", "wasip1", "GOARCH", "wasm", "GOPROXY", "off", "GOFLAGS", "", "GOWORK", "off"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        assumeTrue(
                !said.contains("GOPROXY=off"),
                "Go's cache of modules lacks what plugins of upstream need; run: tools/fetch");
        assertThat(status).as(said).isZero();
    }

    private static boolean goIsThere() {
        List<String> folders = new ArrayList<>(
                List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1)));
        return folders.stream()
                .anyMatch(folder ->
                        !folder.isEmpty() && Files.isExecutable(Path.of(folder).resolve("go")));
    }
}
