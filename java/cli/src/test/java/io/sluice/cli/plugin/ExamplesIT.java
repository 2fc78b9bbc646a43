package io.sluice.cli.plugin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.abi.SharedLimits;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.CaseRun;
import io.sluice.testkit.CaseSuite;
import io.sluice.testkit.Desk;
import io.sluice.testkit.Outcome;
import io.sluice.testkit.Rows;
import io.sluice.testkit.Statement;
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
    /** What WeScale offers with the entry points that the SDKs export, those of dialect C. */
    private static final Set<String> UPSTREAM = Set.of(
            "env.InfoLogOnHost",
            "env.ErrorLogOnHost",
            "env.GetQueryOnHost",
            "env.SetQueryOnHost",
            "env.GetErrorMessageOnHost",
            "env.SetErrorMessageOnHost",
            "env.GetQueryResultOnHost",
            "env.SetQueryResultOnHost");

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

    static List<String> masks() {
        return Examples.all().stream()
                .filter(each -> each.startsWith("mask_columns/"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("masks")
    void resultThatTheHostDoesNotTakeReachesTheClientNeither(String example) {
        Rows secrets = Rows.ofColumns("password");
        for (int i = 0; i < 100; i++) {
            secrets = secrets.withRow("a");
        }
        // Enough for the result as it is, too little for one that is masked.
        PluginLimits limits =
                PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)).withMaxResultBytes(1_000);
        try (Desk desk = Desk.open(
                Objects.requireNonNull(host),
                PluginConfig.of("mask").withLimits(limits),
                PluginSource.file(Examples.module(example)))) {
            Outcome outcome =
                    desk.query(Statement.of("SELECT password FROM users").withResult(secrets));
            assertThat(outcome.result()).isNull();
            assertThat(outcome.error()).contains("set the result");
        }
    }

    static List<String> rejects() {
        return Examples.all().stream()
                .filter(each -> each.startsWith("reject_without_where/"))
                .toList();
    }

    /** A host that takes no text, not even the SDK's last one: the plugin fails, and so does the query. */
    @ParameterizedTest
    @MethodSource("rejects")
    void rejectionThatTheHostTakesNoTextForIsOneAllTheSame(String example) {
        PluginLimits limits =
                PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)).withMaxResultBytes(10);
        try (Desk desk = Desk.open(
                Objects.requireNonNull(host),
                PluginConfig.of("reject").withLimits(limits),
                PluginSource.file(Examples.module(example)))) {
            Outcome outcome = desk.query("DELETE FROM users");
            assertThat(outcome.executed()).isNull();
            assertThat(outcome.failure()).isNotNull();
            assertThat(outcome.failure()).hasMessageStartingWith("plugin 'reject', before: ");
        }
    }

    static List<String> rateLimits() {
        return Examples.all().stream()
                .filter(each -> each.startsWith("rate_limit/"))
                .toList();
    }

    /** Where the count cannot be kept, nobody knows how many went through. */
    @ParameterizedTest
    @MethodSource("rateLimits")
    void queryThatCannotBeCountedIsRefused(String example) {
        PluginConfig config = PluginConfig.of("limit")
                .withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)))
                .withSharedLimits(SharedLimits.defaults().withMaxValueBytes(4));
        try (Desk desk = Desk.open(Objects.requireNonNull(host), config, PluginSource.file(Examples.module(example)))) {
            Outcome outcome = desk.query("SELECT 1");
            assertThat(outcome.executed()).isNull();
            assertThat(outcome.error()).containsPattern("rate limit exceeded|set the shared value");
        }
    }

    @ParameterizedTest
    @MethodSource("rejects")
    void byteThatIsNoUtf8HidesNoQuoteBehindIt(String example) {
        PluginConfig config =
                PluginConfig.of("reject").withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)));
        try (Plugin plugin = Objects.requireNonNull(host).load(config, PluginSource.file(Examples.module(example)));
                SqlLease lease = plugin.acquireSql()) {
            for (String lead : List.of("\u00c3", "\u00e2", "\u00e2\u0082", "\u00f0\u009f\u0098", "\u00ff")) {
                byte[] query = ("UPDATE users SET a = '" + lead + "' -- ' WHERE id = 1").getBytes(ISO_8859_1);
                lease.before(query, 0, query.length);
                assertThat(lease.hasError()).as(lead).isTrue();
                assertThat(lease.errorText()).isEqualTo("no where clause");
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
        } else if (example.startsWith("rate_limit/")) {
            assertThat(more)
                    .containsExactly(
                            "env.GetValueByKeyOnHost", "env.LockOnHost", "env.SetValueByKeyOnHost", "env.UnlockOnHost");
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
