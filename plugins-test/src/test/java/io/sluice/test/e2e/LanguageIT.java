package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of every language start on our WASI, give the same verdicts, and go on for many queries within their memory. */
@Tag("conformance")
class LanguageIT extends HostedTest {
    private static final PluginLimits ROOMY =
            PluginLimits.defaults().withDeadline(Duration.ofSeconds(10)).withStartDeadline(Duration.ofSeconds(10));
    private static final int QUERIES_PER_INSTANCE = 250;
    private static final int QUERIES = 2_000;

    @ParameterizedTest
    @ValueSource(strings = {"c", "rust", "go", "java"})
    void everyLanguageGivesTheSameVerdicts(String language) {
        Plugin plugin = load(
                language + "/reject_without_where",
                PluginConfig.of(language)
                        .withLimits(ROOMY)
                        .withMaxInstances(1)
                        .withIsolation(Isolation.pooled(QUERIES_PER_INSTANCE, Duration.ofHours(1), Long.MAX_VALUE)));
        List<Map.Entry<String, Boolean>> table =
                new ArrayList<>(Verdicts.table().entrySet());
        for (int i = 0; i < QUERIES; i++) {
            Map.Entry<String, Boolean> entry = table.get(i % table.size());
            String query = entry.getKey() + " ".repeat(i % 300);
            assertThat(errorBefore(plugin, query)).as(query).isEqualTo(entry.getValue() ? Verdicts.MESSAGE : "");
        }
        assertThat(plugin.counters().starts()).isEqualTo(QUERIES / QUERIES_PER_INSTANCE);
        assertThat(plugin.counters().memoryHighWaterBytes()).isLessThan(16 << 20);
    }
}
