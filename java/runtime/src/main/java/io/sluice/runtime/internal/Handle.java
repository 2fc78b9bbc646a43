package io.sluice.runtime.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The name of a native object, closed once: by its owner or, as a safety net, when the owner was forgotten.
 *
 * <p>Whoever passes {@link #get()} to a native method keeps the owner reachable until that has returned.
 */
public final class Handle {
    /** What a handle can name, and how that is closed. */
    public enum Kind {
        ENGINE("engine"),
        MODULE("module"),
        LINKER("linker"),
        INSTANCE_PRE("instance-pre"),
        MEMORY_BUDGET("memory budget"),
        STORE("store"),
        WESCALE("wescale instance"),
        SHARED_SCOPE("shared scope");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }

        private void close(long raw) {
            switch (this) {
                case ENGINE -> EngineNative.close(raw);
                case MODULE -> ModuleNative.close(raw);
                case LINKER -> LinkerNative.close(raw);
                case INSTANCE_PRE -> InstancePreNative.close(raw);
                case MEMORY_BUDGET -> MemoryBudgetNative.close(raw);
                case STORE -> StoreNative.close(raw);
                case WESCALE -> WescaleNative.close(raw);
                case SHARED_SCOPE -> SharedNative.close(raw);
            }
        }
    }

    private static final Cleaner CLEANER = Cleaner.create(work -> {
        Thread thread = new Thread(work, "sluice-cleaner");
        thread.setDaemon(true);
        return thread;
    });

    private static final VarHandle RAW;

    static {
        try {
            RAW = MethodHandles.lookup().findVarHandle(State.class, "raw", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final State state;
    private final Cleaner.Cleanable cleanable;

    private Handle(State state, Cleaner.Cleanable cleanable) {
        this.state = state;
        this.cleanable = cleanable;
    }

    /** The handle of a native object that was just made for {@code owner}. */
    public static Handle open(Object owner, Kind kind, long raw) {
        State state = new State(kind, raw);
        Leaks.opened(state);
        return new Handle(state, CLEANER.register(owner, state));
    }

    /**
     * The number to pass to native code.
     *
     * @throws IllegalStateException if it is closed
     */
    public long get() {
        long raw = state.raw;
        if (raw == 0) {
            throw closed(state.kind);
        }
        return raw;
    }

    private static IllegalStateException closed(Kind kind) {
        return new IllegalStateException(kind + " is closed");
    }

    public boolean isClosed() {
        return state.raw == 0;
    }

    /** Closes; twice is once. Native code defers it if a call is running. */
    public void close() {
        state.release();
        cleanable.clean();
    }

    /** What outlives the owner. It must not refer to it. */
    static final class State implements Runnable {
        final Kind kind;
        /** Where it was made, while leaks are tracked. */
        final @Nullable Throwable origin;

        private volatile long raw;

        State(Kind kind, long raw) {
            this.kind = kind;
            this.raw = raw;
            this.origin = Leaks.TRACKING ? new Throwable(kind + " was made here") : null;
        }

        boolean release() {
            long last = (long) RAW.getAndSet(this, 0L);
            if (last == 0) {
                return false;
            }
            Leaks.closed(this);
            kind.close(last);
            return true;
        }

        /** Called by the cleaner; only does something if the owner was forgotten. */
        @Override
        public void run() {
            if (release()) {
                Leaks.forgotten(this);
            }
        }
    }
}
