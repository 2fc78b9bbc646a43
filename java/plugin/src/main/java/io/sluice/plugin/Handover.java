package io.sluice.plugin;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls that may wait for a lock on platform threads, for virtual threads: a virtual thread that waits inside native code would
 * hold on to its carrier, and the one that has the lock might never get one to come back on.
 *
 * <p>There are as many threads as calls at the same time, at most one for each lease that is out; they go when they are not needed.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> A task, two switches of threads; nothing for platform threads and for plugins without locks.
 */
final class Handover {
    /** What the host functions and Java itself take of a thread's stack besides the guest. */
    private static final long STACK_RESERVE_BYTES = 1L << 20;

    /** {@code Thread.isVirtual}, where the JDK has it. */
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtualHandle();

    private final ThreadPoolExecutor threads;

    Handover(long maxWasmStackBytes) {
        long stackBytes = maxWasmStackBytes + STACK_RESERVE_BYTES;
        this.threads =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                    Thread thread = new Thread(null, work, "sluice-handover", stackBytes);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Whether the calling thread is one that must not wait in native code. */
    static boolean isNeeded() {
        MethodHandle isVirtual = IS_VIRTUAL;
        if (isVirtual == null) {
            return false;
        }
        try {
            return (boolean) isVirtual.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            throw new IllegalStateException("Thread.isVirtual failed", e);
        }
    }

    /** Makes the call on another thread; its exception comes out as the same object. */
    int call(IntSupplier call) {
        FutureTask<Integer> task = new FutureTask<>(call::getAsInt);
        threads.execute(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    // The call goes on with the lease's memory: it cannot be left alone, and its deadline is near.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw rethrow(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException rethrow(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException e) {
            return e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return new IllegalStateException(cause);
    }

    /** Lets the threads end; calls that run are let finish. */
    void close() {
        threads.shutdown();
    }

    private static @Nullable MethodHandle isVirtualHandle() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }
}
