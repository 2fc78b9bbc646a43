package io.sluice.runtime.internal;

import io.sluice.runtime.Caller;
import io.sluice.runtime.Engine;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.WasmException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What other packages of this module may do to the public types' insides. {@code io.sluice.runtime} has the one
 * implementation; through it no handle and no constructor becomes public.
 */
public abstract class Access {
    private static volatile @Nullable Access instance;

    /** The one implementation. */
    public static Access get() {
        Access access = instance;
        if (access == null) {
            try {
                // Its static initializer calls `set`.
                Class.forName(Engine.class.getName(), true, Engine.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
            access = Objects.requireNonNull(instance, "instance");
        }
        return access;
    }

    /** Called once, by the implementation's package. */
    public static void set(Access access) {
        instance = access;
    }

    public abstract Handle handle(Engine engine);

    public abstract Handle handle(InstancePre pre);

    /** The module of a handle that was just made. */
    public abstract Module newModule(long raw);

    public abstract @Nullable Handle handle(@Nullable MemoryBudget budget);

    /** A store's limits in the order of the boundary. */
    public abstract long[] limits(StoreConfig config);

    public abstract String[] arguments(StoreConfig config);

    /** {@code NAME=value}. */
    public abstract String[] environment(StoreConfig config);

    public abstract Caller newCaller(long token);

    /** The host function call that it was made for is over. */
    public abstract void endCaller(Caller caller);

    public abstract WasmException compilationException(String message);

    public abstract WasmException linkException(String message);

    /** Frames are {@code function TAB offset}. */
    public abstract WasmException trapException(String message, int kind, String[] frames);

    public abstract WasmException limitException(String message, String limit, long requested, long allowed);

    public abstract WasmException exitException(String message, int exitCode);
}
