package io.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoresTest {

    @Test
    void medianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Scores.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    }

    @Test
    void medianOfAnEvenNumberLiesBetweenTheMiddleOnes() {
        assertThat(Scores.median(List.of(4.0, 1.0, 2.0, 90.0))).isEqualTo(3.0);
    }

    @Test
    void nothingMeasuredIsNotANumber() {
        assertThat(Scores.median(List.<Double>of())).isNaN();
        assertThat(Scores.ratio(List.of(), List.of()).median()).isNaN();
    }
}
