package io.sluice.runtime;

import io.sluice.runtime.internal.FuncNative;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A func: something that can be called in a store.
 *
 * <p>{@code callRaw} takes and gives raw bits: an {@code i32} in the low 32 bits, a float as {@link Float#floatToRawIntBits} or
 * {@link Double#doubleToRawLongBits}. {@link #call} is the general way, with values of every type.
 *
 * <p><b>Threads.</b> Confined with its store. <b>Ownership.</b> Borrowed from its store, dead with it.
 *
 * <p><b>Cost.</b> One crossing a call. {@code callRaw} with up to four numbers does not allocate in Java; {@code callRaw(long[])}
 * copies the slots in and out; {@code call} allocates arrays and values besides.
 */
public final class Func {
    private final Store store;
    private final int index;
    private final FuncType type;

    Func(Store store, int index) {
        this.store = store;
        this.index = index;
        try {
            this.type = TypeText.func(FuncNative.type(store.raw(), index));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Its parameters and results. */
    public FuncType type() {
        return type;
    }

    /**
     * Calls with checked values.
     *
     * @return the results, in order
     * @throws IllegalArgumentException if the values are not of the func's types, or a func among them is another store's
     * @throws TrapException if the guest traps, or uses up its fuel or time
     * @throws ExitException if the guest ends itself
     * @throws LimitException if the thread has not enough stack left
     * @throws IllegalStateException if the store is closed or in use
     */
    public Value[] call(Value... arguments) {
        Objects.requireNonNull(arguments, "arguments");
        List<ValueType> params = type.params();
        check(arguments, params);
        long[] slots = new long[type.slots()];
        for (int i = 0; i < arguments.length; i++) {
            slots[2 * i] = arguments[i].low(store);
            slots[2 * i + 1] = arguments[i].high();
        }
        callRaw(slots);
        List<ValueType> resultTypes = type.results();
        Value[] results = new Value[resultTypes.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = Value.of(store, resultTypes.get(i), slots[2 * i], slots[2 * i + 1]);
        }
        return results;
    }

    private void check(Value[] arguments, List<ValueType> params) {
        boolean fits = arguments.length == params.size();
        List<ValueType> given = new ArrayList<>(arguments.length);
        for (int i = 0; i < arguments.length; i++) {
            given.add(Objects.requireNonNull(arguments[i], "arguments").type());
            fits = fits && given.get(i) == params.get(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "the func takes " + FuncType.list(params) + ", got " + FuncType.list(given));
        }
    }

    /**
     * Calls a func without parameters. Does not allocate.
     *
     * @return the raw bits of its result, 0 if it has none; an {@code i32} is sign-extended
     * @throws IllegalArgumentException if it takes something else, or has results other than at most one number
     * @throws TrapException if the guest traps, or uses up its fuel or time
     * @throws ExitException if the guest ends itself
     * @throws LimitException if the thread has not enough stack left
     * @throws IllegalStateException if the store is closed or in use
     */
    public long callRaw() {
        try {
            return FuncNative.call0(store.raw(), index);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** As {@link #callRaw()}, with one number. */
    public long callRaw(long a) {
        try {
            return FuncNative.call1(store.raw(), index, a);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** As {@link #callRaw()}, with two numbers. */
    public long callRaw(long a, long b) {
        try {
            return FuncNative.call2(store.raw(), index, a, b);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** As {@link #callRaw()}, with three numbers. */
    public long callRaw(long a, long b, long c) {
        try {
            return FuncNative.call3(store.raw(), index, a, b, c);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** As {@link #callRaw()}, with four numbers. */
    public long callRaw(long a, long b, long c, long d) {
        try {
            return FuncNative.call4(store.raw(), index, a, b, c, d);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * As {@link #callRaw()}, with any number of values of any type.
     *
     * @param slots two {@code long}s a value, low and high half: parameters in, results out. There must be two for each
     *     parameter or result, whichever are more
     * @throws IllegalArgumentException if there are too few slots
     */
    public void callRaw(long[] slots) {
        Objects.requireNonNull(slots, "slots");
        if (slots.length < type.slots()) {
            throw new IllegalArgumentException("the func is " + type + " and needs " + type.slots()
                    + " slots, two for each parameter or result, got " + slots.length);
        }
        try {
            FuncNative.callSlots(store.raw(), index, slots);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    Store store() {
        return store;
    }

    int index() {
        return index;
    }

    /** The index of a func that is to be used in {@code user}. */
    int indexIn(Store user) {
        if (user != store) {
            throw new IllegalArgumentException(
                    "the func belongs to another store: use it in the store that it came from");
        }
        return index;
    }

    /** Equal if it is the same func of the same store. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Func func && func.store == store && func.index == index;
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(store) + index;
    }

    @Override
    public String toString() {
        return "Func[" + type + "]";
    }
}
