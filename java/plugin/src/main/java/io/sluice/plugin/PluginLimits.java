package io.sluice.plugin;

import java.time.Duration;
import java.util.Objects;

/**
 * The walls around every instance of one plugin; immutable.
 *
 * <p>A value that makes no sense is reported by the {@code load} that uses it, not here.
 *
 * <p>Defaults: 50 million fuel and 100 ms a call, 500 million fuel and 1 s for the start, 64 MiB of memory, 64 KiB of log a call, 16 MiB
 * of result.
 */
public final class PluginLimits {
    private static final PluginLimits DEFAULTS = new PluginLimits(
            50_000_000L, Duration.ofMillis(100), 500_000_000L, Duration.ofSeconds(1), 64L << 20, 64 << 10, 16 << 20);

    private final long fuelPerCall;
    private final Duration deadline;
    private final long startFuel;
    private final Duration startDeadline;
    private final long maxMemoryBytes;
    private final int maxLogBytes;
    private final int maxResultBytes;

    private PluginLimits(
            long fuelPerCall,
            Duration deadline,
            long startFuel,
            Duration startDeadline,
            long maxMemoryBytes,
            int maxLogBytes,
            int maxResultBytes) {
        this.fuelPerCall = fuelPerCall;
        this.deadline = deadline;
        this.startFuel = startFuel;
        this.startDeadline = startDeadline;
        this.maxMemoryBytes = maxMemoryBytes;
        this.maxLogBytes = maxLogBytes;
        this.maxResultBytes = maxResultBytes;
    }

    /** The limits of a plugin about which nothing is known. */
    public static PluginLimits defaults() {
        return DEFAULTS;
    }

    /** The fuel that one call of the guest may use. */
    public long fuelPerCall() {
        return fuelPerCall;
    }

    /** A copy with another fuel per call; at least 1. */
    public PluginLimits withFuelPerCall(long fuel) {
        return new PluginLimits(fuel, deadline, startFuel, startDeadline, maxMemoryBytes, maxLogBytes, maxResultBytes);
    }

    /** The time after which one call of the guest is ended, host functions included. */
    public Duration deadline() {
        return deadline;
    }

    /** A copy with another deadline; above zero. */
    public PluginLimits withDeadline(Duration value) {
        return new PluginLimits(
                fuelPerCall,
                Objects.requireNonNull(value, "value"),
                startFuel,
                startDeadline,
                maxMemoryBytes,
                maxLogBytes,
                maxResultBytes);
    }

    /** The fuel that the start function of a new instance may use. */
    public long startFuel() {
        return startFuel;
    }

    /** A copy with another fuel for the start; at least 1. */
    public PluginLimits withStartFuel(long fuel) {
        return new PluginLimits(
                fuelPerCall, deadline, fuel, startDeadline, maxMemoryBytes, maxLogBytes, maxResultBytes);
    }

    /** The time after which the start of a new instance is ended. */
    public Duration startDeadline() {
        return startDeadline;
    }

    /** A copy with another deadline for the start; above zero. */
    public PluginLimits withStartDeadline(Duration value) {
        return new PluginLimits(
                fuelPerCall,
                deadline,
                startFuel,
                Objects.requireNonNull(value, "value"),
                maxMemoryBytes,
                maxLogBytes,
                maxResultBytes);
    }

    /** The bytes to which the memory of one instance may grow. */
    public long maxMemoryBytes() {
        return maxMemoryBytes;
    }

    /** A copy with another memory limit; at least one page of 65,536 bytes and at most what the host's engine allows. */
    public PluginLimits withMaxMemoryBytes(long bytes) {
        return new PluginLimits(fuelPerCall, deadline, startFuel, startDeadline, bytes, maxLogBytes, maxResultBytes);
    }

    /** The bytes of log that one call may write; the rest is dropped and counted. */
    public int maxLogBytes() {
        return maxLogBytes;
    }

    /** A copy with another log limit; 0 drops every record. */
    public PluginLimits withMaxLogBytes(int bytes) {
        return new PluginLimits(fuelPerCall, deadline, startFuel, startDeadline, maxMemoryBytes, bytes, maxResultBytes);
    }

    /** The bytes that a result may have on its way into the guest, and that a guest's request, error and result may have on their way out. */
    public int maxResultBytes() {
        return maxResultBytes;
    }

    /** A copy with another result limit; at least 1. */
    public PluginLimits withMaxResultBytes(int bytes) {
        return new PluginLimits(fuelPerCall, deadline, startFuel, startDeadline, maxMemoryBytes, maxLogBytes, bytes);
    }

    /** Returns what is wrong with these limits, or an empty string. */
    String fault() {
        if (fuelPerCall < 1) {
            return "fuel per call is " + fuelPerCall + "; it must be at least 1";
        }
        if (startFuel < 1) {
            return "start fuel is " + startFuel + "; it must be at least 1";
        }
        if (deadline.isNegative() || deadline.isZero()) {
            return "deadline is " + deadline + "; it must be above zero";
        }
        if (startDeadline.isNegative() || startDeadline.isZero()) {
            return "start deadline is " + startDeadline + "; it must be above zero";
        }
        if (maxMemoryBytes < 65_536) {
            return "memory limit is " + maxMemoryBytes + " bytes; it must be at least one page of 65536 bytes";
        }
        if (maxLogBytes < 0) {
            return "log limit is " + maxLogBytes + " bytes; it must not be negative";
        }
        if (maxResultBytes < 1) {
            return "result limit is " + maxResultBytes + " bytes; it must be at least 1";
        }
        return "";
    }

    @Override
    public String toString() {
        return "PluginLimits[fuelPerCall=" + fuelPerCall + ", deadline=" + deadline + ", startFuel=" + startFuel
                + ", startDeadline=" + startDeadline + ", maxMemoryBytes=" + maxMemoryBytes + ", maxLogBytes="
                + maxLogBytes + ", maxResultBytes=" + maxResultBytes + "]";
    }
}
