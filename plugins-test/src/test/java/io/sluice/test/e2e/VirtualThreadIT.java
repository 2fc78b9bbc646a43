package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call runs on whatever thread makes it, a virtual one too. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadIT extends HostedTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hammerPluginFromVirtualThreads(boolean pooled) throws Exception {
        PluginConfig config = PluginConfig.of("traps_of_every_kind")
                .withIsolation(pooled ? Isolation.pooled() : Isolation.perRequest())
                .withMaxInstances(4)
                .withMaxWait(Duration.ofMinutes(1));
        Plugin plugin = load("hostile/traps_of_every_kind", config);
        List<Future<String>> answers = new ArrayList<>();
        ExecutorService threads = virtualThreads();
        for (int i = 0; i < 4_000; i++) {
            String query = i % 4 == 0 ? "u" : "fine";
            answers.add(threads.submit((Callable<String>) () -> answer(plugin, query)));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get()).isEqualTo(i % 4 == 0 ? "trap" : "");
        }
        threads.shutdown();
        assertThat(plugin.counters().allTraps()).isEqualTo(1_000);
    }

    /** The lock is a parked query's, and more threads wait for it than there are carriers: nobody is held up but by the lock. */
    @Test
    @Shows("waiting for a lock does not pin a carrier thread")
    void waitingForALockDoesNotPinACarrierThread() throws Exception {
        int waiters = Runtime.getRuntime().availableProcessors() * 4;
        PluginConfig config = PluginConfig.of("locks_until_after")
                .withMaxInstances(waiters + 1)
                .withLimits(PluginLimits.defaults().withDeadline(Duration.ofMinutes(1)));
        Plugin plugin = load("dialect_b/locks_until_after", config);
        CapturedLog log = logOf("dialect_b/locks_until_after");
        ExecutorService threads = virtualThreads();
        List<Future<String>> answers = new ArrayList<>();
        try (SqlLease holder = plugin.acquireSql()) {
            holder.before(new byte[] {'1'}, 0, 1);
            for (int i = 0; i < waiters; i++) {
                answers.add(threads.submit((Callable<String>) () -> answer(plugin, "wait")));
            }
            Thread.sleep(200);
            assertThat(threads.submit((Callable<String>) () -> "free").get(20, TimeUnit.SECONDS))
                    .as("a virtual thread that runs while the others wait")
                    .isEqualTo("free");
            assertThat(answers).noneMatch(Future::isDone);
            holder.after(null, null);
        }
        for (Future<String> answer : answers) {
            assertThat(answer.get(1, TimeUnit.MINUTES)).isEmpty();
        }
        threads.shutdown();
        assertThat(log.lines()).containsExactly("INFO unlock 0;");
    }

    private static String answer(Plugin plugin, String query) {
        try {
            return errorBefore(plugin, query);
        } catch (PluginException e) {
            return e.toString().contains("unreachable instruction executed") ? "trap" : e.toString();
        }
    }

    /** The executor of JDK 21, which the source level does not know. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
