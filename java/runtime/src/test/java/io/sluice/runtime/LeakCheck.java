package io.sluice.runtime;

import io.sluice.runtime.internal.Leaks;
import io.sluice.runtime.internal.LibraryNative;
import io.sluice.runtime.internal.NativeLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails every test class that leaves a native object open, with the stack that made it. Registered for all of them. */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final ConcurrentLinkedQueue<Leaks.Leak> FORGOTTEN = new ConcurrentLinkedQueue<>();

    /** What earlier classes left, so that only the culprit fails. */
    private List<Leaks.Leak> liveBefore = List.of();

    private long handlesBefore;

    /** Called by the service loader. */
    public LeakCheck() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!Leaks.tracking()) {
            throw new AssertionError("tests run with -Dsluice.leaks=track");
        }
        NativeLibrary.load();
        handlesBefore = LibraryNative.liveHandles();
        liveBefore = Leaks.live();
        FORGOTTEN.clear();
        Leaks.listen(FORGOTTEN::add);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Leaks.listen(null);
        List<Leaks.Leak> live = new ArrayList<>(Leaks.live());
        live.removeAll(liveBefore);
        live.addAll(FORGOTTEN);
        String name = context.getDisplayName();
        if (!live.isEmpty()) {
            throw new AssertionError(
                    name + " did not close a " + live.get(0).what(), live.get(0).origin());
        }
        long handles = LibraryNative.liveHandles() - handlesBefore;
        if (handles > 0) {
            throw new AssertionError(name + " left " + handles + " native objects alive");
        }
    }
}
