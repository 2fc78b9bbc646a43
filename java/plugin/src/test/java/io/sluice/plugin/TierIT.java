package io.sluice.plugin;

import static io.sluice.plugin.HostedPlugins.errorOf;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a plugin gets its code: quick, optimised, from the cache. */
class TierIT {
    /** 97 KB: compiled in a fraction of a second, and not at once optimised. */
    private static final String BIG = "java/reject_without_where";

    private static final String SMALL = "c/reject_without_where";
    private static final PluginConfig CONFIG = PluginConfig.of("tiered");

    @TempDir
    Path temporary;

    private static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as(what).isLessThan(SECONDS.toNanos(60));
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void awaitOptimised(Plugin plugin) {
        await(plugin.status().toString(), () -> plugin.status().codeTier() == CodeTier.OPTIMISED);
    }

    private static void assertServes(Plugin plugin) {
        assertThat(errorOf(plugin, "delete from t")).isEqualTo("no where clause");
        assertThat(errorOf(plugin, "delete from t where a = 1")).isEmpty();
    }

    private static void assertCode(Plugin plugin, CodeTier tier, boolean fromCache, String detail) {
        PluginStatus status = plugin.status();
        assertThat(status.codeTier()).isEqualTo(tier);
        assertThat(status.fromCache()).isEqualTo(fromCache);
        assertThat(status.codeDetail()).isEqualTo(detail);
    }

    private List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    @Test
    void pluginAnswersOnQuickCodeUntilItsOptimisedCodeIsThere() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            PluginStatus first = plugin.status();
            assertServes(plugin);
            assertThat(first.codeTier()).isEqualTo(CodeTier.QUICK);
            assertThat(first.fromCache()).isFalse();
            assertThat(first.codeDetail())
                    .isIn(
                            "compiled when the plugin was loaded; optimised code waits to be compiled",
                            "a snapshot is being taken and optimised");
            assertThat(first.snapshotted()).isFalse();
            assertThat(first.startDetail()).isEqualTo("whether a snapshot can be taken is not known yet");

