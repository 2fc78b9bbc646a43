package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.EngineConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Per request, the next instance is made when the last stream has ended. */
class PreparedInstanceIT {
    private static final PluginConfig CONFIG = PluginConfig.of("p").withMaxInstances(2);

    private static String before(SqlLease lease) {
        byte[] query = "select 1".getBytes(StandardCharsets.UTF_8);
        lease.before(query, 0, query.length);
        return lease.hasError() ? lease.errorText() : "";
    }

    private static String beforeOf(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            return before(lease);
        }
    }

    private static void waitUntil(String what, BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; i < 1_000 && !holds.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(holds.getAsBoolean()).as(what).isTrue();
    }

    @Test
    void onlyTheFirstRequestOfAPlaceWaitsForItsInstance() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"))) {
            for (int i = 0; i < 100; i++) {
                try (SqlLease lease = plugin.acquireSql()) {
                    assertThat(before(lease)).isEqualTo("before 1");
                    lease.after(null, null);
                    assertThat(lease.errorText()).isEqualTo("after 2");
                }
            }
            assertThat(plugin.counters().starts()).isEqualTo(100);
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(1);
        }
    }

    @Test
    void secondQueryOfALeaseSeesAFreshInstanceToo() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"))) {
            beforeOf(plugin);
            try (SqlLease lease = plugin.acquireSql()) {
                assertThat(before(lease)).isEqualTo("before 1");
                assertThat(before(lease)).isEqualTo("before 1");
            }
            assertThat(beforeOf(plugin)).isEqualTo("before 1");
            assertThat(plugin.counters().starts()).isEqualTo(4);
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(2);
        }
    }

    @Test
    void switchedOffEveryRequestMakesItsOwn() {
        try (PluginHost host = PluginHost.builder().prepareInstances(false).build();
                Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"))) {
            for (int i = 0; i < 3; i++) {
                assertThat(beforeOf(plugin)).isEqualTo("before 1");
                assertThat(host.memoryUsedBytes()).isZero();
            }
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(3);
        }
    }

    @Test
    void trapCostsTheNextRequestNothing() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source("hostile/exits_in_before"))) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> beforeOf(plugin)).isInstanceOf(PluginException.class);
            }
            assertThat(plugin.counters().exits()).isEqualTo(3);
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(1);
        }
    }

    @Test
    void idlePluginGivesItsMemoryBack() throws InterruptedException {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"))) {
            beforeOf(plugin);
            assertThat(host.memoryUsedBytes()).isPositive();
            waitUntil("the waiting instance is given back", () -> host.memoryUsedBytes() == 0);
            assertThat(beforeOf(plugin)).isEqualTo("before 1");
            waitUntil("it is given back again", () -> host.memoryUsedBytes() == 0);
        }
    }

    @Test
    void closedAndReplacedPluginsGiveTheirMemoryBackAtOnce() {
        try (PluginHost host = PluginHost.create()) {
            Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"));
            beforeOf(plugin);
            plugin.replace(Guests.source("c/allows_all"));
            assertThat(host.memoryUsedBytes()).isZero();
            beforeOf(plugin);
            plugin.close();
            assertThat(host.memoryUsedBytes()).isZero();
        }
    }

    @Test
    void waitingInstancesTakeNoMoreThanHalfOfTheBudget() {
        try (PluginHost host = PluginHost.builder().memoryBudgetBytes(65_536).build();
                Plugin plugin = host.load(CONFIG, Guests.source("c/counts_calls"))) {
            for (int i = 0; i < 3; i++) {
                assertThat(beforeOf(plugin)).isEqualTo("before 1");
                assertThat(host.memoryUsedBytes()).isZero();
            }
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(3);
        }
    }

    @Test
    void waitingInstancesGoWhenTheEngineHasNoPlaceForAnother() {
        EngineConfig two = EngineConfig.defaults().withMaxInstances(2).withMaxMemoryBytes(1 << 20);
        PluginConfig small = CONFIG.withLimits(PluginLimits.defaults().withMaxMemoryBytes(1 << 20));
        try (PluginHost host = PluginHost.builder().engineConfig(two).build();
                Plugin first = host.load(small.withName("first"), Guests.source("c/counts_calls"));
                Plugin second = host.load(small.withName("second"), Guests.source("c/counts_calls"));
                Plugin third = host.load(small.withName("third"), Guests.source("c/counts_calls"))) {
            for (int i = 0; i < 5; i++) {
                for (Plugin plugin : List.of(first, second, third)) {
                    assertThat(beforeOf(plugin)).isEqualTo("before 1");
                }
            }
        }
    }

    @Test
    void instanceThatTakesLongToMakeIsLeftToTheKeeper() throws InterruptedException {
        try (PluginHost host = PluginHost.create();
                Plugin plugin =
                        host.load(PluginConfig.of("p").withMaxInstances(1), Guests.source("go/reject_without_where"))) {
            for (int i = 0; i < 60; i++) {
                assertThat(beforeOf(plugin)).isEmpty();
                Thread.sleep(5);
            }
            assertThat(plugin.counters().starts()).isEqualTo(60);
            assertThat(plugin.counters().startsOnRequest()).isLessThan(30);
        }
    }

    @Test
    void hammerReplaceCloseAndRequestsSeeOnlyFreshInstances() throws Exception {
        try (PluginHost host = PluginHost.create()) {
            Plugin plugin = host.load(CONFIG.withMaxInstances(4), Guests.source("c/counts_calls"));
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        assertThat(beforeOf(plugin)).isEqualTo("before 1");
                    }
                });
                thread.setUncaughtExceptionHandler((ignored, e) -> failure.compareAndSet(null, e));
                threads.add(thread);
                thread.start();
            }
            for (int i = 0; i < 20; i++) {
                plugin.replace(Guests.source("c/counts_calls"));
                host.giveBackPrepared();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failure.get()).isNull();
            assertThat(plugin.counters().starts()).isEqualTo(8_000);
            plugin.close();
            assertThat(host.memoryUsedBytes()).isZero();
        }
    }
}
