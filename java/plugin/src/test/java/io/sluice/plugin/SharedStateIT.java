package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.abi.SharedLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and locks that plugins share, and what becomes of a lock when its query ends in whatever way. */
@Tag("conformance")
class SharedStateIT extends HostedPlugins {
    private static final PluginConfig PATIENT =
            CONFIG.withLimits(PluginLimits.defaults().withDeadline(Duration.ofSeconds(20)));

    private static PluginConfig named(String name) {
        return CONFIG.withName(name);
    }

    private static PluginConfig deadline(String name, int millis) {
        return named(name).withLimits(PluginLimits.defaults().withDeadline(Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a", "dialect_b"})
    void everyStatusOfAValueIsAnswered(String dialect) {
        Plugin plugin = load(dialect + "/shared_values");
        String again = dialect.equals("dialect_b") ? "set again 0; get 0 number two; " : "";
        String scope =
                "missing 1; set 0; get 0 one; " + again + "set empty 0; get empty 2; set no key 2; get no key 2; ";
        String forged = "set forged 2; get forged 2; ";
        String nowhere = "set key nowhere 10; set value nowhere 10; get key nowhere 10; get to nowhere 10; ";
        assertThat(errorOf(plugin, "select 1"))
                .contains("module: " + scope + forged + nowhere, "global: " + scope, nowhere);
    }

    @Test
    void unknownScopeIsStatus2() {
        assertThat(errorOf(load("dialect_b/shared_values"), "select 1")).endsWith("scope 2: set 2; get 2; ");
        Plugin locks = load(named("scopes"), "dialect_b/lock_states");
        List<String> log =
                logOf("scopes", () -> assertThat(errorOf(locks, "select 1")).endsWith("scope 2: lock 2; unlock 2; "));
        assertThat(log)
                .contains(
                        "SEVERE LockOnHost: the scope is neither 0 (module) nor 1 (global)",
                        "SEVERE UnlockOnHost: the scope is neither 0 (module) nor 1 (global)");
    }

    @ParameterizedTest
    @CsvSource({"dialect_a, ModuleLockOnHost, ModuleUnlockOnHost", "dialect_b, LockOnHost, UnlockOnHost"})
    void everyStatusOfALockIsAnsweredAndLogged(String dialect, String lock, String unlock) {
        Plugin plugin = load(named(dialect), dialect + "/lock_states");
        List<String> log = logOf(
                dialect,
                () -> assertThat(errorOf(plugin, "select 1"))
                        .contains("module: unlock unheld 2; lock 0; lock twice 2; unlock 0; unlock twice 2; "
                                + "lock forged 2; unlock forged 2; "));
        assertThat(log)
                .startsWith(
                        "SEVERE " + unlock + ": this query does not have the module lock: lock it first",
                        "SEVERE " + lock + ": this query has the module lock already: unlock it first",
                        "SEVERE " + unlock + ": this query does not have the module lock: lock it first",
                        "SEVERE " + lock + ": the module is not the one that this plugin was given",
                        "SEVERE " + unlock + ": the module is not the one that this plugin was given");
        assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
        assertThat(host.globalScope().lockWaiters()).isEmpty();
    }

    @Test
    void moduleValuesOutliveAReplacementAndNobodyElseSeesThem() {
        Plugin plugin = load("dialect_b/counts_with_lock");
        Plugin other = load(named("other"), "dialect_a/counts_with_lock");
        assertThat(errorOf(plugin, "count")).isEmpty();
        plugin.replace(Guests.source("dialect_b/counts_with_lock"));
        assertThat(errorOf(plugin, "count")).isEmpty();
        assertThat(errorOf(other, "count")).isEmpty();

        assertThat(errorOf(plugin, "report")).isEqualTo("module 2; global 3");
        assertThat(errorOf(other, "report")).isEqualTo("module 1; global 3");
        plugin.close();
        assertThat(errorOf(load("dialect_b/counts_with_lock"), "report")).isEqualTo("module 0; global 3");
    }

    static Stream<Arguments> limits() {
        SharedLimits few = SharedLimits.defaults().withMaxEntries(5);
        SharedLimits little = SharedLimits.defaults().withMaxTotalBytes(1000);
        return Stream.of(
                Arguments.of(
                        SharedLimits.defaults(),
                        "key 1048576",
                        "key 10; ",
                        "1048576 bytes of key asked for, 1024 allowed: use shorter keys or raise SharedLimits.maxKeyBytes"),
                Arguments.of(
                        SharedLimits.defaults().withMaxKeyBytes(1).withMaxValueBytes(10),
                        "key 2",
                        "key 10; ",
                        "2 bytes of key asked for, 1 allowed: use shorter keys or raise SharedLimits.maxKeyBytes"),
                Arguments.of(
                        SharedLimits.defaults(),
                        "value 65537",
                        "value 10; ",
                        "65537 bytes of value asked for, 65536 allowed: store less or raise SharedLimits.maxValueBytes"),
                Arguments.of(
                        few,
                        "fill 10",
                        "after 5 values 10; ",
                        "6 entries asked for, 5 allowed: raise SharedLimits.maxEntries"),
                Arguments.of(
                        little,
                        "fill 96",
                        "after 10 values 10; ",
                        "1100 bytes of keys and values asked for, 1000 allowed: raise SharedLimits.maxTotalBytes"));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void limitOfSharedValuesIsNamedInTheLog(SharedLimits limits, String query, String answer, String message) {
        Plugin plugin = load(named("limits").withSharedLimits(limits), "dialect_b/stores_bytes");
        List<String> log =
                logOf("limits", () -> assertThat(errorOf(plugin, query)).isEqualTo(answer));
        assertThat(log).containsExactly("SEVERE SetValueByKeyOnHost: " + message);
    }

    @Test
    void replacementBringsOtherLimits() {
        Plugin plugin = load("dialect_b/stores_bytes");
        assertThat(errorOf(plugin, "value 100")).isEqualTo("value 0; ");
        SharedLimits limits = SharedLimits.defaults().withMaxValueBytes(99);
        plugin.replace(CONFIG.withSharedLimits(limits), Guests.source("dialect_b/stores_bytes"));
        assertThat(errorOf(plugin, "value 100")).isEqualTo("value 10; ");
        assertThat(errorOf(plugin, "value 99")).isEqualTo("value 0; ");
    }

    @Test
    void keyOfNoBytesIsStatus2() {
        assertThat(errorOf(load("dialect_b/stores_bytes"), "key 0")).isEqualTo("key 2; ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lockIsHeldFromBeforeToAfter(boolean pooled) {
        Isolation isolation = pooled ? Isolation.pooled() : Isolation.perRequest();
        PluginConfig config = deadline("held" + pooled, 50).withIsolation(isolation);
        Plugin plugin = load(config, "dialect_b/locks_until_after");
        List<String> log = logOf(config.name(), () -> {
            try (SqlLease lease = plugin.acquireSql()) {
                before(lease, "select 1");
                PluginException failure = failureOf(plugin, "select 2");
                assertThat(failure)
                        .hasMessageContaining(
                                "deadline exceeded (while it waited for the module lock; limits of the call:");
                assertThat(failure.getCause())
                        .isInstanceOfSatisfying(
                                TrapException.class,
                                trap -> assertThat(trap.kind()).isEqualTo(TrapKind.DEADLINE_EXCEEDED));
                lease.after(null, null);
            }
        });
        assertThat(log).containsExactly("INFO unlock 0;");
        assertThat(errorOf(plugin, "select 3")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lockNeverReleasedEndsWithItsQuery(boolean pooled) {
        Isolation isolation = pooled ? Isolation.pooled() : Isolation.perRequest();
        Plugin plugin = load(CONFIG.withIsolation(isolation), "dialect_b/keeps_lock");
        for (String query : List.of("module", "global")) {
            // The lease ends without after.
            assertThat(errorOf(plugin, query)).isEmpty();
            assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
            assertThat(host.globalScope().lockWaiters()).isEmpty();
            try (SqlLease lease = plugin.acquireSql()) {
                before(lease, query);
                assertThat((query.equals("global") ? host.globalScope() : plugin.moduleScope()).lockWaiters())
                        .hasValue(0);
                lease.after(null, null);
                // With after, though the lease is still out.
                assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
                assertThat(host.globalScope().lockWaiters()).isEmpty();
            }
        }
    }

    @Test
    void lockIsNotHeldTwiceByTwoQueriesOfOneLease() {
        Plugin plugin = load(CONFIG.withIsolation(Isolation.pooled()), "dialect_b/keeps_lock");
        try (SqlLease lease = plugin.acquireSql()) {
            before(lease, "module");
            before(lease, "module");
            assertThat(lease.hasError()).isFalse();
        }
        assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lockOfAQueryThatTrapsIsReleased(boolean pooled) {
        Isolation isolation = pooled ? Isolation.pooled() : Isolation.perRequest();
        Plugin plugin = load(CONFIG.withIsolation(isolation), "dialect_b/locks_and_traps");
        try (SqlLease lease = plugin.acquireSql()) {
            assertThatThrownBy(() -> before(lease, "select 1"))
                    .hasMessageContaining("unreachable instruction executed");
            assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
            assertThat(host.globalScope().lockWaiters()).isEmpty();
        }
        try (SqlLease lease = plugin.acquireSql()) {
            before(lease, "after");
            assertThat(plugin.moduleScope().lockWaiters()).hasValue(0);
            assertThatThrownBy(() -> lease.after(null, null)).hasMessageContaining("unreachable instruction executed");
            assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
            assertThat(host.globalScope().lockWaiters()).isEmpty();
        }
    }

    @Test
    void lockOfAQueryThatNeverEndsIsReleasedByItsDeadline() {
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE >> 8).withDeadline(Duration.ofMillis(30));
        Plugin plugin = load(CONFIG.withLimits(limits), "dialect_b/locks_and_loops");
        assertThat(failureOf(plugin, "select 1")).hasMessageContaining("deadline exceeded");
        assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
        assertThat(host.globalScope().lockWaiters()).isEmpty();
    }

    @Test
    void lockOfAClosedPluginsQueryIsReleasedWhenItEnds() {
        Plugin plugin = load("dialect_b/keeps_lock");
        SqlLease lease = plugin.acquireSql();
        before(lease, "global");
        plugin.close();
        assertThat(host.globalScope().lockWaiters()).hasValue(0);
        lease.close();
        assertThat(host.globalScope().lockWaiters()).isEmpty();
    }

    @Test
    void pluginsThatLockAgainstEachOtherEndByTheirDeadlines() throws Exception {
        PluginLimits limits = PluginLimits.defaults().withDeadline(Duration.ofMillis(300));
        Plugin plugin = load(CONFIG.withLimits(limits), "dialect_b/locks_crosswise");
        Pattern deadline = Pattern.compile("deadline exceeded \\(while it waited for the (module|global) lock; ");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        // Two queries need not meet: whether they do is up to the scheduler. They are sent until they have.
        List<String> texts = List.of();
        for (int round = 0; round < 200 && texts.stream().noneMatch(deadline.asPredicate()); round++) {
            CyclicBarrier start = new CyclicBarrier(2);
            List<Future<String>> ends = new ArrayList<>();
            for (String query : List.of("this way", "other way")) {
                ends.add(threads.submit((Callable<String>) () -> {
                    start.await();
                    try {
                        return errorOf(plugin, query);
                    } catch (PluginException e) {
                        return String.valueOf(e.getMessage());
                    }
                }));
            }
            texts = List.of(ends.get(0).get(), ends.get(1).get());
            assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
            assertThat(host.globalScope().lockWaiters()).isEmpty();
        }
        threads.shutdown();
        // One of them may get through when the other has given up; both never hang.
        assertThat(texts).anyMatch(deadline.asPredicate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a", "dialect_b"})
    void hammerCountIsExactUnderTheLock(String dialect) throws Exception {
        count(load(dialect + "/counts_with_lock"), 16, 10_000);
    }

    @Test
    void hammerCountIsExactWithFewInstances() throws Exception {
        count(
                load(PATIENT.withMaxInstances(3).withMaxWait(Duration.ofSeconds(20)), "dialect_b/counts_with_lock"),
                16,
                500);
    }

    private static void count(Plugin plugin, int threads, int rounds) throws Exception {
        byte[] query = "count".getBytes(UTF_8);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<Integer>> failed = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            failed.add(executor.submit(() -> {
                int failures = 0;
                for (int round = 0; round < rounds; round++) {
                    try (SqlLease lease = plugin.acquireSql()) {
                        lease.before(query, 0, query.length);
                        failures += lease.hasError() ? 1 : 0;
                    }
                }
                return failures;
            }));
        }
        for (Future<Integer> failures : failed) {
            assertThat(failures.get()).isZero();
        }
        executor.shutdown();
        long expected = (long) threads * rounds;
        assertThat(errorOf(plugin, "report")).isEqualTo("module " + expected + "; global " + expected);
        assertThat(plugin.counters().noInstance()).isZero();
    }
}
