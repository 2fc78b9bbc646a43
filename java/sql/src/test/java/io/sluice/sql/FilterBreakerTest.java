package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.sql.FilterBreaker.Permit;
import io.sluice.sql.FilterBreaker.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FilterBreakerTest {
    private static final BreakerConfig THREE = BreakerConfig.defaults().withFailuresInARow(3);

    private long now = 1_000;

    private FilterBreaker breaker(BreakerConfig config) {
        return new FilterBreaker(config, () -> now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private static void fail(FilterBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            boolean trial = breaker.enter() == Permit.TRY;
            breaker.failed(trial);
        }
    }

    @Test
    void breakerOpensAfterFailuresInARow() {
        FilterBreaker breaker = breaker(THREE);
        fail(breaker, 2);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(breaker.failuresInARow()).isEqualTo(2);
        assertThat(breaker.nextTry()).isZero();
        fail(breaker, 1);

        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.enter()).isEqualTo(Permit.REFUSED);
        assertThat(breaker.nextTry()).isEqualTo(Duration.ofSeconds(1));
        assertThat(breaker.reason()).isEqualTo("3 failures in a row");
        assertThat(breaker.timesOpened()).isEqualTo(1);
        assertThat(breaker).hasToString("FilterBreaker[OPEN, 3 failures in a row, next try in 1000 ms]");
        assertThat(breaker.message("f", "p"))
                .isEqualTo("filter 'f', plugin 'p': not called after 3 failures in a row; tried again in 1000 ms");
    }

    @Test
    void queryThatGoesWellEndsTheRow() {
        FilterBreaker breaker = breaker(THREE);
        fail(breaker, 2);
        breaker.succeeded(false);
        fail(breaker, 2);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void oneQueryTriesAfterTheBackOff() {
        FilterBreaker breaker = breaker(THREE);
        fail(breaker, 3);
        pass(Duration.ofSeconds(1));

        assertThat(breaker.enter()).isEqualTo(Permit.TRY);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.enter()).isEqualTo(Permit.REFUSED);
        breaker.succeeded(true);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(breaker.enter()).isEqualTo(Permit.CALL);
    }

    @Test
    void backOffGrowsWithEveryTrialThatFailsAndStartsAnewAfterOneThatDoesNot() {
        FilterBreaker breaker = breaker(THREE.withBackOff(Duration.ofSeconds(1), Duration.ofSeconds(5)));
        fail(breaker, 3);
        for (int seconds : new int[] {1, 2, 4, 5, 5}) {
            assertThat(breaker.nextTry()).isEqualTo(Duration.ofSeconds(seconds));
            pass(breaker.nextTry());
            assertThat(breaker.enter()).isEqualTo(Permit.TRY);
            breaker.failed(true);
            assertThat(breaker.state()).isEqualTo(State.OPEN);
        }
        pass(Duration.ofSeconds(5));
        assertThat(breaker.enter()).isEqualTo(Permit.TRY);
        breaker.succeeded(true);
        fail(breaker, 3);

        assertThat(breaker.nextTry()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void breakerOpensAtAFailureRate() {
        FilterBreaker breaker =
                breaker(BreakerConfig.defaults().withFailuresInARow(0).withWindow(Duration.ofSeconds(10), 20));
        for (int i = 0; i < 9; i++) {
            breaker.succeeded(false);
            fail(breaker, 1);
        }
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        breaker.succeeded(false);
        fail(breaker, 1);

        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.reason()).isEqualTo("10 failures in 20 calls");
    }

    @Test
    void failuresOfAnotherWindowDoNotCount() {
        FilterBreaker breaker =
                breaker(BreakerConfig.defaults().withFailuresInARow(0).withWindow(Duration.ofSeconds(10), 4));
        breaker.succeeded(false);
        fail(breaker, 1);
        pass(Duration.ofSeconds(11));
        breaker.succeeded(false);
        fail(breaker, 1);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void trialWithoutAnAnswerLetsAnotherTryAtOnce() {
        FilterBreaker breaker = breaker(THREE);
        fail(breaker, 3);
        pass(Duration.ofSeconds(1));
        assertThat(breaker.enter()).isEqualTo(Permit.TRY);
        breaker.abandoned(true);

        assertThat(breaker.enter()).isEqualTo(Permit.TRY);
    }

    @Test
    void breakerThatNeverOpensNeverOpens() {
        FilterBreaker breaker = breaker(BreakerConfig.never());
        fail(breaker, 1_000);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void valuesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> THREE.withFailuresInARow(-1))
                .hasMessage("failures in a row is -1; it must not be negative");
        assertThatThrownBy(() -> THREE.withFailureRate(0)).hasMessage("failure rate is 0.0; it must be above 0");
        assertThatThrownBy(() -> THREE.withWindow(Duration.ofSeconds(1), 0))
                .hasMessage("min calls is 0; it must be at least 1");
        assertThatThrownBy(() -> THREE.withWindow(Duration.ZERO, 1))
                .hasMessage("window is PT0S and first back-off PT1S; both must be above zero");
        assertThatThrownBy(() -> THREE.withBackOff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessage("max back-off is PT1S; it must not be below the first, PT2S");
    }
}
