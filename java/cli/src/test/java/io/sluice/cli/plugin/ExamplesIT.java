package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.CaseRun;
import io.sluice.testkit.CaseSuite;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of every SDK: what they do, what they were built from, and what they ask of a host. */
class ExamplesIT {
    /** What WeScale's own versions offer, all of them together. */
    private static final Set<String> UPSTREAM = Set.of(
            "env.GetAbiVersionOnHost",
            "env.GetRuntimeTypeOnHost",
            "env.InfoLogOnHost",
            "env.ErrorLogOnHost",
            "env.GetQueryOnHost",
            "env.SetQueryOnHost",
            "env.GetErrorMessageOnHost",
            "env.SetErrorMessageOnHost",
            "env.GetQueryResultOnHost",
            "env.SetQueryResultOnHost",
            "env.GetValueByKeyOnHost",
            "env.SetValueByKeyOnHost",
            "env.LockOnHost",
            "env.UnlockOnHost");

    @TempDir
    static Path cache;

    private static @Nullable PluginHost host;

    @BeforeAll
    static void openHost() {
        // What the plugins do is the same without optimisation, and there sooner.
        host = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withOptimisation(false))
                .cacheFolder(cache)
                .optimiserThreads(0)
                .build();
    }

    @AfterAll
    static void closeHost() {
        if (host != null) {
            host.close();
        }
    }

    static List<String> examples() {
        return Examples.all();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void examplePassesItsCases(String example) {
        CaseFile file = CaseFile.read(Examples.cases(example));
        try (CaseSuite suite =
                CaseSuite.open(Objects.requireNonNull(host), PluginSource.file(Examples.module(example)))) {
            List<CaseRun> runs = suite.run(
                    // A busy machine must not fail a case by its time.
                    file.config().withLimits(file.config().limits().withDeadline(Duration.ofMinutes(1))), file.cases());
            assertThat(runs).hasSameSizeAs(file.cases());
            for (CaseRun run : runs) {
                assertThat(run.differences()).as(run.pluginCase().name()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void exampleImportsWhatUpstreamOffersUnlessItIsAboutMore(String example) {
        TreeSet<String> more = new TreeSet<>();
        for (WasmFile.External each : WasmFile.read(Examples.module(example)).imports()) {
            String name = each.module() + "." + each.name();
            if (!UPSTREAM.contains(name) && !each.module().equals("wasi_snapshot_preview1")) {
                more.add(name);
            }
        }
        if (example.startsWith("authenticate/")) {
            assertThat(more).containsExactly("sluice.get_configuration", "sluice.set_error");
        } else {
            assertThat(more).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void manifestAgreesWithSourcesAndModule(String example) throws Exception {
        Path folder = Examples.folder(example);
        Properties manifest = new Properties();
        try (Reader reader = Files.newBufferedReader(folder.resolve("manifest.properties"))) {
            manifest.load(reader);
        }
        assertThat(manifest.getProperty("toolchain")).isNotBlank();
        assertThat(manifest.getProperty("command")).isNotBlank();
        for (String key : manifest.stringPropertyNames()) {
            if (key.startsWith("source.") || key.startsWith("output.")) {
                Path file = folder.resolve(key.substring("source.".length()));
                assertThat(sha256(file))
                        .as("%s; run sdk/build %s", key, example)
                        .isEqualTo(manifest.getProperty(key));
            }
        }
    }

    @Test
    void everyLanguageHasTheExamplesThatItCan() {
        List<String> all = Examples.all();
        for (String useCase : List.of(
                "audit_log",
                "authenticate",
                "mask_columns",
                "mock_data",
                "rate_limit",
                "reject_without_where",
                "rewrite_query")) {
            assertThat(all).contains(useCase + "/c", useCase + "/rust", useCase + "/assemblyscript", useCase + "/java");
        }
        assertThat(all).contains("mask_columns/go", "reject_without_where/go");
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
