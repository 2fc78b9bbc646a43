package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OtherLoadTest {

    @Test
    void idleAndWaitingTimeIsNotBusy() {
        assertThat(OtherLoad.machineTicks("cpu  1 2 4 1000 2000 8 16 32 0 0\ncpu0 9 9 9 9 9 9 9 9 9 9\n"))
                .isEqualTo(63);
    }

    @Test
    void ownTimeIncludesTheForksThatEnded() {
        assertThat(OtherLoad.ownTicks("42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 1 2 4 8 20 0 5\n"))
                .isEqualTo(15);
    }
}
