package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin is replaced while calls run: none fails, all see one version or the other, the old one goes. */
class ReplaceIT extends HostedTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Shows("better: a new version takes over while queries run")
    void hammerReplaceWhileCallsRun(boolean pooled) throws InterruptedException {
        PluginConfig config = PluginConfig.of("replaced")
                .withIsolation(pooled ? Isolation.pooled() : Isolation.perRequest())
                .withMaxInstances(8);
        Plugin plugin = load(GuestFiles.REJECT, config);
        AtomicBoolean done = new AtomicBoolean();
        Queue<String> surprises = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread caller = new Thread(() -> {
                while (!done.get()) {
                    String error = errorBefore(plugin, "DELETE FROM t");
                    if (!error.equals(Verdicts.MESSAGE) && !error.equals("started 1")) {
                        surprises.add(error);
                    }
                }
            });
            caller.setUncaughtExceptionHandler((thread, e) -> surprises.add(e.toString()));
            caller.start();
            callers.add(caller);
        }
        for (int i = 0; i < 20; i++) {
            plugin.replace(GuestFiles.source(i % 2 == 0 ? "wat/start_initialize" : GuestFiles.REJECT));
        }
        done.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(surprises).isEmpty();
        assertThat(plugin.generation()).isEqualTo(21);
        assertThat(errorBefore(plugin, "DELETE FROM t")).isEqualTo(Verdicts.MESSAGE);
    }

    @Test
    void versionThatDoesNotLoadLeavesTheOldOneServing() {
        Plugin plugin = load(GuestFiles.REJECT);
        for (String bad : List.of("hostile/start_traps", "hostile/unknown_import", "hostile/missing_malloc")) {
            PluginException failure =
                    catchThrowableOfType(PluginException.class, () -> plugin.replace(GuestFiles.source(bad)));
            assertThat(failure).hasMessageStartingWith("plugin 'reject_without_where', ");
            assertThat(errorBefore(plugin, "DELETE FROM t")).isEqualTo(Verdicts.MESSAGE);
        }
        assertThat(plugin.generation()).isEqualTo(1);
        assertThat(plugin.liveVersions()).isEqualTo(1);
    }
}
