package io.sluice.runtime;

import io.sluice.runtime.internal.Leaks;
import io.sluice.runtime.internal.LibraryNative;
import io.sluice.runtime.internal.NativeLibrary;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails every test class that leaves a native object open, with the stack that made it. Registered for all of them. */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final ConcurrentLinkedQueue<Leaks.Leak> FORGOTTEN = new ConcurrentLinkedQueue<>();

    /** Called by the service loader. */
    public LeakCheck() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!Leaks.tracking()) {
            throw new AssertionError("tests run with -Dsluice.leaks=track");
        }
        FORGOTTEN.clear();
        Leaks.listen(FORGOTTEN::add);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Leaks.listen(null);
        List<Leaks.Leak> live = Leaks.live();
        Leaks.Leak leak = live.isEmpty() ? FORGOTTEN.poll() : live.get(0);
        String name = context.getDisplayName();
        if (leak != null) {
            throw new AssertionError(name + " did not close a " + leak.what(), leak.origin());
        }
        if (name.endsWith("IT")) {
            NativeLibrary.load();
            long handles = LibraryNative.liveHandles();
            if (handles != 0) {
                throw new AssertionError(name + " left " + handles + " native objects alive");
            }
        }
    }
}
