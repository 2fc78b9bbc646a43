package io.sluice.plugin;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The places of one version of a plugin, a fixed array.
 *
 * <p>A thread looks at its own place first, then at the next ones, and takes the first free one by a compare-and-set. There is no queue
 * on that path. Only when every place is on lease does a thread wait, for a bounded time.
 *
 * <p><b>Threads.</b> Shared, without locks.
 */
final class LeasePool {
    /** A waiting thread looks again after this time even if nobody woke it, which makes a missed wake-up harmless. */
    private static final long LOOK_AGAIN_NANOS = 200_000;

    private final Lease[] places;
    private final int mask;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ConcurrentLinkedQueue<Thread> waiters = new ConcurrentLinkedQueue<>();

    LeasePool(int size, IntFunction<Lease> maker) {
        this.places = new Lease[size];
        for (int i = 0; i < size; i++) {
            places[i] = maker.apply(i);
        }
        this.mask = Math.max(1, Integer.highestOneBit(size) * (Integer.bitCount(size) == 1 ? 1 : 2)) - 1;
    }

    /** Takes a free place, or returns null if there is none now. */
    @Nullable
    Lease tryAcquire() {
        Lease[] all = places;
        int size = all.length;
        int start = (int) Thread.currentThread().getId() & mask;
        if (start >= size) {
            start -= size;
        }
        Lease own = all[start];
        if (own.tryTake()) {
            return own;
        }
        for (int i = 1; i < size; i++) {
            int at = start + i;
            Lease lease = all[at < size ? at : at - size];
            if (lease.tryTake()) {
                return lease;
            }
        }
        return null;
    }

    /** Waits a moment for a place that becomes free; returns null if none did. */
    @Nullable
    Lease awaitFree(long nanos) {
        Thread self = Thread.currentThread();
        waiting.incrementAndGet();
        waiters.add(self);
        try {
            Lease lease = tryAcquire();
            if (lease == null) {
                LockSupport.parkNanos(this, Math.min(nanos, LOOK_AGAIN_NANOS));
                lease = tryAcquire();
            }
            return lease;
        } finally {
            waiters.remove(self);
            waiting.decrementAndGet();
        }
    }

    /** Wakes a waiting thread, if there is one. */
    void wakeOne() {
        if (waiting.get() > 0) {
            LockSupport.unpark(waiters.peek());
        }
    }

    int size() {
        return places.length;
    }

    Lease place(int index) {
        return places[index];
    }
}
