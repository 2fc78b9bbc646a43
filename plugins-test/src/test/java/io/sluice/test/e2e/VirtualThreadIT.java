package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
