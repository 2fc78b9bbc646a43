package io.sluice.sql;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets a limited number of queries run at the same time, and a limited number be there at all, those that wait included: {@code
 * CONCURRENCY_CONTROL}.
 *
 * <p>Who waits is let in by the order of coming, and waits at most as long as {@link #maxWait()}.
 *
 * <p><b>Threads.</b> Shared; a virtual thread that waits leaves its carrier alone. <b>Ownership.</b> The places belong to this object:
 * filters that share it share them. <b>Cost.</b> Two compare-and-sets where a place is free; nothing allocated.
 */
public final class ConcurrencyControl implements FilterAction {
    /** MySQL's ER_TOO_MANY_USER_CONNECTIONS, which is what a client gets. */
    static final int CODE = 1203;

    static final String SQL_STATE = "42000";

    private static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(30);

    private final int maxQueueSize;
    private final int maxConcurrency;
    private final Duration maxWait;
    private final AtomicInteger size = new AtomicInteger();
    private final Semaphore places;

    private ConcurrencyControl(int maxQueueSize, int maxConcurrency, Duration maxWait) {
        this.maxQueueSize = maxQueueSize;
        this.maxConcurrency = maxConcurrency;
        this.maxWait = maxWait;
        this.places = new Semaphore(maxConcurrency, true);
    }

    /**
     * A control with its own places, where queries wait at most 30 seconds.
     *
     * @param maxQueueSize queries that run or wait; 0 refuses every query
     * @param maxConcurrency queries that run
     * @throws IllegalArgumentException if {@code maxQueueSize} is negative, or is not 0 and {@code maxConcurrency} is not 1 to {@code
     *     maxQueueSize}
     */
    public static ConcurrencyControl of(int maxQueueSize, int maxConcurrency) {
        boolean valid = maxQueueSize == 0 || (maxConcurrency > 0 && maxConcurrency <= maxQueueSize);
        if (!valid) {
            throw new IllegalArgumentException("max_queue_size is " + maxQueueSize + " and max_concurrency is "
                    + maxConcurrency + "; max_concurrency must be 1 to max_queue_size, or max_queue_size 0");
        }
        return new ConcurrencyControl(maxQueueSize, Math.max(0, maxConcurrency), DEFAULT_MAX_WAIT);
    }

    /** A control of the same size, with places of its own, where queries wait for another time at most. */
    public ConcurrencyControl withMaxWait(Duration value) {
        return new ConcurrencyControl(maxQueueSize, maxConcurrency, Objects.requireNonNull(value, "value"));
    }

    /** The queries that may run or wait. */
    public int maxQueueSize() {
        return maxQueueSize;
    }

    /** The queries that may run. */
    public int maxConcurrency() {
        return maxConcurrency;
    }

    /** The time that a query waits for its place. */
    public Duration maxWait() {
        return maxWait;
    }

    /** The queries that run or wait now. */
    public int size() {
        return size.get();
    }

    @Override
    public String actionName() {
        return "CONCURRENCY_CONTROL";
    }

    /** Takes a place, waiting for it if need be; null, or why there is none. */
    @Nullable
    SqlError enter() {
        int now;
        do {
            now = size.get();
            if (now >= maxQueueSize) {
                return error("too many queued transactions (" + now + " >= " + maxQueueSize + ")");
            }
        } while (!size.compareAndSet(now, now + 1));
        boolean entered = false;
        try {
            entered = places.tryAcquire(maxWait.toNanos(), TimeUnit.NANOSECONDS);
            return entered ? null : error("no place became free within " + maxWait.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return error("the thread was interrupted while it waited for a place");
        } finally {
            if (!entered) {
                size.decrementAndGet();
            }
        }
    }

    /** Gives a place back. */
    void leave() {
        places.release();
        size.decrementAndGet();
    }

    private static SqlError error(String why) {
        return new SqlError(CODE, SQL_STATE, "concurrency control protection: " + why);
    }

    @Override
    public String toString() {
        return "ConcurrencyControl[" + maxConcurrency + " run, " + maxQueueSize + " run or wait]";
    }
}
