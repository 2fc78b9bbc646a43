package io.sluice.runtime.abi;

import io.sluice.runtime.StoreConfig;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Limits and surroundings of a {@link WescaleInstance}. Immutable: each {@code with…} returns a copy and refuses what makes no sense. */
public final class WescaleConfig {
    private static final int MAX_OUTPUT_BYTES = 1 << 29;

    private static final WescaleConfig DEFAULTS = new WescaleConfig(
            StoreConfig.defaults(), 500_000_000, Duration.ofSeconds(1), 16 << 20, "", 0, false, null, null);

    private final StoreConfig storeConfig;
    private final long startFuel;
    private final Duration startDeadline;
    private final int maxOutputBytes;
    private final String configuration;
    private final int grants;
    private final boolean snapshotDespiteRandomness;
    private final @Nullable SharedScope moduleScope;
    private final @Nullable SharedScope globalScope;

    private WescaleConfig(
            StoreConfig storeConfig,
            long startFuel,
            Duration startDeadline,
            int maxOutputBytes,
            String configuration,
            int grants,
            boolean snapshotDespiteRandomness,
            @Nullable SharedScope moduleScope,
            @Nullable SharedScope globalScope) {
        this.storeConfig = storeConfig;
        this.startFuel = startFuel;
        this.startDeadline = startDeadline;
        this.maxOutputBytes = maxOutputBytes;
        this.configuration = configuration;
        this.grants = grants;
        this.snapshotDespiteRandomness = snapshotDespiteRandomness;
        this.moduleScope = moduleScope;
        this.globalScope = globalScope;
    }

    private WescaleConfig with(StoreConfig store, long fuel, Duration deadline, int outputBytes) {
        return new WescaleConfig(
                store,
                fuel,
                deadline,
                outputBytes,
                configuration,
                grants,
                snapshotDespiteRandomness,
                moduleScope,
                globalScope);
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
        return with(Objects.requireNonNull(config, "config"), startFuel, startDeadline, maxOutputBytes);
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
        return with(storeConfig, fuel, startDeadline, maxOutputBytes);
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
        return with(storeConfig, startFuel, deadline, maxOutputBytes);
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
        return with(storeConfig, startFuel, startDeadline, bytes);
    }

    /** What the guest reads as its configuration, a JSON object; empty by default, which is none. */
    public String configuration() {
        return configuration;
    }

    /** A copy with another {@link #configuration()}. */
    public WescaleConfig withConfiguration(String json) {
        return new WescaleConfig(
                storeConfig,
                startFuel,
                startDeadline,
                maxOutputBytes,
                Objects.requireNonNull(json, "json"),
                grants,
                snapshotDespiteRandomness,
                moduleScope,
                globalScope);
    }

    /** The properties of a query that the guest may read: bit {@code i} for {@link WescaleInstance#PROPERTIES}' {@code i}; none by default. */
    public int grants() {
        return grants;
    }

    /** A copy with other {@link #grants()}. */
    public WescaleConfig withGrants(int bits) {
        if (bits >>> WescaleInstance.PROPERTIES.size() != 0) {
            throw new IllegalArgumentException("grants are " + Integer.toBinaryString(bits)
                    + " in bits, there are only " + WescaleInstance.PROPERTIES.size() + " properties");
        }
        return new WescaleConfig(
                storeConfig,
                startFuel,
                startDeadline,
                maxOutputBytes,
                configuration,
                bits,
                snapshotDespiteRandomness,
                moduleScope,
                globalScope);
    }

    /** Whether a {@link WescaleSnapshot} may be taken of a plugin whose start asks for randomness; false by default. */
    public boolean snapshotDespiteRandomness() {
        return snapshotDespiteRandomness;
    }

    /** A copy with another {@link #snapshotDespiteRandomness()}: with true all instances may begin with the same random numbers. */
    public WescaleConfig withSnapshotDespiteRandomness(boolean allowed) {
        return new WescaleConfig(
                storeConfig,
                startFuel,
                startDeadline,
                maxOutputBytes,
                configuration,
                grants,
                allowed,
                moduleScope,
                globalScope);
    }

    /** What the instance shares with the plugin's other instances; null by default, which is nothing. */
    public @Nullable SharedScope moduleScope() {
        return moduleScope;
    }

    /** What the instance shares with all plugins; null by default, which is nothing. */
    public @Nullable SharedScope globalScope() {
        return globalScope;
    }

    /** A copy with other scopes, which its instances hold on to. */
    public WescaleConfig withScopes(SharedScope module, SharedScope global) {
        return new WescaleConfig(
                storeConfig,
                startFuel,
                startDeadline,
                maxOutputBytes,
                configuration,
                grants,
                snapshotDespiteRandomness,
                Objects.requireNonNull(module, "module"),
                Objects.requireNonNull(global, "global"));
    }

    @Override
    public String toString() {
        return "WescaleConfig[storeConfig=" + storeConfig + ", startFuel=" + startFuel + ", startDeadline="
                + startDeadline + ", maxOutputBytes=" + maxOutputBytes + "]";
    }
}
