package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Phase;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginLimits;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The start of a module runs once an instance, on a budget of its own, and when it fails the plugin does not load. */
@Tag("conformance")
class StartIT extends HostedTest {
    @ParameterizedTest
    @ValueSource(strings = {"wat/start_initialize", "wat/start_command", "wat/start_section"})
    @Shows({
        "_initialize runs before the entry points",
        "_start runs before the entry points",
        "a start section runs before the entry points"
    })
    void everyStyleOfStartRunsOnce(String guest) {
        assertThat(report(guest)).isEqualTo("started 1");
    }

    @Test
    void exitWithZeroIsGoodStart() {
        assertThat(report("wat/start_exits_0")).isEqualTo("started well");
    }

    @Test
    void exitWithAnotherCodeFailsTheLoad() {
        PluginException failure = loadFailure("hostile/start_exits_7", Phase.START);
        assertThat(failure).hasMessageContaining("7");
        assertThat(causeOf(failure, ExitException.class).exitCode()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile/start_traps", "hostile/start_section_traps"})
    void trapFailsTheLoad(String guest) {
        PluginException failure = loadFailure(guest, Phase.START);
        assertThat(failure).hasMessageContaining("unreachable instruction executed");
        assertTrap(failure, TrapKind.UNREACHABLE);
    }

    @Test
    void fuelEndsLoop() {
        PluginException failure = startFailure(
                "hostile/start_loops",
                PluginLimits.defaults().withStartFuel(1_000_000).withStartDeadline(Duration.ofMinutes(1)));
        assertThat(failure).hasMessageContaining("out of fuel").hasMessageContaining("1000000");
        assertTrap(failure, TrapKind.OUT_OF_FUEL);
    }

    @Test
    void deadlineEndsLoop() {
        PluginException failure = startFailure(
                "hostile/start_loops",
                PluginLimits.defaults().withStartFuel(Long.MAX_VALUE).withStartDeadline(Duration.ofMillis(50)));
        assertThat(failure).hasMessageContaining("deadline exceeded").hasMessageContaining("50ms");
        assertTrap(failure, TrapKind.DEADLINE_EXCEEDED);
    }

    @Test
    void memoryCannotBeGrownWithoutEnd() {
        PluginException failure = loadFailure("hostile/start_grows_memory", Phase.START);
        assertThat(causeOf(failure, TrapException.class).kind()).isIn(TrapKind.OUT_OF_FUEL, TrapKind.DEADLINE_EXCEEDED);
    }

    private PluginException startFailure(String guest, PluginLimits limits) {
        PluginConfig config = PluginConfig.of(nameOf(guest)).withLimits(limits);
        return failure(nameOf(guest), Phase.START, () -> load(guest, config));
    }
}
