package io.sluice.sql;

import java.time.Duration;
import java.util.Objects;

/**
 * When a filter's breaker opens and for how long; immutable.
 *
 * <p>Defaults: after 10 failures in a row, or when at least half of at least 100 calls within 10 seconds failed; for 1 second, twice as
 * long each time that the trial after it fails, up to 1 minute.
 *
 * @param failuresInARow failures after which it opens; 0 never
 * @param failureRate the share of calls that fail at which it opens, above 0 to 1; above 1 never
 * @param minCalls the calls within the window below which no rate is looked at
 * @param window the time over which the rate is taken
 * @param firstBackOff the time that it stays open at first
 * @param maxBackOff the longest time that it stays open
 */
public record BreakerConfig(
        int failuresInARow,
        double failureRate,
        int minCalls,
        Duration window,
        Duration firstBackOff,
        Duration maxBackOff) {
    private static final BreakerConfig DEFAULTS =
            new BreakerConfig(10, 0.5, 100, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofMinutes(1));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one makes no sense
     */
    public BreakerConfig {
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(firstBackOff, "firstBackOff");
        Objects.requireNonNull(maxBackOff, "maxBackOff");
        if (failuresInARow < 0) {
            throw new IllegalArgumentException("failures in a row is " + failuresInARow + "; it must not be negative");
        }
        if (!(failureRate > 0)) {
            throw new IllegalArgumentException("failure rate is " + failureRate + "; it must be above 0");
        }
        if (minCalls < 1) {
            throw new IllegalArgumentException("min calls is " + minCalls + "; it must be at least 1");
        }
        if (window.isNegative() || window.isZero() || firstBackOff.isNegative() || firstBackOff.isZero()) {
            throw new IllegalArgumentException(
                    "window is " + window + " and first back-off " + firstBackOff + "; both must be above zero");
        }
        if (maxBackOff.compareTo(firstBackOff) < 0) {
            throw new IllegalArgumentException(
                    "max back-off is " + maxBackOff + "; it must not be below the first, " + firstBackOff);
        }
    }

    /** The breaker of a filter about which nothing is said. */
    public static BreakerConfig defaults() {
        return DEFAULTS;
    }

    /** A breaker that never opens. */
    public static BreakerConfig never() {
        return DEFAULTS.withFailuresInARow(0).withFailureRate(2);
    }

    /** A copy that opens after another number of failures in a row. */
    public BreakerConfig withFailuresInARow(int value) {
        return new BreakerConfig(value, failureRate, minCalls, window, firstBackOff, maxBackOff);
    }

    /** A copy that opens at another rate. */
    public BreakerConfig withFailureRate(double value) {
        return new BreakerConfig(failuresInARow, value, minCalls, window, firstBackOff, maxBackOff);
    }

    /** A copy that takes its rate of other calls. */
    public BreakerConfig withWindow(Duration time, int calls) {
        return new BreakerConfig(failuresInARow, failureRate, calls, time, firstBackOff, maxBackOff);
    }

    /** A copy that stays open for another time. */
    public BreakerConfig withBackOff(Duration first, Duration max) {
        return new BreakerConfig(failuresInARow, failureRate, minCalls, window, first, max);
    }
}
