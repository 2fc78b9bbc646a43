package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spoiled packets of either side end their connection and nothing else; {@code make fuzz-gateway} sends a million. */
@Timeout(120)
class PacketFuzzIT {
    @Test
    void spoiledPacketsAreAnsweredOrEndTheirConnection() throws IOException, InterruptedException {
        try (PacketFuzz fuzz = new PacketFuzz()) {
            fuzz.assertServes();
            fuzz.run(1000, PacketFuzz.SEED);
            fuzz.assertServes();
            assertThat(fuzz.answered.get()).isPositive();
            assertThat(fuzz.refused.get()).isPositive();
            assertThat(fuzz.closed.get()).isPositive();
            for (int i = 0; i < 100 && fuzz.connections() > 0; i++) {
                Thread.sleep(100);
            }
            assertThat(fuzz.connections()).isZero();
        }
    }
}
