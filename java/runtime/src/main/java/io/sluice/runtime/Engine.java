package io.sluice.runtime;

import io.sluice.runtime.internal.Access;
import io.sluice.runtime.internal.EngineNative;
import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.LibraryNative;
import io.sluice.runtime.internal.NativeLibrary;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * An engine: the compiler with its settings, and the pool that its instances come from.
 *
 * <pre>{@code
 * try (Engine engine = Engine.create(EngineConfig.defaults());
 *         Module module = Module.compile(engine, bytes);
 *         Linker linker = Linker.create(engine).defineWasi();
 *         InstancePre pre = linker.instantiatePre(module);
 *         Store store = Store.create(engine, StoreConfig.defaults())) {
 *     long sum = store.instantiate(pre).func("add").callRaw(1, 2);
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Shared.
 *
 * <p><b>Ownership.</b> Closed by its maker; modules and stores that came from it go on. Engines of equal settings are one native
 * engine, which stays for the life of the process.
 *
 * <p><b>Cost.</b> The first of its settings reserves address space for its instances: milliseconds, and 4 GiB of addresses an
 * instance where traps are signals. Make one and keep it.
 *
 * @see <a href="https://docs.wasmtime.dev/api/wasmtime/struct.Engine.html">Wasmtime's Engine</a>
 */
public final class Engine implements AutoCloseable {
    static {
        Access.set(new RuntimeAccess());
    }

    private final EngineConfig config;
    private final Handle handle;
    private final boolean usesSignals;

    private Engine(EngineConfig config) {
        this.config = config;
        long raw = EngineNative.create(config.settings());
        this.handle = Handle.open(this, Handle.Kind.ENGINE, raw);
        this.usesSignals = EngineNative.usesSignals(raw);
    }

    /**
     * An engine with these settings.
     *
     * @throws UnsatisfiedLinkError if the native library cannot be found or loaded
     * @throws IllegalArgumentException if there is not address space enough for so many instances of so much memory
     */
    public static Engine create(EngineConfig config) {
        Objects.requireNonNull(config, "config");
        NativeLibrary.load();
        return new Engine(config);
    }

    /** The settings that it was made with. */
    public EngineConfig config() {
        return config;
    }

    /** Whether traps are found by signals: what {@link TrapMode#AUTO} came to. */
    public boolean usesSignals() {
        return usesSignals;
    }

    /**
     * What this engine's compiled code is told by: the same number for the same version of Sluice, processor and settings that change
     * code. Code of an engine with another number is refused by {@link Module#deserializeTrusted} and {@link Module#loadTrusted}.
     */
    public long fingerprint() {
        try {
            return EngineNative.fingerprint(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The native objects of this process that are not closed yet: what must not grow with the number of calls. */
    public static long liveHandles() {
        NativeLibrary.load();
        return LibraryNative.liveHandles();
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the engine; closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    Handle handle() {
        return handle;
    }
}
