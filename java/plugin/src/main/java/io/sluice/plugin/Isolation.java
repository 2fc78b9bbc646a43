package io.sluice.plugin;

import java.time.Duration;
import java.util.Objects;

/**
 * How long an instance of a plugin lives; immutable.
 *
 * <p>{@link #perRequest()}, the default: every request sees a fresh instance, shared by its before and its after, dropped when the
 * request ends. Nothing that one request leaves in the guest's memory can be seen by the next.
 *
 * <p>{@link #pooled()}: an instance serves many requests and is retired after a number of calls, at an age, above a memory high-water
 * mark, or by a trap. Faster for guests with a big heap; what the guest keeps in its memory passes from request to request.
 */
public final class Isolation {
    private static final Isolation PER_REQUEST = new Isolation(false, 1, Duration.ZERO, Long.MAX_VALUE);
    private static final Isolation POOLED = new Isolation(true, 1_000_000L, Duration.ofMinutes(10), Long.MAX_VALUE);

    private final boolean pooled;
    private final long maxCalls;
    private final Duration maxAge;
    private final long memoryHighWaterBytes;

    private Isolation(boolean pooled, long maxCalls, Duration maxAge, long memoryHighWaterBytes) {
        this.pooled = pooled;
        this.maxCalls = maxCalls;
        this.maxAge = maxAge;
        this.memoryHighWaterBytes = memoryHighWaterBytes;
    }

    /** A fresh instance for every request. */
    public static Isolation perRequest() {
        return PER_REQUEST;
    }

    /** Instances that serve up to one million requests and ten minutes each, with no memory mark below the plugin's memory limit. */
    public static Isolation pooled() {
        return POOLED;
    }

    /**
     * Instances that are retired by the first of three marks.
     *
     * @param maxCalls requests that one instance serves; at least 1
     * @param maxAge time after its start at which an instance is retired, looked at a few times within that span; above zero
     * @param memoryHighWaterBytes an instance whose memory is larger than this after a call is retired
     */
    public static Isolation pooled(long maxCalls, Duration maxAge, long memoryHighWaterBytes) {
        return new Isolation(true, maxCalls, Objects.requireNonNull(maxAge, "maxAge"), memoryHighWaterBytes);
    }

    /** Whether instances serve more than one request. */
    public boolean isPooled() {
        return pooled;
    }

    /** The requests that one instance serves. */
    public long maxCalls() {
        return maxCalls;
    }

    /** The age at which an instance is retired; zero for per-request isolation, where age has no meaning. */
    public Duration maxAge() {
        return maxAge;
    }

    /** The size of memory above which an instance is retired after a call. */
    public long memoryHighWaterBytes() {
        return memoryHighWaterBytes;
    }

    /** Returns what is wrong with this isolation, or an empty string. */
    String fault() {
        if (maxCalls < 1) {
            return "isolation retires an instance after " + maxCalls + " calls; it must be at least 1";
        }
        if (pooled && (maxAge.isNegative() || maxAge.isZero())) {
            return "isolation retires an instance at the age of " + maxAge + "; it must be above zero";
        }
        if (memoryHighWaterBytes < 0) {
            return "isolation's memory high-water mark is " + memoryHighWaterBytes + " bytes; it must not be negative";
        }
        return "";
    }

    @Override
    public String toString() {
        return pooled
                ? "pooled[maxCalls=" + maxCalls + ", maxAge=" + maxAge + ", memoryHighWaterBytes="
                        + memoryHighWaterBytes + "]"
                : "per request";
    }
}
