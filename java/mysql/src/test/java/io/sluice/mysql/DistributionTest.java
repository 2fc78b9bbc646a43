package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Percentiles are told to an eighth. */
class DistributionTest {
    @Test
    void percentilesAreExactForSmallValuesAndWithinAnEighthForOthers() {
        for (long value : new long[] {0, 1, 7, 8, 9, 15, 16, 1_000, 123_456_789, Long.MAX_VALUE / 2}) {
            Distribution one = new Distribution();
            one.add(value);
            assertThat(one.percentile(0.5)).isBetween(value, value + value / 8);
        }
        Distribution many = new Distribution();
        for (int i = 1; i <= 1000; i++) {
            many.add(i);
        }
        assertThat(many.percentile(0.5)).isBetween(500L, 563L);
        assertThat(many.percentile(0.99)).isBetween(990L, 1114L);
        assertThat(many.percentile(1)).isBetween(1000L, 1125L);
    }

    @Test
    void nothingHasNoPercentiles() {
        assertThat(new Distribution().percentile(0.99)).isZero();
    }
}
