package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.CompilationException;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginHostIT {
    private static PluginHost host;

    @BeforeAll
    static void open() {
        host = PluginHost.create();
    }

    @AfterAll
    static void close() {
        host.close();
    }

    @Test
    void loadedPluginTellsWhatItIs() {
        try (Plugin plugin = host.load(PluginConfig.of("told").withVersion("1.0"), Guests.source("c/allows_all"))) {
            assertThat(plugin.name()).isEqualTo("told");
            assertThat(plugin.version()).isEqualTo("1.0");
            assertThat(plugin.generation()).isEqualTo(1);
            assertThat(plugin.sha256()).matches("[0-9a-f]{64}");
            assertThat(plugin.abi()).isEqualTo(PluginAbi.WESCALE_C);
            assertThat(plugin.state()).isEqualTo(PluginState.SERVING);
            assertThat(plugin.imports("env", "NoSuchFunction")).isFalse();
            assertThat(plugin).hasToString("Plugin[told 1.0, generation 1, SERVING]");
            assertThat(host.plugin("told")).containsSame(plugin);
        }
        assertThat(host.plugin("told")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostile/missing_before | Wasm Plugin ABI version is not compatible, missing RunBeforeExecutionOnGuest",
                "hostile/missing_after | RunAfterExecutionOnGuest",
                "hostile/missing_malloc | malloc",
                "hostile/missing_memory | memory",
                "hostile/before_wrong_arity | RunBeforeExecutionOnGuest",
                "hostile/before_is_a_global | RunBeforeExecutionOnGuest",
                "hostile/malloc_wrong_type | malloc",
                "hostile/unknown_import | env",
                "hostile/import_wrong_type | env",
            })
    void moduleThatDoesNotFitIsRefusedAtLoad(String guest, String named) {
        assertThatThrownBy(() -> host.load(PluginConfig.of("misfit"), Guests.source(guest)))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'misfit', load: ")
                .hasMessageContaining(named)
                .hasCauseInstanceOf(LinkException.class);
        assertThat(host.plugin("misfit")).isEmpty();
    }

    @Test
    void wrongSignatureIsNamedWithWhatWasExpected() {
        assertThatThrownBy(() -> host.load(PluginConfig.of("p"), Guests.source("hostile/before_wrong_arity")))
                .hasMessageContaining("(i64)")
                .hasMessageContaining("RunBeforeExecutionOnGuest");
    }

    @Test
    void startThatTrapsIsALoadError() {
        PluginException failure = failureOf("hostile/start_traps");

        assertThat(failure.phase()).isEqualTo(Phase.START);
        assertThat(failure.pluginName()).isEqualTo("start");
        assertThat(failure).hasMessageStartingWith("plugin 'start', start: ").hasCauseInstanceOf(TrapException.class);
    }

    @Test
    void startSectionThatTrapsIsALoadError() {
        assertThat(failureOf("hostile/start_section_traps").phase()).isEqualTo(Phase.START);
    }

    @Test
    void startThatExitsIsALoadError() {
        PluginException failure = failureOf("hostile/start_exits_7");

        assertThat(failure.phase()).isEqualTo(Phase.START);
        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        ExitException.class, exit -> assertThat(exit.exitCode()).isEqualTo(7));
    }

    @Test
    void startThatLoopsIsALoadError() {
        PluginException failure = failureOf("hostile/start_loops");

        assertThat(failure.phase()).isEqualTo(Phase.START);
        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        TrapException.class,
                        trap -> assertThat(trap.kind()).isIn(TrapKind.OUT_OF_FUEL, TrapKind.DEADLINE_EXCEEDED));
    }

    @Test
    void startThatEndsWellIsNone() {
        for (String guest :
                List.of("wat/start_exits_0", "wat/start_command", "wat/start_initialize", "wat/start_section")) {
            host.load(PluginConfig.of("well"), Guests.source(guest)).close();
        }
    }

    private static PluginException failureOf(String guest) {
        try {
            host.load(PluginConfig.of("start"), Guests.source(guest)).close();
        } catch (PluginException e) {
            return e;
        }
        throw new AssertionError(guest + " was loaded");
    }

    @Test
    void bytesThatAreNoModuleAreRefused() {
        assertThatThrownBy(() ->
                        host.load(PluginConfig.of("text"), PluginSource.bytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8})))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'text', load: ")
                .hasCauseInstanceOf(CompilationException.class);
    }

    @Test
    void sourceThatCannotBeReadIsNamed(@TempDir Path folder) {
        Path missing = folder.resolve("missing.wasm");

        assertThatThrownBy(() -> host.load(PluginConfig.of("p"), PluginSource.file(missing)))
                .isInstanceOf(PluginException.class)
                .hasMessage("plugin 'p', load: file " + missing + " cannot be read: java.nio.file.NoSuchFileException: "
                        + missing);
        assertThatThrownBy(() ->
                        host.load(PluginConfig.of("p"), PluginSource.resource(PluginHostIT.class, "missing.wasm")))
                .hasMessage("plugin 'p', load: resource missing.wasm of io.sluice.plugin.PluginHostIT cannot be read:"
                        + " there is no such resource");
    }

    @Test
    void moduleAboveTheEnginesSizeIsRefusedBeforeItIsRead() {
        try (PluginHost small = PluginHost.builder()
                .engineConfig(EngineConfig.defaults().withMaxModuleBytes(100))
                .build()) {
            assertThatThrownBy(() -> small.load(PluginConfig.of("p"), Guests.source("c/reject_without_where")))
                    .isInstanceOf(PluginException.class)
                    .hasMessageEndingWith("cannot be read: it has more than the 100 bytes that the engine takes;"
                            + " raise EngineConfig.maxModuleBytes");
        }
    }

    @Test
    void configurationIsCheckedByItsUse() {
        assertThatThrownBy(() -> host.load(PluginConfig.of("p").withMaxInstances(0), Guests.source("c/allows_all")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("plugin 'p': max instances is 0; it must be 1 to 65536");
    }

    @Test
    void nameIsTakenOnce() {
        try (Plugin first = host.load(PluginConfig.of("once"), Guests.source("c/allows_all"))) {
            assertThatThrownBy(() -> host.load(PluginConfig.of("once"), Guests.source("c/allows_all")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("plugin 'once' is loaded already; replace it, or close it first");
            assertThat(first.state()).isEqualTo(PluginState.SERVING);
        }
    }

    @Test
    void hostTakesSoManyPlugins() {
        try (PluginHost narrow = PluginHost.builder().maxPlugins(1).build()) {
            narrow.load(PluginConfig.of("a"), Guests.source("c/allows_all"));
            assertThatThrownBy(() -> narrow.load(PluginConfig.of("b"), Guests.source("c/allows_all")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("plugin 'b' cannot be loaded: the host has 1 plugins, its maximum; close one or raise"
                            + " PluginHost.Builder.maxPlugins");
        }
    }

    @Test
    void builderRefusesWhatMakesNoSense() {
        assertThatThrownBy(() -> PluginHost.builder().memoryBudgetBytes(1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("memory budget is 1 bytes; it must be at least one page of 65536 bytes");
        assertThatThrownBy(() -> PluginHost.builder().maxPlugins(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max plugins is 0; it must be at least 1");
    }

    @Test
    void closedHostTakesNothing() {
        PluginHost closed = PluginHost.create();
        Plugin plugin = closed.load(PluginConfig.of("p"), Guests.source("c/allows_all"));
        closed.close();
        closed.close();

        assertThat(closed.isClosed()).isTrue();
        assertThat(closed.memoryUsedBytes()).isZero();
        assertThat(plugin.state()).isEqualTo(PluginState.CLOSED);
        assertThatThrownBy(() -> closed.load(PluginConfig.of("q"), Guests.source("c/allows_all")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("plugin 'q' cannot be loaded: the plugin host is closed");
        assertThatThrownBy(() -> closed.loadAsync(PluginConfig.of("q"), Guests.source("c/allows_all")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the plugin host is closed; build a new one");
    }

    @Test
    void folderIsLoadedAllOrNone(@TempDir Path folder) throws IOException {
        copy("c/allows_all", folder.resolve("a.wasm"));
        copy("c/rewrite_query", folder.resolve("b.wasm"));
        Files.writeString(folder.resolve("notes.txt"), "not a plugin");

        List<Plugin> plugins = host.loadDirectory(folder, PluginConfig::of);

        assertThat(plugins).extracting(Plugin::name).containsExactly("a", "b");
        plugins.forEach(Plugin::close);

        Files.writeString(folder.resolve("c.wasm"), "broken");
        assertThatThrownBy(() -> host.loadDirectory(folder, PluginConfig::of))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'c', load: ");
        assertThat(host.plugin("a")).isEmpty();
    }

    private static void copy(String guest, Path to) throws IOException {
        Files.write(to, Guests.source(guest).read(1 << 20));
    }

    @Test
    void loadGoesOnAThreadOfTheHostWhenAskedTo() {
        Plugin plugin = host.loadAsync(PluginConfig.of("later"), Guests.source("c/allows_all"))
                .join();
        assertThat(plugin.state()).isEqualTo(PluginState.SERVING);
        plugin.close();

        assertThatThrownBy(() -> host.loadAsync(PluginConfig.of("later"), PluginSource.bytes(new byte[0]))
                        .join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(PluginException.class);
    }

    @Test
    void memoryOfAllPluginsIsBounded() {
        try (PluginHost tight = PluginHost.builder().memoryBudgetBytes(1 << 20).build()) {
            assertThat(tight.memoryBudgetBytes()).isEqualTo(1 << 20);
            Plugin plugin = tight.load(
                    PluginConfig.of("p").withMaxInstances(64).withIsolation(Isolation.pooled()),
                    Guests.source("c/allows_all"));
            List<SqlLease> leases = new java.util.ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 64; i++) {
                            SqlLease lease = plugin.acquireSql();
                            leases.add(lease);
                            lease.before(new byte[0], 0, 0);
                        }
                    })
                    .isInstanceOf(PluginException.class)
                    .hasMessageStartingWith("plugin 'p', ");
            assertThat(tight.memoryUsedBytes()).isBetween(1L, 1L << 20);
            leases.forEach(Lease::close);
        }
    }
}
