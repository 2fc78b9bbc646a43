package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Virtual threads that wait for a plugin's lock leave their carriers to others. */
@EnabledForJreRange(min = JRE.JAVA_21)
@Tag("conformance")
class LockWaitIT extends HostedPlugins {
    private static final PluginConfig PATIENT =
            CONFIG.withMaxInstances(200).withLimits(PluginLimits.defaults().withDeadline(Duration.ofSeconds(60)));

    /** The executor of JDK 21, which the source level does not know. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @Test
    void carriersAreFreeWhileVirtualThreadsWaitForALock() throws Exception {
        Plugin plugin = load(PATIENT, "dialect_b/keeps_lock");
        int waiters = 4 * Runtime.getRuntime().availableProcessors();
        ExecutorService threads = virtualThreads();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        // The lock is held by a virtual thread that is parked between before and after.
        Future<Boolean> holder = threads.submit((Callable<Boolean>) () -> {
            try (SqlLease lease = plugin.acquireSql()) {
                before(lease, "module");
                held.countDown();
                assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
                lease.after(null, null);
                return lease.hasError();
            }
        });
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < waiters; i++) {
            answers.add(threads.submit((Callable<String>) () -> errorOf(plugin, "module")));
        }
        long start = System.nanoTime();
        while (plugin.moduleScope().lockWaiters().orElseThrow() < waiters) {
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(30));
            Thread.sleep(1);
        }

        // More of them than carriers wait, and still a virtual thread runs, with a call of another plugin in it.
        Plugin other = load(CONFIG.withName("other"), "c/reject_without_where");
        assertThat(threads.submit((Callable<String>) () -> errorOf(other, "update t set a = 1"))
                        .get(20, TimeUnit.SECONDS))
                .isEqualTo("no where clause");
        assertThat(plugin.moduleScope().lockWaiters()).hasValue(waiters);

        go.countDown();
        assertThat(holder.get()).isFalse();
        for (Future<String> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEmpty();
        }
        threads.shutdown();
        assertThat(plugin.moduleScope().lockWaiters()).isEmpty();
    }

    @Test
    void failureOfACallThatWasHandedOverIsTheCallersOwn() throws Exception {
        Plugin plugin = load("dialect_b/locks_and_traps");
        ExecutorService threads = virtualThreads();
        PluginException failure = threads.submit((Callable<PluginException>) () -> failureOf(plugin, "select 1"))
                .get(30, TimeUnit.SECONDS);
        threads.shutdown();
        assertThat(failure).hasMessageStartingWith("plugin 'p', before: trap: unreachable instruction executed");
        assertThat(plugin.counters().allTraps()).isEqualTo(1);
    }

    @Test
    void interruptIsKeptForAfterTheCall() throws Exception {
        Plugin plugin = load(PATIENT, "dialect_b/keeps_lock");
        ExecutorService threads = virtualThreads();
        String answer = threads.submit((Callable<String>) () -> {
                    try (SqlLease lease = plugin.acquireSql()) {
                        Thread.currentThread().interrupt();
                        before(lease, "module");
                        return Thread.interrupted() ? "interrupted" : "lost";
                    }
                })
                .get(30, TimeUnit.SECONDS);
        threads.shutdown();
        assertThat(answer).isEqualTo("interrupted");
    }

    @Test
    void hammerCountIsExactFromVirtualThreads() throws Exception {
        Plugin plugin = load(PATIENT.withMaxWait(Duration.ofSeconds(60)), "dialect_b/counts_with_lock");
        ExecutorService threads = virtualThreads();
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            answers.add(threads.submit((Callable<String>) () -> errorOf(plugin, "count")));
        }
        for (Future<String> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS)).isEmpty();
        }
        threads.shutdown();
        assertThat(errorOf(plugin, "report")).isEqualTo("module 5000; global 5000");
    }
}
