package io.sluice.plugin;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The places of one version of a plugin, a fixed array.
 *
 * <p>A thread looks at its own place first, then at the next ones, and takes the first free one by a compare-and-set. There is no queue
 * on that path. Only when every place is on lease does a thread wait, for a bounded time, and then in the order of asking: a lease that
 * ends while somebody waits goes to whoever has waited longest, without becoming free in between.
 *
 * <p><b>Threads.</b> Shared, without locks.
 */
final class LeasePool {
    /**
     * A waiting thread looks for itself again after this time. A lease that ends in the moment in which a thread begins to wait may
     * miss it and become free; this makes that harmless.
     */
    private static final long LOOK_AGAIN_NANOS = 1_000_000;

    private final Lease[] places;
    private final int mask;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    private volatile boolean closed;

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

    /**
     * Waits in line for a place; returns null if the time is over, the thread was interrupted, or {@link #sendAway()} ended the
     * waiting.
     */
    @Nullable
    Lease awaitFree(long nanos) {
        long start = System.nanoTime();
        Waiter self = new Waiter(Thread.currentThread());
        waiting.incrementAndGet();
        waiters.add(self);
        try {
            while (true) {
                Lease lease = tryAcquire();
                if (lease != null) {
                    Lease handed = self.leave();
                    if (handed != null) {
                        // One too many: it goes to the next in line.
                        handed.version.release(handed);
                    }
                    return lease;
                }
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0 || closed || self.isDone() || self.thread.isInterrupted()) {
                    return self.leave();
                }
                LockSupport.parkNanos(this, Math.min(left, LOOK_AGAIN_NANOS));
            }
        } finally {
            waiters.remove(self);
            waiting.decrementAndGet();
        }
    }

    /** Gives a place that is on lease to whoever has waited longest; false if nobody waits. */
    boolean handOver(Lease lease) {
        if (waiting.get() == 0) {
            return false;
        }
        Waiter next;
        while ((next = waiters.poll()) != null) {
            if (next.accept(lease)) {
                return true;
            }
        }
        return false;
    }

    /** Ends all waiting: this version of the plugin takes no new streams. */
    void sendAway() {
        closed = true;
        Waiter next;
        while ((next = waiters.poll()) != null) {
            next.end();
        }
    }

    int size() {
        return places.length;
    }

    Lease place(int index) {
        return places[index];
    }

    /** A thread that waits: empty, until a lease is given to it or the waiting has ended. */
    private static final class Waiter extends AtomicReference<@Nullable Object> {
        private static final long serialVersionUID = 1;
        private static final Object ENDED = new Object();

        private final transient Thread thread;

        Waiter(Thread thread) {
            this.thread = thread;
        }

        boolean accept(Lease lease) {
            boolean accepted = compareAndSet(null, lease);
            if (accepted) {
                LockSupport.unpark(thread);
            }
            return accepted;
        }

        void end() {
            if (compareAndSet(null, ENDED)) {
                LockSupport.unpark(thread);
            }
        }

        boolean isDone() {
            return get() != null;
        }

        /** Takes no lease from now on; returns the one that was given before, if any. */
        @Nullable
        Lease leave() {
            return getAndSet(ENDED) instanceof Lease lease ? lease : null;
        }
    }
}
