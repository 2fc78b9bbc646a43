package io.sluice.runtime.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The registry of handles that are not closed. It is kept only with the system property {@code sluice.leaks=track}: then each
 * handle remembers where it was made, and what the cleaner has to free is reported.
 */
public final class Leaks {
    /** An object that was not closed. */
    public record Leak(String what, Throwable origin) {}

    static final boolean TRACKING = "track".equals(System.getProperty("sluice.leaks"));

    private static final Set<Handle.State> LIVE = ConcurrentHashMap.newKeySet();

    private static volatile @Nullable Consumer<Leak> listener;

    private Leaks() {}

    /** Whether handles are tracked in this JVM. */
    public static boolean tracking() {
        return TRACKING;
    }

    /** The objects that are open now; empty when they are not tracked. */
    public static List<Leak> live() {
        List<Leak> live = new ArrayList<>();
        for (Handle.State state : LIVE) {
            live.add(leak(state));
        }
        return live;
    }

    /** Is told, on the cleaner's thread, of each object that was forgotten; null for nobody. */
    public static void listen(@Nullable Consumer<Leak> newListener) {
        listener = newListener;
    }

    static void opened(Handle.State state) {
        if (TRACKING) {
            LIVE.add(state);
        }
    }

    static void closed(Handle.State state) {
        if (TRACKING) {
            LIVE.remove(state);
        }
    }

    static void forgotten(Handle.State state) {
        if (!TRACKING) {
            return;
        }
        Leak leak = leak(state);
        System.getLogger("io.sluice.runtime")
                .log(System.Logger.Level.WARNING, leak.what() + " was not closed; it was made here:", leak.origin());
        Consumer<Leak> told = listener;
        if (told != null) {
            told.accept(leak);
        }
    }

    private static Leak leak(Handle.State state) {
        Throwable origin = state.origin;
        return new Leak(state.kind.toString(), origin == null ? new Throwable("not tracked") : origin);
    }
}
