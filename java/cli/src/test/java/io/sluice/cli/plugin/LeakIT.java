package io.sluice.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.EngineConfig;
import io.sluice.testkit.CaseFile;
import io.sluice.testkit.Desk;
import io.sluice.testkit.Outcome;
import io.sluice.testkit.Statement;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the SDKs allocate for a call is free again after it: {@code -Dsluice.leak.calls=1000000} for as many calls. */
class LeakIT {
    private static final int CALLS = Integer.getInteger("sluice.leak.calls", 5_000);

    @ParameterizedTest
    @ValueSource(strings = {"c", "go", "rust", "assemblyscript", "java"})
    void aPooledInstanceDoesNotGrow(String language) {
        CaseFile file = CaseFile.read(Examples.cases("mask_columns/" + language));
        Statement statement = file.cases().get(0).statement();
        try (PluginHost host = PluginHost.builder()
                        .engineConfig(EngineConfig.defaults().withOptimisation(CALLS > 100_000))
                        .optimiserThreads(0)
                        .build();
                Desk desk = Desk.open(
                        host,
                        file.config()
                                .withIsolation(Isolation.pooled())
                                // Time is not what this is about, and a busy machine takes much of it.
                                .withLimits(file.config().limits().withDeadline(Duration.ofMinutes(1))),
                        PluginSource.file(Examples.module("mask_columns/" + language)))) {
            long memory = 0;
            for (int i = 0; i < CALLS; i++) {
                Outcome outcome = desk.query(statement);
                assertThat(outcome.error()).isNull();
                if (i == CALLS / 2) {
                    memory = outcome.memoryBytes();
                }
            }
            // Go's collector lets its heap breathe; what leaks a few bytes a call is beyond that long before a million.
            long slack = language.equals("go") ? 4L << 20 : 0;
            assertThat(desk.plugin().counters().memoryHighWaterBytes())
                    .as("bytes of memory after %d calls, by the half of them", CALLS)
                    .isBetween(memory, memory + slack);
        }
    }
}
