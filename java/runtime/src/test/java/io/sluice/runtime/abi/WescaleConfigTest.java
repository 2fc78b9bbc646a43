package io.sluice.runtime.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.StoreConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WescaleConfigTest {
    private static final WescaleConfig CONFIG = WescaleConfig.defaults();

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(CONFIG.storeConfig()).isSameAs(StoreConfig.defaults());
        assertThat(CONFIG.toString()).endsWith("startFuel=500000000, startDeadline=PT1S, maxOutputBytes=16777216]");
    }

    @Test
    void configIsCopiedNotChanged() {
        StoreConfig store = StoreConfig.defaults().withFuelPerCall(5);
        WescaleConfig config = CONFIG.withStoreConfig(store)
                .withStartFuel(1)
                .withStartDeadline(Duration.ofNanos(2))
                .withMaxOutputBytes(3);
        assertThat(config.storeConfig()).isSameAs(store);
        assertThat(config.startFuel()).isEqualTo(1);
        assertThat(config.startDeadline()).isEqualTo(Duration.ofNanos(2));
        assertThat(config.maxOutputBytes()).isEqualTo(3);
        assertThat(WescaleInstance.limits(new long[9], config))
                .endsWith(1, 2, 3)
                .hasSize(12);
        assertThat(CONFIG.startFuel()).isEqualTo(500_000_000);
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void valuesOutOfRangeAreRefusedWithTheRange() {
        assertThatThrownBy(() -> CONFIG.withStartFuel(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("startFuel is -1, it must be 0 to 9223372036854775807");
        assertThatThrownBy(() -> CONFIG.withStartDeadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("startDeadline is PT0S, it must be 1 ns to 292 years");
        assertThatThrownBy(() -> CONFIG.withMaxOutputBytes(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxOutputBytes is -1, it must be 0 to 536870912");
        assertThatThrownBy(() -> CONFIG.withStoreConfig(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("config");
        assertThatThrownBy(() -> CONFIG.withStartDeadline(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("deadline");
    }
}
