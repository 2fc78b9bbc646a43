package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each wall, run into from inside: the call ends with a typed error, the next one finds a fresh instance. */
class LimitIT extends HostedTest {
    private static final PluginLimits FUEL_ONLY =
            PluginLimits.defaults().withFuelPerCall(2_000_000).withDeadline(Duration.ofMinutes(1));
    private static final PluginLimits DEADLINE_ONLY =
            PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE).withDeadline(Duration.ofMillis(30));

    private Plugin load(String guest, PluginLimits limits) {
        return load(guest, PluginConfig.of(nameOf(guest)).withLimits(limits));
    }

    @Test
    @Shows("better: a call has a budget of fuel and time")
    void fuelEndsInfiniteLoop() {
        PluginException failure = failureBefore(load("hostile/loops_before", FUEL_ONLY), "select 1");
        assertThat(failure).hasMessageContaining("out of fuel").hasMessageContaining("2000000");
        assertTrap(failure, TrapKind.OUT_OF_FUEL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile/loops_before", "hostile/fills_memory", "hostile/log_flood", "hostile/sleeps"})
    @Shows("better: a call has a budget of fuel and time")
    void deadlineEndsWhatTakesTooLong(String guest) {
        Plugin plugin = load(guest, DEADLINE_ONLY);
        logOf(guest);
        long start = System.nanoTime();
        PluginException failure = failureBefore(plugin, "select 1");
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(failure).hasMessageContaining("deadline exceeded").hasMessageContaining("30ms");
        assertTrap(failure, TrapKind.DEADLINE_EXCEEDED);
        assertThat(millis).as("milliseconds until the call ended").isBetween(25L, 5_000L);
    }

    @Test
    void infiniteLoopAfterTheQueryIsEnded() {
        Plugin plugin = load("hostile/loops_after", FUEL_ONLY);
        PluginException failure = failure("loops_after", Phase.AFTER, () -> {
            try (SqlLease lease = plugin.acquireSql()) {
                lease.before("select 1".getBytes(UTF_8), 0, 8);
                lease.after(null, null);
            }
        });
        assertTrap(failure, TrapKind.OUT_OF_FUEL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile/recurses", "hostile/recurses_through_host"})
    void endlessRecursionIsTrap(String guest) {
        PluginException failure = failureBefore(load(guest), "select 1");
        assertThat(failure).hasMessageContaining("the guest's call stack is exhausted");
        assertTrap(failure, TrapKind.STACK_OVERFLOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile/memory_bomb", "hostile/table_bomb"})
    @Shows("better: memory is capped for each plugin")
    void memoryCannotBeGrownWithoutEnd(String guest) {
        PluginLimits limits = PluginLimits.defaults().withMaxMemoryBytes(4 << 20);
        Plugin plugin = load(guest, limits);
        PluginException failure = failureBefore(plugin, "select 1");
        assertThat(causeOf(failure, TrapException.class).kind()).isIn(TrapKind.OUT_OF_FUEL, TrapKind.DEADLINE_EXCEEDED);
        assertThat(plugin.counters().memoryHighWaterBytes()).isLessThanOrEqualTo(4 << 20);
        assertThat(host.memoryUsedBytes())
                .as("memory of the host while no call runs")
                .isLessThan(1 << 20);
    }

    @Test
    void logEndsAtItsLimitAndTheCallGoesOn() {
        CapturedLog log = logOf("hostile/log_much");
        Plugin plugin = load("hostile/log_much");
        assertThat(errorBefore(plugin, "select 1")).isEqualTo("still here");
        // 100 a second by default, and a few more while the records are handed over.
        assertThat(log.lines()).hasSizeBetween(100, 300);
        assertThat(plugin.counters().logDropped()).isGreaterThan(8_000);
    }

    @Test
    void outputAboveTheLimitIsStatus10() {
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(Long.MAX_VALUE).withDeadline(Duration.ofSeconds(10));
        CapturedLog log = logOf("hostile/large_outputs");
        Plugin plugin = load("hostile/large_outputs", limits);
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            assertThat(lease.queryChanged()).isFalse();
            assertThat(lease.hasError()).isFalse();
        }
        assertThat(log.lines())
                .containsExactly(
                        "ERROR SetQueryOnHost: 33554432 bytes given, 16777216 allowed: raise maxOutputBytes",
                        "ERROR SetErrorMessageOnHost: 33554432 bytes given, 16777216 allowed: raise maxOutputBytes");
    }

    @ParameterizedTest
    @CsvSource({
        "u, UNREACHABLE, unreachable instruction executed",
        "m, MEMORY_OUT_OF_BOUNDS, access outside the memory",
        "t, TABLE_OUT_OF_BOUNDS, access outside the table",
        "n, INDIRECT_CALL_TO_NULL, indirect call to a null element",
        "s, BAD_SIGNATURE, indirect call of a func of another type",
        "o, INTEGER_OVERFLOW, integer overflow",
        "z, INTEGER_DIVISION_BY_ZERO, integer division by zero",
        "c, BAD_CONVERSION_TO_INTEGER, conversion to integer out of range"
    })
    void trapHasItsKindAndItsFrames(String query, TrapKind kind, String text) {
        Plugin plugin = load("hostile/traps_of_every_kind");
        PluginException failure = failureBefore(plugin, query);
        assertThat(failure).hasMessageContaining("trap: " + text);
        assertTrap(failure, kind);
        assertThat(causeOf(failure, TrapException.class).frames()).isNotEmpty();
        assertThat(plugin.counters().traps()).isEqualTo(Map.of(kind, 1L));
        assertThat(errorBefore(plugin, "a query that does not trap")).isEmpty();
    }

    @Test
    void trapCostsOnePooledInstance() {
        PluginConfig config = PluginConfig.of("traps_of_every_kind")
                .withIsolation(Isolation.pooled())
                .withMaxInstances(1);
        Plugin plugin = load("hostile/traps_of_every_kind", config);
        for (int i = 0; i < 20; i++) {
            assertThat(errorBefore(plugin, "fine")).isEmpty();
            failureBefore(plugin, "u");
        }
        assertThat(plugin.counters().starts()).isEqualTo(20);
        assertThat(plugin.counters().allTraps()).isEqualTo(20);
    }
}
