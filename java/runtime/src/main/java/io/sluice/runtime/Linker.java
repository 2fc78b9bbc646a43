package io.sluice.runtime;

import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.LinkerNative;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;

/**
 * A linker: the map from (module, name) to what the host offers there.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Closed by its maker; instance-pres made from it go on, and later definitions do not
 * change them. <b>Cost.</b> Only {@link #instantiatePre} looks names up; a call of the guest does not.
 */
public final class Linker implements AutoCloseable {
    private final Handle handle;

    private Linker(long raw) {
        this.handle = Handle.open(this, Handle.Kind.LINKER, raw);
    }

    /**
     * A linker without definitions.
     *
     * @throws IllegalStateException if the engine is closed
     */
    public static Linker create(Engine engine) {
        Objects.requireNonNull(engine, "engine");
        try {
            return new Linker(LinkerNative.create(engine.handle().get()));
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    /**
     * Offers a host function in Java, the general and slower kind; see {@link HostFunction} for its cost.
     *
     * @param type its parameters and results; {@code externref} is not supported
     * @return this
     * @throws LinkException if the name is taken
     * @throws IllegalArgumentException if the type is not supported
     */
    public Linker defineFunction(String module, String name, FuncType type, HostFunction function) {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(function, "function");
        try {
            LinkerNative.defineFunction(
                    handle.get(), module, name, codes(type.params()), codes(type.results()), function);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    private static byte[] codes(List<ValueType> types) {
        byte[] codes = new byte[types.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) types.get(i).code();
        }
        return codes;
    }

    /**
     * Offers WASI preview 1: arguments, environment, clocks, random numbers, printing, exit. Files and sockets exist and refuse.
     *
     * @return this
     * @throws LinkException if one of its names is taken
     */
    public Linker defineWasi() {
        try {
            LinkerNative.defineWasi(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Offers the host functions of WeScale's SQL plugins, all dialects, and of the import module {@code sluice}, for
     * {@link io.sluice.runtime.abi.WescaleInstance}. Functions that SDKs import with a result or without one suit both.
     *
     * @return this
     * @throws LinkException if one of its names is taken
     */
    public Linker defineWescale() {
        try {
            LinkerNative.defineWescale(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Offers all that an instance exports, so that the next module can share its funcs, memories, globals and tables.
     *
     * <p>What imports them lives in the instance's store only, and shares its limits and its end. Memories and tables are offered
     * with the sizes that they have now.
     *
     * @param module the name of the module that others import from
     * @return this
     * @throws LinkException if the name of an export is taken; none is defined then
     * @throws IllegalArgumentException if the instance is another engine's, or the linker offers instances of another store
     * @throws IllegalStateException if linker or store is closed, or the store is in use
     */
    public Linker defineInstance(String module, Instance instance) {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(instance, "instance");
        Store store = instance.store();
        try {
            LinkerNative.defineInstance(handle.get(), module, store.raw(), instance.index());
        } finally {
            Reference.reachabilityFence(store);
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Resolves a module's imports. If one of them is of an instance, the instance-pre is good in that instance's store only.
     *
     * @throws LinkException if one is missing or of another type; it names each of them with both types
     * @throws IllegalArgumentException if the module is another engine's
     * @throws IllegalStateException if linker or module is closed
     */
    public InstancePre instantiatePre(Module module) {
        Objects.requireNonNull(module, "module");
        try {
            return new InstancePre(
                    LinkerNative.instantiatePre(handle.get(), module.handle().get()), module.exports());
        } finally {
            Reference.reachabilityFence(module);
            Reference.reachabilityFence(this);
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the linker; closing twice does nothing. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
