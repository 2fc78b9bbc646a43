package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of every language start on our WASI and give the same verdicts. */
class LanguageIT extends HostedTest {
    private static final PluginLimits ROOMY =
            PluginLimits.defaults().withDeadline(Duration.ofSeconds(5)).withStartDeadline(Duration.ofSeconds(10));

    @ParameterizedTest
    @ValueSource(strings = {"c", "rust", "go", "java"})
    void everyLanguageGivesTheSameVerdicts(String language) {
        for (Isolation isolation : List.of(Isolation.perRequest(), Isolation.pooled())) {
            PluginConfig config = PluginConfig.of(language + "-" + isolation.isPooled())
                    .withLimits(ROOMY)
                    .withIsolation(isolation);
            Plugin plugin = load(language + "/reject_without_where", config);
            Verdicts.table()
                    .forEach((query, rejected) -> assertThat(errorBefore(plugin, query))
                            .as("%s, %s: %s", language, isolation, query)
                            .isEqualTo(rejected ? Verdicts.MESSAGE : ""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "rust", "go", "java"})
    void pooledInstanceStaysWithinItsMemory(String language) {
        PluginConfig config = PluginConfig.of(language)
                .withLimits(ROOMY)
                .withIsolation(Isolation.pooled())
                .withMaxInstances(1);
        Plugin plugin = load(language + "/reject_without_where", config);
        for (int i = 0; i < 3_000; i++) {
            String query = "UPDATE t SET a = " + "1".repeat(i % 500);
            assertThat(errorBefore(plugin, query)).isEqualTo(Verdicts.MESSAGE);
        }
        assertThat(plugin.counters().starts()).isEqualTo(1);
        assertThat(plugin.counters().memoryHighWaterBytes()).isLessThan(16 << 20);
    }
}
