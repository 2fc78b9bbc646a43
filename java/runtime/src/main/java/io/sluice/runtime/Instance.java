package io.sluice.runtime;

import io.sluice.runtime.internal.InstanceNative;
import java.lang.ref.Reference;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;

/**
 * An instance: a module instantiated in a store.
 *
 * <p><b>Threads.</b> Confined with its store. <b>Ownership.</b> Borrowed from its store, dead with it. <b>Cost.</b> Looking an export
 * up makes two crossings and allocates; keep what you got.
 */
public final class Instance {
    static final int KIND_FUNC = 0;
    static final int KIND_MEMORY = 1;
    static final int KIND_GLOBAL = 2;
    static final int KIND_TABLE = 3;

    private static final String[] KINDS = {"func", "memory", "global", "table"};
    private static final String[] PLURALS = {"funcs", "memories", "globals", "tables"};

    private final Store store;
    private final int index;
    private final List<ExportType> exports;

    Instance(Store store, int index, List<ExportType> exports) {
        this.store = store;
        this.index = index;
        this.exports = exports;
    }

    /**
     * The exported func of that name.
     *
     * @throws NoSuchElementException if there is none; the message names those there are
     * @throws IllegalStateException if the store is closed or in use
     */
    public Func func(String name) {
        return new Func(store, require(name, KIND_FUNC));
    }

    /**
     * The exported func of that name, if there is one.
     *
     * @throws IllegalStateException if the store is closed or in use
     */
    public Optional<Func> findFunc(String name) {
        long found = export(name);
        return found >= 0 && kind(found) == KIND_FUNC ? Optional.of(new Func(store, (int) found)) : Optional.empty();
    }

    /**
     * The exported memory of that name; most guests call theirs {@code memory}.
     *
     * @throws NoSuchElementException if there is none; the message names those there are
     * @throws IllegalStateException if the store is closed or in use
     */
    public Memory memory(String name) {
        return new Memory(store, require(name, KIND_MEMORY));
    }

    /**
     * The exported global of that name.
     *
     * @throws NoSuchElementException if there is none; the message names those there are
     * @throws IllegalStateException if the store is closed or in use
     */
    public Global global(String name) {
        return new Global(store, require(name, KIND_GLOBAL));
    }

    /**
     * The exported table of that name.
     *
     * @throws NoSuchElementException if there is none; the message names those there are
     * @throws IllegalStateException if the store is closed or in use
     */
    public Table table(String name) {
        return new Table(store, require(name, KIND_TABLE));
    }

    Store store() {
        return store;
    }

    int index() {
        return index;
    }

    private long export(String name) {
        Objects.requireNonNull(name, "name");
        try {
            return InstanceNative.export(store.raw(), index, name);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    private int require(String name, int kind) {
        long found = export(name);
        if (found < 0 || kind(found) != kind) {
            throw new NoSuchElementException(missing(name, kind, found));
        }
        return (int) found;
    }

    private static int kind(long found) {
        return (int) (found >>> 32);
    }

    private String missing(String name, int kind, long found) {
        String what = found < 0 ? "nothing of that name" : "a " + KINDS[kind(found)] + " of that name";
        List<String> names = exports.stream()
                .filter(export -> kindOf(export.type()) == kind)
                .map(export -> '"' + export.name() + '"')
                .limit(50)
                .toList();
        String there = names.isEmpty() ? "none" : String.join(", ", names);
        return KINDS[kind] + " \"" + name + "\" was asked for, the instance exports " + what + "; its " + PLURALS[kind]
                + ": " + there;
    }

    private static int kindOf(ExternType type) {
        if (type instanceof FuncType) {
            return KIND_FUNC;
        }
        if (type instanceof MemoryType) {
            return KIND_MEMORY;
        }
        return type instanceof GlobalType ? KIND_GLOBAL : KIND_TABLE;
    }
}
