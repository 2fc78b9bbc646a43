package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.ExitException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PluginIT {
    private static final byte[] QUERY = "select 1".getBytes(UTF_8);
    private static final PluginConfig CONFIG = PluginConfig.of("p");

    private PluginHost host;

    @BeforeEach
    void open() {
        host = PluginHost.create();
    }

    @AfterEach
    void close() {
        host.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    private Plugin load(PluginConfig config, String guest) {
        return host.load(config, Guests.source(guest));
    }

    private static String before(SqlLease lease) {
        return before(lease, QUERY);
    }

    private static String before(SqlLease lease, byte[] query) {
        lease.before(query, 0, query.length);
        return lease.hasError() ? lease.errorText() : "";
    }

    private static String beforeOf(Plugin plugin) {
        return beforeOf(plugin, "select 1");
    }

    private static String beforeOf(Plugin plugin, String query) {
        try (SqlLease lease = plugin.acquireSql()) {
            return before(lease, query.getBytes(UTF_8));
        }
    }

    @Test
    void guestAnswersThroughALease() {
        Plugin plugin = load(CONFIG, "c/reject_without_where");
        byte[] bad = "xxupdate t set a=1xx".getBytes(UTF_8);

        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(bad, 2, bad.length - 4);
            assertThat(lease.hasError()).isTrue();
            assertThat(lease.errorText()).isEqualTo("no where clause");
            assertThat(lease.error()).isEqualTo("no where clause".getBytes(UTF_8));
            assertThat(lease.queryChanged()).isFalse();
            assertThat(lease.fuelUsed()).isPositive();
            assertThat(lease.pluginName()).isEqualTo("p");
            assertThat(lease.failure()).isNull();

            lease.after("so far".getBytes(UTF_8), null);
            assertThat(lease.errorText()).isEqualTo("so far");
            assertThat(lease.hasResult()).isFalse();
        }
        assertThat(beforeOf(plugin)).isEmpty();
    }

    @Test
    void queryIsReadFromABuffer() {
        Plugin plugin = load(CONFIG, "c/rewrite_query");
        ByteBuffer buffer = ByteBuffer.allocateDirect(32);
        buffer.put(QUERY).flip();

        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(buffer);

            assertThat(lease.queryChanged()).isTrue();
            assertThat(new String(lease.query(), UTF_8)).isEqualTo("select 1 limit 10");
            byte[] copy = new byte[lease.queryLength() + 1];
            assertThat(lease.copyQuery(copy, 1)).isEqualTo(17);
            assertThat(new String(copy, 1, 17, UTF_8)).isEqualTo("select 1 limit 10");
            assertThat(buffer.position()).isZero();
        }
    }

    @Test
    void perRequestSharesOneInstanceBetweenBeforeAndAfterAndNoMore() {
        Plugin plugin = load(CONFIG, "c/counts_calls");

        for (int i = 0; i < 3; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                assertThat(before(lease)).isEqualTo("before 1");
                lease.after(null, null);
                assertThat(lease.errorText()).isEqualTo("after 2");
            }
        }
        assertThat(plugin.counters().starts()).isEqualTo(3);
        plugin.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    @Test
    void perRequestDropsTheInstanceOfAStreamThatEndsEarly() {
        Plugin plugin = load(CONFIG, "c/counts_calls");

        assertThat(beforeOf(plugin)).isEqualTo("before 1");
        assertThat(beforeOf(plugin)).isEqualTo("before 1");
        plugin.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    @Test
    void pooledKeepsTheInstance() {
        Plugin plugin = load(CONFIG.withIsolation(Isolation.pooled()), "c/counts_calls");

        assertThat(beforeOf(plugin)).isEqualTo("before 1");
        assertThat(beforeOf(plugin)).isEqualTo("before 2");
        assertThat(plugin.counters().starts()).isEqualTo(1);
        assertThat(host.memoryUsedBytes()).isPositive();
    }

    @Test
    void pooledInstanceIsRetiredAfterSoManyCalls() {
        Isolation isolation = Isolation.pooled(2, Duration.ofHours(1), Long.MAX_VALUE);
        Plugin plugin = load(CONFIG.withIsolation(isolation), "c/counts_calls");

        assertThat(List.of(beforeOf(plugin), beforeOf(plugin), beforeOf(plugin)))
                .containsExactly("before 1", "before 2", "before 1");
        assertThat(plugin.counters().starts()).isEqualTo(2);
    }

    @Test
    void pooledInstanceIsRetiredByAge() throws InterruptedException {
        Isolation isolation = Isolation.pooled(1000, Duration.ofMillis(40), Long.MAX_VALUE);
        Plugin plugin = load(CONFIG.withIsolation(isolation), "c/counts_calls");
        assertThat(beforeOf(plugin)).isEqualTo("before 1");

        waitUntil("the idle instance is dropped", () -> host.memoryUsedBytes() == 0);

        assertThat(beforeOf(plugin)).isEqualTo("before 1");
    }

    @Test
    void busyPooledInstanceIsRetiredByAgeWhenItsStreamEnds() throws InterruptedException {
        Isolation isolation = Isolation.pooled(1000, Duration.ofMillis(40), Long.MAX_VALUE);
        Plugin plugin = load(CONFIG.withIsolation(isolation), "c/counts_calls");
        try (SqlLease lease = plugin.acquireSql()) {
            assertThat(before(lease)).isEqualTo("before 1");
            waitUntil("the keeper has looked", () -> lease.tooOld);
            lease.after(null, null);
            assertThat(lease.errorText()).isEqualTo("after 2");
        }

        assertThat(beforeOf(plugin)).isEqualTo("before 1");
    }

    @Test
    void pooledInstanceIsRetiredAboveTheMemoryMark() {
        Isolation isolation = Isolation.pooled(1000, Duration.ofHours(1), 1);
        Plugin plugin = load(CONFIG.withIsolation(isolation), "c/counts_calls");

        assertThat(List.of(beforeOf(plugin), beforeOf(plugin))).containsExactly("before 1", "before 1");
        assertThat(plugin.counters().memoryHighWaterBytes()).isGreaterThanOrEqualTo(65_536);
    }

    @Test
    void trapCostsTheInstanceAndNothingElse() {
        Plugin plugin =
                load(CONFIG.withIsolation(Isolation.pooled()).withMaxInstances(1), "hostile/traps_of_every_kind");

        for (int i = 0; i < 2; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                assertThatThrownBy(() -> lease.before("unreachable".getBytes(UTF_8), 0, 11))
                        .isInstanceOf(PluginException.class)
                        .hasMessageStartingWith("plugin 'p', before: ")
                        .hasCauseInstanceOf(TrapException.class);
                assertThat(lease.failure()).isNotNull();
                assertThatThrownBy(() -> lease.after(null, null))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("plugin 'p': after was asked for, but before was not called or failed; call before"
                                + " first");
            }
        }
        assertThat(plugin.counters().allTraps()).isEqualTo(2);
        assertThat(plugin.counters().starts()).isEqualTo(2);
        assertThat(plugin.state()).isEqualTo(PluginState.SERVING);
    }

    @Test
    void fuelStopsALoop() {
        Plugin plugin =
                load(CONFIG.withLimits(PluginLimits.defaults().withFuelPerCall(1_000_000)), "hostile/loops_before");

        PluginException failure = failureOf(plugin);

        assertThat(failure.phase()).isEqualTo(Phase.BEFORE);
        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        TrapException.class, trap -> assertThat(trap.kind()).isEqualTo(TrapKind.OUT_OF_FUEL));
        assertThat(plugin.counters().traps()).containsEntry(TrapKind.OUT_OF_FUEL, 1L);
        assertThat(plugin.counters().failures()).isEqualTo(1);
    }

    @Test
    void deadlineStopsALoop() {
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE >> 8).withDeadline(Duration.ofMillis(30));
        Plugin plugin = load(CONFIG.withLimits(limits), "hostile/loops_before");

        PluginException failure = failureOf(plugin);

        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        TrapException.class, trap -> assertThat(trap.kind()).isEqualTo(TrapKind.DEADLINE_EXCEEDED));
        assertThat(plugin.counters().traps()).containsEntry(TrapKind.DEADLINE_EXCEEDED, 1L);
    }

    @Test
    void memoryOfAnInstanceIsBounded() {
        PluginLimits limits = PluginLimits.defaults().withMaxMemoryBytes(4 << 20);
        Plugin plugin = load(CONFIG.withLimits(limits), "hostile/memory_bomb");

        PluginException failure = failureOf(plugin);

        assertThat(failure.phase()).isEqualTo(Phase.BEFORE);
        plugin.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    @Test
    void exitIsAFailureOfTheCall() {
        Plugin plugin = load(CONFIG, "hostile/exits_in_before");

        assertThat(failureOf(plugin).getCause()).isInstanceOf(ExitException.class);
        assertThat(plugin.counters().exits()).isEqualTo(1);
    }

    @Test
    void failureInAfterNamesThePhase() {
        Plugin plugin = load(CONFIG, "hostile/loops_after");

        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            assertThatThrownBy(() -> lease.after(null, new byte[0]))
                    .isInstanceOf(PluginException.class)
                    .hasMessageStartingWith("plugin 'p', after: ");
            assertThatThrownBy(() -> lease.after(null, new byte[0])).isInstanceOf(IllegalStateException.class);
        }
    }

    private static PluginException failureOf(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
        } catch (PluginException e) {
            return e;
        }
        throw new AssertionError("the plugin did not fail");
    }

    @Test
    void requestWaitsForAnInstanceAndThenGivesUp() {
        Plugin plugin = load(CONFIG.withMaxInstances(2).withMaxWait(Duration.ofMillis(20)), "c/allows_all");
        SqlLease first = plugin.acquireSql();
        SqlLease second = plugin.acquireSql();
        assertThat(first).isNotSameAs(second);

        assertThatThrownBy(plugin::acquireSql)
                .isInstanceOf(PluginException.class)
                .hasMessage("plugin 'p', acquire: all 2 instances stayed on lease for 20 ms;"
                        + " raise PluginConfig.maxInstances or send less");
        assertThat(plugin.counters().noInstance()).isEqualTo(1);

        first.close();
        plugin.acquireSql().close();
        second.close();
    }

    @Test
    void waitingRequestGetsTheInstanceThatBecomesFree() throws Exception {
        Plugin plugin = load(CONFIG.withMaxInstances(1).withMaxWait(Duration.ofSeconds(20)), "c/allows_all");
        SqlLease lease = plugin.acquireSql();
        Thread waiter = new Thread(() -> plugin.acquireSql().close());
        waiter.start();
        Thread.sleep(20);
        assertThat(waiter.isAlive()).isTrue();

        lease.close();

        waiter.join(10_000);
        assertThat(waiter.isAlive()).isFalse();
        assertThat(plugin.counters().noInstance()).isZero();
    }

    @Test
    void waitingRequestsAreServedInTheOrderOfAsking() throws Exception {
        Plugin plugin = load(CONFIG.withMaxInstances(1).withMaxWait(Duration.ofSeconds(20)), "c/allows_all");
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Thread> waiters = new ArrayList<>();
        try (SqlLease lease = plugin.acquireSql()) {
            assertThat(before(lease)).isEmpty();
            for (int i = 0; i < 6; i++) {
                int number = i;
                Thread waiter = new Thread(() -> {
                    try (SqlLease mine = plugin.acquireSql()) {
                        before(mine);
                        order.add(number);
                    }
                });
                waiter.start();
                waiters.add(waiter);
                waitUntil("it waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
            }
        }
        for (Thread waiter : waiters) {
            waiter.join(10_000);
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void requestThatWaitsWhenThePluginIsReplacedGetsTheNewVersion() throws Exception {
        Plugin plugin = load(CONFIG.withMaxInstances(1).withMaxWait(Duration.ofSeconds(20)), "c/allows_all");
        List<String> answers = Collections.synchronizedList(new ArrayList<>());
        try (SqlLease lease = plugin.acquireSql()) {
            assertThat(before(lease)).isEmpty();
            Thread waiter = new Thread(() -> answers.add(beforeOf(plugin)));
            waiter.start();
            waitUntil("it waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);

            plugin.replace(Guests.source("c/counts_calls"));

            waiter.join(10_000);
            assertThat(answers).containsExactly("before 1");
        }
    }

    @Test
    void interruptEndsTheWaiting() throws Exception {
        Plugin plugin = load(CONFIG.withMaxInstances(1).withMaxWait(Duration.ofSeconds(20)), "c/allows_all");
        try (SqlLease lease = plugin.acquireSql()) {
            Throwable[] thrown = {null};
            boolean[] interrupted = {false};
            Thread waiter = new Thread(() -> {
                try {
                    plugin.acquireSql().close();
                } catch (PluginException e) {
                    thrown[0] = e;
                    interrupted[0] = Thread.currentThread().isInterrupted();
                }
            });
            waiter.start();
            waiter.interrupt();
            waiter.join(10_000);

            assertThat(thrown[0])
                    .hasMessage("plugin 'p', acquire: the thread was interrupted while it waited for an instance");
            assertThat(interrupted[0]).isTrue();
            assertThat(lease.pluginName()).isEqualTo("p");
        }
    }

    @Test
    void closedLeaseIsRefused() {
        Plugin plugin = load(CONFIG.withMaxInstances(1), "c/allows_all");
        SqlLease lease = plugin.acquireSql();
        lease.close();
        lease.close();

        assertThatThrownBy(() -> lease.before(QUERY, 0, QUERY.length))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("plugin 'p': the lease is closed; take a new one");
        assertThatThrownBy(lease::errorText)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("plugin 'p': there is no outcome to read; call before or after first");
    }

    @Test
    void closedPluginTakesNoCallsAndLetsTheLastOnesFinish() {
        Plugin plugin = load(CONFIG, "c/counts_calls");
        SqlLease lease = plugin.acquireSql();
        assertThat(before(lease)).isEqualTo("before 1");

        plugin.close();
        plugin.close();

        assertThat(plugin.state()).isEqualTo(PluginState.DRAINING);
        assertThatThrownBy(plugin::acquireSql)
                .isInstanceOf(PluginException.class)
                .hasMessage("plugin 'p', acquire: the plugin is closed; load it again");
        lease.after(null, null);
        assertThat(lease.errorText()).isEqualTo("after 2");
        lease.close();
        assertThat(plugin.state()).isEqualTo(PluginState.CLOSED);
        assertThat(plugin.counters().afterCalls()).isEqualTo(1);
        assertThatThrownBy(() -> plugin.replace(Guests.source("c/allows_all")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("plugin 'p' is closed; load it again");
    }

    @Test
    void closedHostLetsTheLastCallsFinish() {
        Plugin plugin = load(CONFIG, "c/counts_calls");
        SqlLease lease = plugin.acquireSql();
        assertThat(before(lease)).isEqualTo("before 1");

        host.close();

        lease.after(null, null);
        assertThat(lease.errorText()).isEqualTo("after 2");
        lease.close();
        assertThat(plugin.state()).isEqualTo(PluginState.CLOSED);
    }

    @Test
    void logGoesToThePluginsLogger() {
        Plugin plugin = load(CONFIG.withName("logs"), "c/log_lines");

        List<LogRecord> records = GuestLogTest.capture("logs", () -> beforeOf(plugin));

        assertThat(records).extracting(LogRecord::getMessage).containsExactly("select 1", "seen before");
        assertThat(plugin.counters().logRecords()).isEqualTo(2);
    }

    @Test
    void logFloodIsCutPerCallAndPerSecond() {
        Plugin plugin = load(
                CONFIG.withName("flood").withLimits(PluginLimits.defaults().withMaxLogBytes(6400)), "hostile/log_much");

        List<LogRecord> records = GuestLogTest.capture("flood", () -> beforeOf(plugin));

        assertThat(records).hasSizeLessThanOrEqualTo(101);
        PluginCounters counters = plugin.counters();
        assertThat(counters.logRecords()).isPositive();
        // The record that is cut at the limit is both.
        assertThat(counters.logRecords() + counters.logDropped()).isBetween(10_000L, 10_001L);
    }

    @Test
    void replacedPluginServesTheNewVersion() {
        Plugin plugin = load(CONFIG, "c/allows_all");
        String oldHash = plugin.sha256();
        SqlLease old = plugin.acquireSql();

        plugin.replace(CONFIG.withVersion("2"), Guests.source("c/counts_calls"));

        assertThat(plugin.generation()).isEqualTo(2);
        assertThat(plugin.version()).isEqualTo("2");
        assertThat(plugin.sha256()).isNotEqualTo(oldHash);
        assertThat(plugin.liveVersions()).isEqualTo(2);
        assertThat(before(old)).isEmpty();
        assertThat(beforeOf(plugin)).isEqualTo("before 1");
        old.close();
        assertThat(plugin.liveVersions()).isEqualTo(1);
        assertThat(plugin.counters().beforeCalls()).isEqualTo(2);
    }

    @Test
    void versionThatDoesNotLoadLeavesTheOldOneServing() {
        Plugin plugin = load(CONFIG, "c/counts_calls");

        assertThatThrownBy(() -> plugin.replace(Guests.source("hostile/start_traps")))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'p', start: ");

        assertThat(plugin.generation()).isEqualTo(1);
        assertThat(plugin.liveVersions()).isEqualTo(1);
        assertThat(beforeOf(plugin)).isEqualTo("before 1");
    }

    @Test
    void replacementKeepsTheName() {
        Plugin plugin = load(CONFIG, "c/allows_all");

        assertThatThrownBy(() -> plugin.replace(PluginConfig.of("q"), Guests.source("c/allows_all")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("plugin 'p' cannot be replaced by one named 'q'; use PluginConfig.withName");
    }

    @Test
    void replacementGoesOnAThreadOfTheHostWhenAskedTo() {
        Plugin plugin = load(CONFIG, "c/allows_all");

        plugin.replaceAsync(Guests.source("c/counts_calls")).join();

        assertThat(beforeOf(plugin)).isEqualTo("before 1");
    }

    @Test
    void argumentsAndEnvironmentReachTheGuest() {
        Plugin plugin = load(
                CONFIG.withArguments(List.of("sluice")).withEnvironment(Map.of("GREETING", "hello")),
                "c_wasi/wasi_report");

        assertThat(beforeOf(plugin, "args")).isEqualTo("1: sluice");
        assertThat(beforeOf(plugin, "env")).isEqualTo("hello");
    }

    static void waitUntil(String what, java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 2000; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("waited in vain: " + what);
    }
}
