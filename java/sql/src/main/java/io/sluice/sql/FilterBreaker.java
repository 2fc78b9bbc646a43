package io.sluice.sql;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Keeps a plugin that fails from being called, query after query, for nothing: opens after too many failures, lets one query try after a
 * while, and closes when that one goes well.
 *
 * <p>What happens to a query while it is open is the plugin's fail policy's affair: refused, or let through as if the filter was not
 * there. A plugin that rejects a query has not failed; nor has one that has no instance free.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> While closed two volatile reads and one counter a query, no lock; a failure takes one.
 */
public final class FilterBreaker {
    /** What a breaker does with queries. */
    public enum State {
        /** The plugin is called. */
        CLOSED,
        /** The plugin is not called. */
        OPEN,
        /** One query tries whether the plugin works again. */
        HALF_OPEN
    }

    /** What a query may do. */
    enum Permit {
        CALL,
        TRY,
        REFUSED
    }

    private final BreakerConfig config;
    private final LongSupplier clock;
    private final LongAdder calls = new LongAdder();
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final ReentrantLock changing = new ReentrantLock();

    private volatile State state = State.CLOSED;
    private volatile long retryAt;
    private final AtomicLong opened = new AtomicLong();
    private volatile String reason = "";

    private long windowStart;
    private long windowCalls;
    private int windowFailures;
    private long backOffNanos;

    FilterBreaker(BreakerConfig config) {
        this(config, System::nanoTime);
    }

    FilterBreaker(BreakerConfig config, LongSupplier clock) {
        this.config = config;
        this.clock = clock;
        this.windowStart = clock.getAsLong();
        this.backOffNanos = config.firstBackOff().toNanos();
    }

    /** When it opens and for how long. */
    public BreakerConfig config() {
        return config;
    }

    /** What it does now. */
    public State state() {
        return state;
    }

    /** The failures since the last query that went well. */
    public int failuresInARow() {
        return failuresInARow.get();
    }

    /** How often it has opened. */
    public long timesOpened() {
        return opened.get();
    }

    /** The time until a query may try again; zero if it is closed, or one may now. */
    public Duration nextTry() {
        return state == State.CLOSED ? Duration.ZERO : Duration.ofNanos(Math.max(0, retryAt - clock.getAsLong()));
    }

    /** Why it opened last; empty if it never has. */
    public String reason() {
        return reason;
    }

    /** Whether a query may call the plugin. A TRY must be followed by {@link #succeeded}, {@link #failed} or {@link #abandoned}. */
    Permit enter() {
        return state == State.CLOSED ? Permit.CALL : tryEnter();
    }

    private Permit tryEnter() {
        changing.lock();
        try {
            if (state == State.CLOSED) {
                return Permit.CALL;
            }
            if (state == State.HALF_OPEN || clock.getAsLong() - retryAt < 0) {
                return Permit.REFUSED;
            }
            state = State.HALF_OPEN;
            return Permit.TRY;
        } finally {
            changing.unlock();
        }
    }

    /** A query's calls went well. */
    void succeeded(boolean trial) {
        calls.increment();
        if (failuresInARow.get() != 0) {
            failuresInARow.set(0);
        }
        if (trial) {
            changing.lock();
            try {
                state = State.CLOSED;
                backOffNanos = config.firstBackOff().toNanos();
                startWindow(clock.getAsLong());
            } finally {
                changing.unlock();
            }
        }
    }

    /** A call failed. */
    void failed(boolean trial) {
        calls.increment();
        int inARow = failuresInARow.incrementAndGet();
        changing.lock();
        try {
            long now = clock.getAsLong();
            if (trial) {
                backOffNanos = Math.min(config.maxBackOff().toNanos(), backOffNanos * 2);
                open(now, reason);
            } else if (state == State.CLOSED) {
                count(now, inARow);
            }
        } finally {
            changing.unlock();
        }
    }

    private void count(long now, int inARow) {
        if (now - windowStart > config.window().toNanos()) {
            startWindow(now);
        }
        windowFailures++;
        // The call that failed may have been counted before the window began.
        long callsInWindow = Math.max(windowFailures, calls.sum() - windowCalls);
        if (config.failuresInARow() > 0 && inARow >= config.failuresInARow()) {
            open(now, inARow + " failures in a row");
        } else if (callsInWindow >= config.minCalls() && windowFailures >= config.failureRate() * callsInWindow) {
            open(now, windowFailures + " failures in " + callsInWindow + " calls");
        }
    }

    private void open(long now, String why) {
        retryAt = now + backOffNanos;
        reason = why;
        opened.incrementAndGet();
        state = State.OPEN;
    }

    private void startWindow(long now) {
        windowStart = now;
        windowCalls = calls.sum();
        windowFailures = 0;
    }

    /** A trial ended without an answer: another query may try at once. */
    void abandoned(boolean trial) {
        if (trial) {
            changing.lock();
            try {
                retryAt = clock.getAsLong();
                state = State.OPEN;
            } finally {
                changing.unlock();
            }
        }
    }

    /** What a query is told while the breaker is open. */
    String message(String filter, String plugin) {
        return "filter '" + filter + "', plugin '" + plugin + "': not called after " + reason + "; tried again in "
                + nextTry().toMillis() + " ms";
    }

    @Override
    public String toString() {
        return "FilterBreaker[" + state + ", " + failuresInARow() + " failures in a row, next try in "
                + nextTry().toMillis() + " ms]";
    }
}