            awaitOptimised(plugin);
            assertServes(plugin);
            assertThat(plugin.status().fromCache()).isFalse();
            assertThat(plugin.status().codeDetail()).matches("compiled in the background within [0-9]+\\.[0-9] s");
            assertThat(plugin.generation()).isEqualTo(1);
            assertThat(plugin.counters().beforeCalls()).isEqualTo(4);
            await("the quick version is freed", () -> plugin.liveVersions() == 1);
        }
    }

    @Test
    void pluginBeginsFromASnapshotWhereOneCanBeTaken() {
        Path folder = temporary.resolve("cache");
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            awaitIdle(host);
            assertThat(plugin.status().snapshotted()).isTrue();
            assertThat(plugin.status().startDetail()).isEqualTo("snapshotted after start");
            assertThat(plugin.generation()).isEqualTo(1);
            assertServes(plugin);
        }
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertCode(plugin, CodeTier.OPTIMISED, true, "loaded from the cache");
            assertThat(plugin.status().snapshotted()).isTrue();
            assertThat(plugin.status().startDetail()).isEqualTo("begins from a snapshot that was in the cache");
            assertServes(plugin);
        }
    }

    @Test
    void snapshotInTheCacheIsForItsConfigurationOnly() throws IOException {
        Path folder = temporary.resolve("cache");
        for (String argument : new String[] {"a", "b"}) {
            try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                    Plugin plugin = host.load(CONFIG.withArguments(List.of("p", argument)), Guests.source(BIG))) {
                awaitIdle(host);
                assertThat(plugin.status().snapshotted()).isTrue();
                assertThat(plugin.status().fromCache()).isFalse();
            }
        }
        assertThat(files(folder)).hasSize(2);
    }

    @Test
    void pluginThatCannotBeSnapshottedTellsWhy() {
        try (PluginHost host = PluginHost.create();
                Plugin small = host.load(CONFIG, Guests.source(SMALL));
                Plugin pooled =
                        host.load(CONFIG.withName("pooled").withIsolation(Isolation.pooled()), Guests.source(BIG))) {
            awaitIdle(host);
            assertThat(small.status().snapshotted()).isFalse();
            assertThat(small.status().startDetail())
                    .isEqualTo(
                            "not snapshotted: the module has no start, so its instances begin where a snapshot would");
            assertThat(pooled.status().codeTier()).isEqualTo(CodeTier.OPTIMISED);
            assertThat(pooled.status().snapshotted()).isFalse();
            assertThat(pooled.status().startDetail())
                    .isEqualTo("pooled instances run the plugin's start once each, so no snapshot is taken");
            assertServes(pooled);
        }
    }

    @Test
    void bothTiersUseTheSameFuel() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertThat(plugin.status().codeTier()).isEqualTo(CodeTier.QUICK);
            long quick = fuelOf(plugin);
            awaitOptimised(plugin);
            assertThat(fuelOf(plugin)).isEqualTo(quick);
        }
    }

    private static long fuelOf(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            HostedPlugins.before(lease, "delete from t");
            return lease.fuelUsed();
        }
    }

    @Test
    void smallPluginIsOptimisedAtOnce() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(SMALL))) {
            assertCode(plugin, CodeTier.OPTIMISED, false, "compiled when the plugin was loaded");
        }
    }

    @Test
    void hostWithoutOptimiserThreadsServesTheBestCodeOnly() {
        try (PluginHost host = PluginHost.builder().optimiserThreads(0).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertThat(plugin.status().snapshotted()).isTrue();
            assertThat(plugin.liveVersions()).isEqualTo(1);
            assertCode(plugin, CodeTier.OPTIMISED, false, "compiled when the plugin was loaded");
            assertServes(plugin);
        }
    }

    @Test
    void hostWhoseEngineDoesNotOptimiseStaysOnQuickCode() {
        EngineConfig config = EngineConfig.defaults().withOptimisation(false);
        try (PluginHost host = PluginHost.builder().engineConfig(config).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertCode(plugin, CodeTier.QUICK, false, "compiled when the plugin was loaded");
            assertServes(plugin);
        }
    }

    @Test
    void leaseOfTheQuickCodeIsServedToItsEnd() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            SqlLease lease = plugin.acquireSql();
            HostedPlugins.before(lease, "delete from t");
            awaitOptimised(plugin);
            assertThat(plugin.liveVersions()).isEqualTo(2);
            assertServes(plugin);

            lease.after(lease.error(), null);
            assertThat(lease.errorText()).isEqualTo("no where clause");
            lease.close();
            await("the quick version is freed", () -> plugin.liveVersions() == 1);
            assertThat(plugin.counters().afterCalls()).isEqualTo(1);
        }
    }

    @Test
    void placesInUseHaveAnInstanceOfTheOptimisedCodeAhead() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            SqlLease lease = plugin.acquireSql();
            HostedPlugins.before(lease, "delete from t");
            awaitOptimised(plugin);
            long waited = plugin.counters().startsOnRequest();
            assertThat(errorOf(plugin, "delete from t")).isEqualTo("no where clause");
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(waited);
            lease.close();
        }
    }

    @Test
    void codeThatTakesTooLongToOptimiseLeavesThePluginOnQuickCode() {
        List<String> log = new ArrayList<>();
        try (PluginHost host = PluginHost.builder()
                        .optimiserDeadline(Duration.ofNanos(1))
                        .build();
                LogLines lines = LogLines.of("io.sluice.plugin", log);
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            String reason = "its optimised code cannot be had: the module was not compiled within 1ns:"
                    + " give it more time or use a smaller module";
            await("the failure is told", () -> plugin.status().codeDetail().contains("cannot be had"));
            assertCode(plugin, CodeTier.QUICK, false, "the plugin stays on quick code, " + reason);
            assertServes(plugin);
            await("the failure is logged", () -> !lines.copy().isEmpty());
            assertThat(lines.copy()).containsExactly("WARNING plugin 'tiered' stays on quick code, " + reason);
        }
    }

    @Test
    void pluginReplacedWhileItIsOptimisedStaysReplaced() {
        long handles = Engine.liveHandles();
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            await("compiling", () -> plugin.status().codeDetail().equals("a snapshot is being taken and optimised"));
            plugin.replace(Guests.source("c/allows_all"));
            awaitIdle(host);
            assertThat(plugin.generation()).isEqualTo(2);
            assertThat(plugin.status().codeDetail()).isEqualTo("compiled when the plugin was loaded");
            assertThat(errorOf(plugin, "delete from t")).isEmpty();
            await("the versions are freed", () -> plugin.liveVersions() == 1);
        }
        await("all handles are closed", () -> Engine.liveHandles() == handles);
    }

    @Test
    void pluginOrHostClosedWhileItIsOptimisedLeavesNothingBehind() {
        long handles = Engine.liveHandles();
        for (boolean closeHostOnly : new boolean[] {false, true}) {
            PluginHost host = PluginHost.create();
            Plugin plugin = host.load(CONFIG, Guests.source(BIG));
            await("compiling", () -> plugin.status().codeDetail().equals("a snapshot is being taken and optimised"));
            if (!closeHostOnly) {
                plugin.close();
            }
            host.close();
            assertThat(plugin.state()).isEqualTo(PluginState.CLOSED);
            awaitIdle(host);
            assertThat(plugin.status().codeTier()).isEqualTo(CodeTier.QUICK);
        }
        await("all handles are closed", () -> Engine.liveHandles() == handles);
    }

    /** Until the optimiser has ended what it was at. */
    private static void awaitIdle(PluginHost host) {
        await("the optimiser is idle", host.optimiser()::isIdle);
    }

    @Test
    void cacheKeepsTheOptimisedCodeAndAStartFromItTakesThat() throws IOException {
        Path folder = temporary.resolve("cache");
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            awaitOptimised(plugin);
            awaitIdle(host);
        }
        assertThat(files(folder)).hasSize(1);
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertCode(plugin, CodeTier.OPTIMISED, true, "loaded from the cache");
            assertServes(plugin);
        }
    }

    @Test
    void cacheKeepsTheQuickCodeUntilThereIsOptimisedCode() throws IOException {
        Path folder = temporary.resolve("cache");
        try (PluginHost host = PluginHost.builder()
                        .cacheFolder(folder)
                        .optimiserDeadline(Duration.ofNanos(1))
                        .build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            await("the failure is told", () -> plugin.status().codeDetail().contains("cannot be had"));
        }
        List<Path> quick = files(folder);
        assertThat(quick).hasSize(1);
        try (PluginHost host = PluginHost.builder().cacheFolder(folder).build();
                Plugin plugin = host.load(CONFIG, Guests.source(BIG))) {
            assertThat(plugin.status().fromCache()).isTrue();
            assertServes(plugin);
            awaitOptimised(plugin);
            awaitIdle(host);
        }
        assertThat(files(folder)).hasSize(1).doesNotContainAnyElementsOf(quick);
    }

    @Test
    void pluginsAreOptimisedOneAfterAnotherWhileAllServe() {
        try (PluginHost host = PluginHost.create()) {
            List<Plugin> plugins = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                plugins.add(host.load(CONFIG.withName("tiered" + i), Guests.source(BIG)));
            }
            plugins.forEach(TierIT::assertServes);
            assertThat(plugins.get(5).status().codeTier()).isEqualTo(CodeTier.QUICK);
            plugins.forEach(TierIT::awaitOptimised);
            plugins.forEach(TierIT::assertServes);
        }
    }

    @Test
    void aHundredPluginsLoadedAtOnceDoNotStopARunningOne() {
        try (PluginHost host = PluginHost.create();
                Plugin running = host.load(CONFIG.withName("running"), Guests.source(SMALL))) {
            List<CompletableFuture<Plugin>> loads = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                loads.add(host.loadAsync(CONFIG.withName("loaded" + i), Guests.source("upstream/sdk_current")));
            }
            int served = 0;
            while (loads.stream().anyMatch(load -> !load.isDone())) {
                assertServes(running);
                served++;
            }
            assertThat(served).isGreaterThan(100);
            assertThat(running.counters().failures()).isZero();
            assertThat(loads).allSatisfy(load -> assertThat(load.join().state()).isEqualTo(PluginState.SERVING));
            assertThat(host.plugins()).hasSize(101);
        }
    }

    @Test
    void hammerRequestsSeeNothingOfTheSwap() throws Exception {
        try (PluginHost host = PluginHost.create()) {
            Plugin plugin = host.load(CONFIG.withMaxInstances(4), Guests.source(BIG));
            byte[] query = "delete from t".getBytes(StandardCharsets.UTF_8);
            List<Throwable> failures = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Thread thread = new Thread(() -> {
                    boolean optimised = false;
                    for (int i = 0; i < 20 || !optimised; i++) {
                        optimised = plugin.status().codeTier() == CodeTier.OPTIMISED;
                        try (SqlLease lease = plugin.acquireSql()) {
                            lease.before(query, 0, query.length);
                            assertThat(lease.errorText()).isEqualTo("no where clause");
                            lease.after(lease.error(), null);
                        }
                    }
                });
                thread.setUncaughtExceptionHandler((ignored, e) -> {
                    synchronized (failures) {
                        failures.add(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            PluginCounters counters = plugin.counters();
            assertThat(counters.failures()).isZero();
            assertThat(counters.afterCalls()).isEqualTo(counters.beforeCalls());
            plugin.close();
        }
    }

    @Test
    void hostRefusesSettingsOfTheOptimiserThatMakeNoSense() {
        assertThatThrownBy(() -> PluginHost.builder().optimiserThreads(-1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("optimiser threads is -1; it must be 0 to 64");
        assertThatThrownBy(() ->
                        PluginHost.builder().optimiserDeadline(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("optimiser deadline is PT0S; it must be 1 ns to 292 years");
    }
}
