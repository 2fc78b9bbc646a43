package io.sluice.runtime;

import io.sluice.runtime.internal.Handle;
import io.sluice.runtime.internal.ModuleNative;
import io.sluice.runtime.internal.NativeLibrary;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A module: compiled, validated code.
 *
 * <p><b>Threads.</b> Shared; immutable.
 *
 * <p><b>Ownership.</b> Closed by its maker; what was linked from it goes on.
 *
 * <p><b>Cost.</b> Compiling takes about a second for each megabyte and processor, on threads of its own; keep the module, or its
 * {@link #serialize()}d code.
 *
 * @see <a href="https://webassembly.github.io/spec/core/syntax/modules.html">Modules in the WebAssembly specification</a>
 */
public final class Module implements AutoCloseable {
    private final Handle handle;
    private final List<ImportType> imports;
    private final List<ExportType> exports;

    Module(long raw) {
        this.handle = Handle.open(this, Handle.Kind.MODULE, raw);
        String[] items = ModuleNative.describe(raw);
        List<ImportType> importTypes = new ArrayList<>();
        List<ExportType> exportTypes = new ArrayList<>();
        for (int i = 0; i + 3 < items.length; i += 4) {
            ExternType type = TypeText.extern(items[i + 3]);
            if (items[i].equals("import")) {
                importTypes.add(new ImportType(items[i + 1], items[i + 2], type));
            } else {
                exportTypes.add(new ExportType(items[i + 2], type));
            }
        }
        this.imports = List.copyOf(importTypes);
        this.exports = List.copyOf(exportTypes);
    }

    /**
     * Compiles a core module in its binary form.
     *
     * @throws CompilationException if the bytes are not valid or need a feature that is off
     * @throws LimitException if the module is larger or takes longer than the engine allows
     * @throws IllegalStateException if the engine is closed
     */
    public static Module compile(Engine engine, byte[] wasm) {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(wasm, "wasm");
        try {
            return new Module(ModuleNative.compile(engine.handle().get(), wasm));
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    /**
     * Makes the calling thread, for the rest of its life, one that the system prefers others to (Linux: by 10 steps of niceness). What
     * it asks to be compiled is compiled on one thread of that kind instead of one for each processor. For a thread of the caller's own
     * that compiles while others serve requests.
     *
     * @param deadline how long each of its modules may take, instead of {@link EngineConfig#compileDeadline()}
     */
    public static void compileInBackground(Duration deadline) {
        long nanos = Check.positive("deadline", deadline).toNanos();
        NativeLibrary.load();
        ModuleNative.compileInBackground(nanos);
    }

    /**
     * Checks that {@link #compile} would accept the bytes, without compiling.
     *
     * @throws CompilationException if the bytes are not valid or need a feature that is off
     * @throws LimitException if the module is larger than the engine allows
     * @throws IllegalStateException if the engine is closed
     */
    public static void validate(Engine engine, byte[] wasm) {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(wasm, "wasm");
        try {
            ModuleNative.validate(engine.handle().get(), wasm);
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    /**
     * Loads code that {@link #serialize()} gave. <b>It runs as native code: the caller vouches for the bytes.</b> Damage and
     * code of another version or configuration are refused; malice cannot be found. Never pass what a guest's author gave.
     *
     * @throws CompilationException if the bytes are damaged or were not made by an engine like this one
     * @throws IllegalStateException if the engine is closed
     */
    public static Module deserializeTrusted(Engine engine, byte[] code) {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(code, "code");
        try {
            return new Module(ModuleNative.deserialize(engine.handle().get(), code));
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    /**
     * Loads code from a file that {@link #store} wrote; empty if there is no such file. <b>It runs as native code: the caller vouches
     * for the file's owner.</b> The file must be a regular one of the user that this process runs as, writable by nobody else, in a
     * folder that nobody else can use, and still have the name it was written with. It is read whole, and what is loaded are the
     * bytes that were read and whose digest was checked: changing the file meanwhile, or later, changes nothing. The file's time is
     * set, which tells what has not been used for long.
     *
     * @throws CompilationException if the file is somebody else's, damaged, or was not made by an engine like this one
     * @throws IllegalArgumentException if the path names no file in a folder
     * @throws IllegalStateException if the engine is closed
     */
    public static Optional<Module> loadTrusted(Engine engine, Path file) {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(file, "file");
        try {
            long raw = ModuleNative.load(
                    engine.handle().get(), file.toAbsolutePath().toString());
            return raw == 0 ? Optional.empty() : Optional.of(new Module(raw));
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    /** What the module imports, in its own order. */
    public List<ImportType> imports() {
        handle.get();
        return imports;
    }

    /** What the module exports, in its own order. */
    public List<ExportType> exports() {
        handle.get();
        return exports;
    }

    /** The compiled code, for {@link #deserializeTrusted} of an engine with the same version and settings on a like machine. */
    public byte[] serialize() {
        try {
            return ModuleNative.serialize(handle.get());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Writes the compiled code to a file, for {@link #loadTrusted}: first to another name in the same folder, then renamed, so that
     * nobody sees half of it. The folder is made with mode 0700 if it is not there.
     *
     * @throws CompilationException if it cannot be written, or the folder is open to other users
     * @throws IllegalArgumentException if the path names no file in a folder
     */
    public void store(Path file) {
        Objects.requireNonNull(file, "file");
        try {
            ModuleNative.store(handle.get(), file.toAbsolutePath().toString());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Lets go of the module; closing twice does nothing. */
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
