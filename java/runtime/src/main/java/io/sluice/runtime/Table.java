package io.sluice.runtime;

import io.sluice.runtime.internal.TableNative;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * A table of a store; its elements are funcs or null. The elements of a table of {@code externref} cannot be used.
 *
 * <p><b>Threads.</b> Confined with its store. <b>Ownership.</b> Borrowed from its store, dead with it. <b>Cost.</b> One crossing each;
 * {@link #get} two and a new {@code Func}.
 */
public final class Table {
    private static final int NULL = -1;

    private final Store store;
    private final int index;
    private final TableType type;

    Table(Store store, int index) {
        this.store = store;
        this.index = index;
        try {
            this.type = TypeText.table(TableNative.type(store.raw(), index));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Its element type and bounds. */
    public TableType type() {
        return type;
    }

    /**
     * The elements that it has.
     *
     * @throws IllegalStateException if the store is closed or in use
     */
    public long size() {
        try {
            return TableNative.size(store.raw(), index);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * The func at an index, or null.
     *
     * @throws IndexOutOfBoundsException if the table has not so many elements
     * @throws IllegalStateException if the store is closed or in use
     */
    public @Nullable Func get(long element) {
        requireFuncs();
        int found;
        try {
            found = TableNative.get(store.raw(), index, element);
        } finally {
            Reference.reachabilityFence(store);
        }
        return found == NULL ? null : new Func(store, found);
    }

    /**
     * Sets an element.
     *
     * @throws IndexOutOfBoundsException if the table has not so many elements
     * @throws IllegalArgumentException if the func is another store's
     * @throws IllegalStateException if the store is closed or in use
     */
    public void set(long element, @Nullable Func func) {
        requireFuncs();
        try {
            TableNative.set(store.raw(), index, element, indexOf(func));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * Makes it larger, filled with a func or null, if its own maximum and every limit allow.
     *
     * @return the elements that it had before, or -1 if it may not grow so far
     * @throws IllegalArgumentException if {@code delta} is negative, or the func is another store's
     * @throws IllegalStateException if the store is closed or in use
     */
    public long grow(long delta, @Nullable Func func) {
        requireFuncs();
        Check.range("delta", delta, 0, Long.MAX_VALUE);
        try {
            return TableNative.grow(store.raw(), index, delta, indexOf(func));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    private int indexOf(@Nullable Func func) {
        return func == null ? NULL : func.indexIn(store);
    }

    private void requireFuncs() {
        if (type.element() != ValueType.FUNCREF) {
            throw new UnsupportedOperationException(
                    "elements of type " + type.element() + " are not supported, only those of funcref");
        }
    }
}
