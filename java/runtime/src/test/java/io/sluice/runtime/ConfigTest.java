package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigTest {
    private static final EngineConfig ENGINE = EngineConfig.defaults();
    private static final StoreConfig STORE = StoreConfig.defaults();

    @Test
    void engineDefaultsAreTheDocumentedOnes() {
        assertThat(ENGINE)
                .hasToString("EngineConfig[maxMemoryBytes=67108864, maxTableElements=100000, maxInstances=1000, "
                        + "maxWasmStackBytes=262144, maxModuleBytes=33554432, maxFunctionBytes=2097152, "
                        + "compileDeadline=PT5M, memoryKeepResidentBytes=1572864, metering=true, trapMode=AUTO, "
                        + "inlining=true, optimisation=true]");
    }

    @Test
    void storeDefaultsAreTheDocumentedOnes() {
        assertThat(STORE)
                .hasToString("StoreConfig[fuelPerCall=50000000, deadline=PT0.1S, maxMemoryBytes=67108864, "
                        + "maxTableElements=100000, maxInstances=16, maxMemories=16, maxTables=16, maxLogBytes=65536, "
                        + "memoryBudget=null, arguments=[plugin], environment=[], clockResolution=PT0.001S]");
    }

    @Test
    void engineConfigIsCopiedNotChanged() {
        EngineConfig config = ENGINE.withMaxMemoryBytes(1)
                .withMaxTableElements(2)
                .withMaxInstances(3)
                .withMaxWasmStackBytes(20_000)
                .withMaxModuleBytes(50)
                .withMaxFunctionBytes(60)
                .withCompileDeadline(Duration.ofNanos(7))
                .withMemoryKeepResidentBytes(8)
                .withMetering(false)
                .withTrapMode(TrapMode.EXPLICIT)
                .withInlining(false)
                .withOptimisation(false);
        assertThat(config.settings()).containsExactly(1, 2, 3, 20_000, 50, 60, 7, 8, 0, 2, 0, 0);
        assertThat(config.maxMemoryBytes()).isEqualTo(1);
        assertThat(config.maxTableElements()).isEqualTo(2);
        assertThat(config.maxInstances()).isEqualTo(3);
        assertThat(config.maxWasmStackBytes()).isEqualTo(20_000);
        assertThat(config.maxModuleBytes()).isEqualTo(50);
        assertThat(config.maxFunctionBytes()).isEqualTo(60);
        assertThat(config.compileDeadline()).isEqualTo(Duration.ofNanos(7));
        assertThat(config.memoryKeepResidentBytes()).isEqualTo(8);
        assertThat(config.metering()).isFalse();
        assertThat(config.trapMode()).isEqualTo(TrapMode.EXPLICIT);
        assertThat(config.inlining()).isFalse();
        assertThat(config.optimisation()).isFalse();
        assertThat(ENGINE.maxMemoryBytes()).isEqualTo(64 << 20);
    }

    @Test
    void storeConfigIsCopiedNotChanged() {
        StoreConfig config = STORE.withFuelPerCall(1)
                .withDeadline(Duration.ofNanos(2))
                .withMaxMemoryBytes(3)
                .withMaxTableElements(4)
                .withMaxInstances(5)
                .withMaxMemories(6)
                .withMaxTables(7)
                .withMaxLogBytes(8)
                .withClockResolution(Duration.ofNanos(9))
                .withArguments(List.of("a", "b"))
                .withEnvironment(Map.of("K", "v=w"));
        assertThat(config.limits()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(config.fuelPerCall()).isEqualTo(1);
        assertThat(config.deadline()).isEqualTo(Duration.ofNanos(2));
        assertThat(config.maxMemoryBytes()).isEqualTo(3);
        assertThat(config.maxTableElements()).isEqualTo(4);
        assertThat(config.maxInstances()).isEqualTo(5);
        assertThat(config.maxMemories()).isEqualTo(6);
        assertThat(config.maxTables()).isEqualTo(7);
        assertThat(config.maxLogBytes()).isEqualTo(8);
        assertThat(config.clockResolution()).isEqualTo(Duration.ofNanos(9));
        assertThat(config.arguments()).containsExactly("a", "b");
        assertThat(config.environment()).containsExactly(Map.entry("K", "v=w"));
        assertThat(config.memoryBudget()).isNull();
        assertThat(STORE.fuelPerCall()).isEqualTo(50_000_000);
    }

    @Test
    void nothingIsUnlimitedUnlessAskedForByName() {
        StoreConfig config = STORE.unlimitedFuel().noDeadline();
        assertThat(config.limits()).startsWith(-1, -1);
        assertThat(config.deadline()).isNull();
        assertThat(config.toString()).contains("fuelPerCall=unlimited, deadline=none");
        assertThatThrownBy(() -> STORE.withFuelPerCall(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fuelPerCall is -1, it must be 0 to 9223372036854775807");
    }

    @Test
    void valuesOutOfRangeAreRefusedWithTheRange() {
        assertThatThrownBy(() -> ENGINE.withMaxMemoryBytes((4L << 30) + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxMemoryBytes is 4294967297, it must be 0 to 4294967296");
        assertThatThrownBy(() -> ENGINE.withMaxInstances(0)).hasMessage("maxInstances is 0, it must be 1 to 20000");
        assertThatThrownBy(() -> ENGINE.withMaxWasmStackBytes(1))
                .hasMessage("maxWasmStackBytes is 1, it must be 16384 to 67108864");
        assertThatThrownBy(() -> ENGINE.withMaxTableElements(-1))
                .hasMessage("maxTableElements is -1, it must be 0 to 10000000");
        assertThatThrownBy(() -> ENGINE.withMaxModuleBytes(7))
                .hasMessage("maxModuleBytes is 7, it must be 8 to 1073741824");
        assertThatThrownBy(() -> ENGINE.withMaxFunctionBytes(1))
                .hasMessage("maxFunctionBytes is 1, it must be 16 to 134217728");
        assertThatThrownBy(() -> ENGINE.withMemoryKeepResidentBytes(-1))
                .hasMessage("memoryKeepResidentBytes is -1, it must be 0 to 4294967296");
        assertThatThrownBy(() -> ENGINE.withCompileDeadline(Duration.ZERO))
                .hasMessage("compileDeadline is PT0S, it must be 1 ns to 292 years");
        assertThatThrownBy(() -> STORE.withDeadline(Duration.ofDays(200_000)))
                .hasMessage("deadline is PT4800000H, it must be 1 ns to 292 years");
        assertThatThrownBy(() -> STORE.withMaxMemoryBytes(-1))
                .hasMessage("maxMemoryBytes is -1, it must be 0 to 4294967296");
        assertThatThrownBy(() -> STORE.withMaxTableElements(-1))
                .hasMessage("maxTableElements is -1, it must be 0 to 10000000");
        assertThatThrownBy(() -> STORE.withMaxInstances(10_001))
                .hasMessage("maxInstances is 10001, it must be 0 to 10000");
        assertThatThrownBy(() -> STORE.withMaxMemories(-1)).hasMessage("maxMemories is -1, it must be 0 to 10000");
        assertThatThrownBy(() -> STORE.withMaxTables(-1)).hasMessage("maxTables is -1, it must be 0 to 10000");
        assertThatThrownBy(() -> STORE.withMaxLogBytes(-1)).hasMessage("maxLogBytes is -1, it must be 0 to 1073741824");
        assertThatThrownBy(() -> STORE.withClockResolution(Duration.ofNanos(-1)))
                .hasMessage("clockResolution is PT-0.000000001S, it must be 1 ns to 292 years");
    }

    @Test
    void argumentsAndEnvironmentAreChecked() {
        assertThatThrownBy(() -> STORE.withArguments(List.of()))
                .hasMessage("arguments is empty, there must be at least one: the guest's own name");
        assertThatThrownBy(() -> STORE.withArguments(List.of("a\0b")))
                .hasMessage("argument contains a NUL, at which the guest would end it");
        assertThatThrownBy(() -> STORE.withEnvironment(Map.of("A=B", "c")))
                .hasMessage("environment variable \"A=B\": a name must not be empty nor contain '='");
        assertThatThrownBy(() -> STORE.withEnvironment(Map.of("", "c")))
                .hasMessage("environment variable \"\": a name must not be empty nor contain '='");
        assertThatThrownBy(() -> STORE.withEnvironment(Map.of("A", "\0")))
                .hasMessage("environment variable A contains a NUL, at which the guest would end it");
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> ENGINE.withTrapMode(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("mode");
        assertThatThrownBy(() -> STORE.withDeadline(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("deadline");
        assertThatThrownBy(() -> STORE.withArguments(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("newArguments");
        assertThatThrownBy(() -> STORE.withEnvironment(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("newEnvironment");
    }

    @Test
    void environmentValuesAreNotShown() {
        assertThat(STORE.withEnvironment(Map.of("TOKEN", "secret")).toString())
                .contains("TOKEN")
                .doesNotContain("secret");
    }
}
