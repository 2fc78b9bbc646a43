package io.sluice.runtime;

import io.sluice.runtime.internal.GlobalNative;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * A global of a store.
 *
 * <p><b>Threads.</b> Confined with its store. <b>Ownership.</b> Borrowed from its store, dead with it. <b>Cost.</b> One crossing each;
 * values are allocated.
 */
public final class Global {
    private final Store store;
    private final int index;
    private final GlobalType type;

    Global(Store store, int index) {
        this.store = store;
        this.index = index;
        try {
            this.type = TypeText.global(GlobalNative.type(store.raw(), index));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Its value's type, and whether it can be set. */
    public GlobalType type() {
        return type;
    }

    /**
     * Its value.
     *
     * @throws IllegalStateException if the store is closed or in use
     */
    public Value get() {
        long[] slots = new long[2];
        try {
            GlobalNative.get(store.raw(), index, slots);
        } finally {
            Reference.reachabilityFence(store);
        }
        return Value.of(store, type.value(), slots[0], slots[1]);
    }

    /**
     * Sets its value.
     *
     * @throws IllegalArgumentException if the value is of another type, or refers to another store's func
     * @throws IllegalStateException if the global is immutable, or the store is closed or in use
     */
    public void set(Value value) {
        Objects.requireNonNull(value, "value");
        if (value.type() != type.value()) {
            throw new IllegalArgumentException("the global is of type " + type.value() + ", got a " + value.type());
        }
        try {
            GlobalNative.set(store.raw(), index, value.low(store), value.high());
        } finally {
            Reference.reachabilityFence(store);
        }
    }
}
