package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.EngineConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
    void noRequestOfTheThreadThatLoadedWaitsForItsInstance() {
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
            assertThat(plugin.counters().startsOnRequest()).isZero();
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
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(1);
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
            assertThat(plugin.counters().startsOnRequest()).isZero();
        }
    }

    @Test
    void pooledInstanceThatTrappedIsReplacedWhenTheLeaseEnds() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin =
                        host.load(CONFIG.withIsolation(Isolation.pooled()), Guests.source("hostile/exits_in_before"))) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> beforeOf(plugin)).isInstanceOf(PluginException.class);
            }
            assertThat(plugin.counters().starts()).isEqualTo(5);
            assertThat(plugin.counters().startsOnRequest()).isZero();
        }
    }

    @Test
    void pooledInstanceThatHasServedItsTimeIsReplacedWhenTheLeaseEnds() {
        Isolation ofThree = Isolation.pooled(3, Duration.ofHours(1), Long.MAX_VALUE);
        Isolation ofSmallMemory = Isolation.pooled(1_000, Duration.ofHours(1), 1);
        try (PluginHost host = PluginHost.create();
                Plugin calls = host.load(CONFIG.withIsolation(ofThree), Guests.source("c/counts_calls"));
                Plugin memory = host.load(
                        CONFIG.withName("memory").withIsolation(ofSmallMemory), Guests.source("c/counts_calls"))) {
            for (int i = 0; i < 9; i++) {
                assertThat(beforeOf(calls)).isEqualTo("before " + (i % 3 + 1));
                assertThat(beforeOf(memory)).isEqualTo("before 1");
            }
            assertThat(calls.counters().starts()).isEqualTo(3);
            assertThat(calls.counters().startsOnRequest()).isZero();
            assertThat(memory.counters().starts()).isEqualTo(9);
            assertThat(memory.counters().startsOnRequest()).isZero();
        }
    }

    @Test
    void failedInstanceIsFreedWhenTheLeaseEndsAndNotBeforeTheAnswer() {
        for (Isolation isolation : List.of(Isolation.pooled(), Isolation.perRequest())) {
            try (PluginHost host = PluginHost.builder().prepareInstances(false).build();
                    Plugin plugin =
                            host.load(CONFIG.withIsolation(isolation), Guests.source("hostile/exits_in_before"))) {
                try (SqlLease lease = plugin.acquireSql()) {
                    assertThatThrownBy(() -> before(lease)).isInstanceOf(PluginException.class);
                    assertThat(host.memoryUsedBytes()).isPositive();
                }
                assertThat(host.memoryUsedBytes()).isZero();
            }
        }
    }

    @Test
    void exceptionOfACallWalksNoStackAndNamesWhatItIs() {
        try (PluginHost host = PluginHost.create();
                Plugin plugin = host.load(CONFIG, Guests.source("hostile/exits_in_before"))) {
            assertThatThrownBy(() -> beforeOf(plugin)).satisfies(failure -> {
                assertThat(failure.getStackTrace()).isEmpty();
                assertThat(failure)
                        .cause()
                        .satisfies(cause -> assertThat(cause.getStackTrace()).isEmpty());
            });
            assertThatThrownBy(() -> host.load(CONFIG.withName("q"), Guests.source("hostile/missing_before")))
                    .satisfies(failure -> assertThat(failure.getStackTrace()).isNotEmpty());
        }
    }

    @Test
    void pluginThatTrapsOnEveryCallSlowsNoNeighbour() throws InterruptedException {
        try (PluginHost host = PluginHost.create();
                Plugin neighbour = host.load(CONFIG.withIsolation(Isolation.pooled()), Guests.source("c/allows_all"));
                Plugin busy = host.load(CONFIG.withName("busy"), Guests.source("c/allows_all"));
                Plugin trapping =
                        host.load(CONFIG.withName("trapping"), Guests.source("hostile/traps_of_every_kind"))) {
            double best = 0;
            for (int round = 0; round < 5; round++) {
                long ordinary = requestsBeside(neighbour, () -> beforeOf(busy));
                long storm = requestsBeside(neighbour, () -> {
                    try (SqlLease lease = trapping.acquireSql()) {
                        lease.before("m".getBytes(StandardCharsets.UTF_8), 0, 1);
                    } catch (PluginException expected) {
                        // Again and again.
                    }
                });
                best = Math.max(best, (double) storm / ordinary);
            }
            assertThat(trapping.counters().allTraps()).isGreaterThan(100);
            assertThat(best)
                    .as("a neighbour's requests beside the trapping plugin, by those beside another")
                    .isGreaterThan(0.5);
        }
    }

    /** Requests of 100 ms while another thread does something else without a pause. */
    private static long requestsBeside(Plugin plugin, Runnable other) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        Thread thread = new Thread(() -> {
            while (!stop.get()) {
                other.run();
            }
        });
        thread.start();
        long requests = 0;
        for (long end = System.nanoTime() + 100_000_000; System.nanoTime() < end; requests++) {
            beforeOf(plugin);
        }
        stop.set(true);
        thread.join();
        return requests;
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
            assertThat(host.memoryUsedBytes())
                    .as("the one that was tried waits")
                    .isEqualTo(65_536);
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
