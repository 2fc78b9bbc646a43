package io.sluice.runtime.abi;

import io.sluice.runtime.StoreConfig;
import java.time.Duration;
import java.util.Objects;

/** Limits of a {@link WescaleInstance}. Immutable: each {@code with…} returns a copy and refuses what makes no sense. */
public final class WescaleConfig {
    private static final int MAX_OUTPUT_BYTES = 1 << 29;

    private static final WescaleConfig DEFAULTS =
            new WescaleConfig(StoreConfig.defaults(), 500_000_000, Duration.ofSeconds(1), 16 << 20);

    private final StoreConfig storeConfig;
    private final long startFuel;
    private final Duration startDeadline;
    private final int maxOutputBytes;

    private WescaleConfig(StoreConfig storeConfig, long startFuel, Duration startDeadline, int maxOutputBytes) {
        this.storeConfig = storeConfig;
        this.startFuel = startFuel;
        this.startDeadline = startDeadline;
        this.maxOutputBytes = maxOutputBytes;
    }

    /** The limits that suit most. */
    public static WescaleConfig defaults() {
        return DEFAULTS;
    }

    /** The limits of each call and of the instance; {@link StoreConfig#defaults()} by default. */
    public StoreConfig storeConfig() {
        return storeConfig;
    }

    /** A copy with another {@link #storeConfig()}. */
    public WescaleConfig withStoreConfig(StoreConfig config) {
        return new WescaleConfig(Objects.requireNonNull(config, "config"), startFuel, startDeadline, maxOutputBytes);
    }

    /** Units of work that making an instance and running its start may do; 500,000,000 by default. */
    public long startFuel() {
        return startFuel;
    }

    /** A copy with another {@link #startFuel()}: 0 to 2^63 - 1. */
    public WescaleConfig withStartFuel(long fuel) {
        if (fuel < 0) {
            throw new IllegalArgumentException("startFuel is " + fuel + ", it must be 0 to " + Long.MAX_VALUE);
        }
        return new WescaleConfig(storeConfig, fuel, startDeadline, maxOutputBytes);
    }

    /** How long making an instance and running its start may take; 1 s by default. */
    public Duration startDeadline() {
        return startDeadline;
    }

    /** A copy with another {@link #startDeadline()}: 1 ns to 292 years. */
    public WescaleConfig withStartDeadline(Duration deadline) {
        Objects.requireNonNull(deadline, "deadline");
        if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("startDeadline is " + deadline + ", it must be 1 ns to 292 years");
        }
        return new WescaleConfig(storeConfig, startFuel, deadline, maxOutputBytes);
    }

    /** Bytes that each of a guest's query, error and result may have; 16 MiB by default. */
    public int maxOutputBytes() {
        return maxOutputBytes;
    }

    /** A copy with another {@link #maxOutputBytes()}: 0 to 512 MiB. */
    public WescaleConfig withMaxOutputBytes(int bytes) {
        if (bytes < 0 || bytes > MAX_OUTPUT_BYTES) {
            throw new IllegalArgumentException("maxOutputBytes is " + bytes + ", it must be 0 to " + MAX_OUTPUT_BYTES);
        }
        return new WescaleConfig(storeConfig, startFuel, startDeadline, bytes);
    }

    @Override
    public String toString() {
        return "WescaleConfig[storeConfig=" + storeConfig + ", startFuel=" + startFuel + ", startDeadline="
                + startDeadline + ", maxOutputBytes=" + maxOutputBytes + "]";
    }
}
