package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.TrapKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locks are a query's: they never outlive it, and nobody waits for one longer than its own deadline. */
class LockIT extends HostedTest {
    private static final String SCOPE = "unlock unheld 2; lock 0; lock twice 2; unlock 0; unlock twice 2; ";
    private static final String FORGED = "lock forged 2; unlock forged 2; ";
    private static final Duration SOON = Duration.ofMillis(100);

    private Plugin load(String guest, Duration deadline) {
        return load(guest, config(nameOf(guest), deadline));
    }

    private static PluginConfig config(String name, Duration deadline) {
        return PluginConfig.of(name)
                .withLimits(PluginLimits.defaults().withDeadline(deadline).withFuelPerCall(Long.MAX_VALUE));
    }

    private static void before(SqlLease lease, String query) {
        byte[] bytes = query.getBytes(UTF_8);
        lease.before(bytes, 0, bytes.length);
    }

    @Test
    @Shows(
            dialects = "B",
            value = {"LockOnHost 0 2", "UnlockOnHost 0 2"})
    @Shows({"a lock taken twice is refused, logged and still held", "an unlock without the lock is refused and logged"})
    void locksOfDialectBAnswerEveryStatus() {
        CapturedLog log = logOf("dialect_b/lock_states");
        assertThat(report("dialect_b/lock_states"))
                .isEqualTo("module: " + SCOPE + FORGED + "global: " + SCOPE + FORGED + "scope 2: lock 2; unlock 2; ");
        assertThat(log.lines()).allMatch(line -> line.startsWith("ERROR ")).hasSizeGreaterThanOrEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a/lock_states", "dialect_a/early_spelling"})
    @Shows(
            dialects = "A",
            value = {
                "ModuleLockOnHost 0 2",
                "ModuleUnlockOnHost 0 2",
                "ModuleUnLockOnHost 0 2",
                "GlobalLockOnHost 0 2",
                "GlobalUnlockOnHost 0 2"
            })
    void locksOfDialectAAnswerEveryStatus(String guest) {
        assertThat(report(guest)).isEqualTo("module: " + SCOPE + FORGED + "global: " + SCOPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a/locks_without_result", "dialect_b/locks_without_result"})
    @Shows(
            dialects = "B",
            value = {"LockOnHost none", "UnlockOnHost none"})
    @Shows(
            dialects = "A",
            value = {
                "ModuleLockOnHost none",
                "ModuleUnLockOnHost none",
                "GlobalLockOnHost none",
                "GlobalUnlockOnHost none"
            })
    void lockFunctionsMayAnswerNothing(String guest) {
        CapturedLog log = logOf(guest);
        assertThat(report(guest)).isEqualTo("all called");
        assertThat(log.lines()).allMatch(line -> line.startsWith("ERROR ")).hasSizeGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"module", "global"})
    @Shows("a lock never released ends with its query")
    void lockNeverReleasedEndsWithItsQuery(String scope) {
        Plugin plugin = load("dialect_b/keeps_lock", Duration.ofSeconds(10));
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(errorBefore(plugin, scope)).isEmpty();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    @Shows("a lock is held from before to after")
    void lockIsHeldFromBeforeToAfter() {
        CapturedLog log = logOf("dialect_b/locks_until_after");
        Plugin plugin = load("dialect_b/locks_until_after", SOON);
        try (SqlLease holder = plugin.acquireSql()) {
            before(holder, "select 1");
            assertThat(failureBefore(plugin, "select 2")).hasMessageContaining("lock");
            holder.after(null, null);
            assertThat(log.lines()).containsExactly("INFO unlock 0;");
            assertThat(errorBefore(plugin, "select 3")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"module", "global"})
    @Shows("waiting for a lock ends at the deadline, which names the lock")
    void waitingForALockEndsAtTheDeadlineWhichNamesTheLock(String scope) {
        Plugin plugin = load("dialect_b/keeps_lock", SOON);
        try (SqlLease holder = plugin.acquireSql()) {
            before(holder, scope);
            PluginException failure = failureBefore(plugin, scope);
            assertTrap(failure, TrapKind.DEADLINE_EXCEEDED);
            assertThat(failure).hasMessageContaining("while it waited for the " + scope + " lock");
        }
        assertThat(errorBefore(plugin, scope)).isEmpty();
    }

    @Test
    @Shows("a lock ends with a query given up")
    void lockEndsWithALeaseThatIsClosedWithoutAfter() throws Exception {
        Plugin plugin = load("dialect_b/keeps_lock", Duration.ofSeconds(30));
        SqlLease holder = plugin.acquireSql();
        before(holder, "module");
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Future<String> waiting = threads.submit(() -> errorBefore(plugin, "module"));
        Thread.sleep(100);
        assertThat(waiting).isNotDone();
        holder.close();
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEmpty();
        threads.shutdown();
    }

    @Test
    @Shows({"a lock ends with a query that trapped before", "a lock ends with a query that trapped after"})
    void lockEndsWithAQueryThatTrapped() {
        Plugin plugin = load("dialect_b/locks_and_traps", SOON);
        for (int i = 0; i < 3; i++) {
            assertTrap(failureBefore(plugin, "select 1"), TrapKind.UNREACHABLE);
        }
        for (int i = 0; i < 3; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                before(lease, "after");
                PluginException failure = org.assertj.core.api.Assertions.catchThrowableOfType(
                        PluginException.class, () -> lease.after(null, null));
                assertTrap(failure, TrapKind.UNREACHABLE);
                assertThat(errorBefore(plugin, "after"))
                        .as("the locks are free before the lease is")
                        .isEmpty();
            }
        }
    }

    @Test
    @Shows("a lock ends with a query whose deadline passed")
    void lockEndsWithAQueryWhoseDeadlinePassed() {
        Plugin plugin = load("dialect_b/locks_and_loops", SOON);
        for (int i = 0; i < 3; i++) {
            PluginException failure = failureBefore(plugin, "select 1");
            assertTrap(failure, TrapKind.DEADLINE_EXCEEDED);
            assertThat(failure).hasMessageNotContaining("while it waited");
        }
    }

    @Test
    @Shows("two locks taken crosswise end at the deadline")
    void locksTakenCrosswiseEndAtTheDeadline() throws Exception {
        Plugin plugin = load("dialect_b/locks_crosswise", Duration.ofMillis(300));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String query = i % 2 == 0 ? "one" : "other";
            answers.add(threads.submit(() -> outcome(plugin, query)));
        }
        for (Future<String> answer : answers) {
            assertThat(answer.get(1, TimeUnit.MINUTES)).isIn("", "deadline");
        }
        threads.shutdown();
        assertThat(errorBefore(plugin, "one")).isEmpty();
    }

    private static String outcome(Plugin plugin, String query) {
        try {
            return errorBefore(plugin, query);
        } catch (PluginException e) {
            return String.valueOf(e.getMessage()).contains("deadline exceeded") ? "deadline" : e.toString();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Shows({"counts under the lock are exact in module scope", "counts under the lock are exact in global scope"})
    void hammerCountsUnderTheLock(boolean pooled) throws Exception {
        int threads = 16;
        int increments = pooled ? 10_000 : 1_000;
        List<Plugin> plugins = new ArrayList<>();
        for (String folder : List.of("dialect_a", "dialect_b")) {
            PluginConfig config = config(folder, Duration.ofMinutes(1))
                    .withIsolation(pooled ? Isolation.pooled() : Isolation.perRequest())
                    .withMaxInstances(threads)
                    .withMaxWait(Duration.ofMinutes(1));
            plugins.add(load(folder + "/counts_with_lock", config));
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Plugin plugin = plugins.get(i % plugins.size());
            answers.add(pool.submit(() -> countTo(plugin, increments)));
        }
        for (Future<String> answer : answers) {
            assertThat(answer.get(5, TimeUnit.MINUTES)).isEmpty();
        }
        pool.shutdown();
        int all = threads * increments;
        for (Plugin plugin : plugins) {
            assertThat(errorBefore(plugin, "report")).isEqualTo("module " + all / plugins.size() + "; global " + all);
        }
    }

    /** Empty if every query was let through. */
    private static String countTo(Plugin plugin, int increments) {
        for (int i = 0; i < increments; i++) {
            String error = errorBefore(plugin, "count");
            if (!error.isEmpty()) {
                return error;
            }
        }
        return "";
    }
}
