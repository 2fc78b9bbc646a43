package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.SqlLease;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who shares an instance with whom, told by a guest that counts its calls in its memory. */
class IsolationIT extends HostedTest {
    private Plugin counter(Isolation isolation) {
        return load(
                "c/counts_calls",
                PluginConfig.of("counts_calls").withIsolation(isolation).withMaxInstances(1));
    }

    private static String request(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            String before = lease.errorText();
            lease.after(lease.error(), null);
            return before + ", " + lease.errorText();
        }
    }

    @Test
    @Shows("better: every query sees a fresh instance")
    void requestSharesItsInstanceWithNoOther() {
        Plugin plugin = counter(Isolation.perRequest());
        for (int i = 0; i < 100; i++) {
            assertThat(request(plugin)).isEqualTo("before 1, after 2");
        }
        assertThat(plugin.counters().starts()).isEqualTo(100);
    }

    @Test
    void requestWithoutAfterLeavesNothingBehind() {
        Plugin plugin = counter(Isolation.perRequest());
        for (int i = 0; i < 10; i++) {
            assertThat(errorBefore(plugin, "select 1")).isEqualTo("before 1");
        }
    }

    @Test
    void preparedInstanceHasNoTracesOfAnEarlierRequest() throws InterruptedException {
        Plugin plugin =
                load("wat/leaves_traces", PluginConfig.of("leaves_traces").withMaxInstances(1));
        for (int i = 0; i < 20; i++) {
            assertThat(traces(plugin)).isEmpty();
            // Its memory is large enough for the keeper to make the next one.
            Thread.sleep(5);
        }
        assertThat(plugin.counters().startsOnRequest()).isLessThan(20);
    }

    @Test
    void instanceMadeOnRequestHasNoTracesOfAnEarlierRequest() {
        try (PluginHost unprepared =
                        PluginHost.builder().prepareInstances(false).build();
                Plugin plugin = unprepared.load(
                        PluginConfig.of("leaves_traces").withMaxInstances(1), GuestFiles.source("wat/leaves_traces"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(traces(plugin)).isEmpty();
            }
            assertThat(plugin.counters().startsOnRequest()).isEqualTo(20);
        }
    }

    @Test
    void pooledInstanceHasThem() {
        Plugin plugin = load(
                "wat/leaves_traces",
                PluginConfig.of("leaves_traces")
                        .withIsolation(Isolation.pooled())
                        .withMaxInstances(1));
        assertThat(traces(plugin)).isEmpty();
        // The message was written over, too.
        assertThat(traces(plugin)).isNotEmpty();
    }

    /** What a guest finds that looks for traces and leaves some in its before and its after. */
    private static String traces(Plugin plugin) {
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            String found = lease.hasError() ? lease.errorText() : "";
            lease.after(null, null);
            return found;
        }
    }

    @Test
    void pooledInstanceServesRequestAfterRequest() {
        Plugin plugin = counter(Isolation.pooled());
        for (int i = 0; i < 100; i++) {
            assertThat(request(plugin)).isEqualTo("before " + (2 * i + 1) + ", after " + (2 * i + 2));
        }
        assertThat(plugin.counters().starts()).isEqualTo(1);
    }

    @Test
    void pooledInstanceIsRetiredAfterItsCalls() {
        Plugin plugin = counter(Isolation.pooled(3, Duration.ofHours(1), Long.MAX_VALUE));
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            seen.append(errorBefore(plugin, "select 1")).append(' ');
        }
        assertThat(seen.toString()).isEqualTo("before 1 before 2 before 3 before 1 before 2 before 3 before 1 ");
    }
}
