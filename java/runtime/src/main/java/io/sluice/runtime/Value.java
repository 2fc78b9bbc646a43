package io.sluice.runtime;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of a WebAssembly type. Immutable; equal if type and bits are, so {@code -0.0} is not {@code 0.0} and a NaN equals itself.
 *
 * <p><b>Threads.</b> Any. <b>Ownership.</b> A value that refers to a func is good in that func's store only.
 */
public final class Value {
    private static final long NULL_FUNC = -1;

    private final ValueType type;
    private final long low;
    private final long high;
    private final @Nullable Func func;

    private Value(ValueType type, long low, long high, @Nullable Func func) {
        this.type = type;
        this.low = low;
        this.high = high;
        this.func = func;
    }

    /** An {@code i32}. */
    public static Value i32(int value) {
        return new Value(ValueType.I32, value, 0, null);
    }

    /** An {@code i64}. */
    public static Value i64(long value) {
        return new Value(ValueType.I64, value, 0, null);
    }

    /** An {@code f32}, its bits kept. */
    public static Value f32(float value) {
        return new Value(ValueType.F32, Integer.toUnsignedLong(Float.floatToRawIntBits(value)), 0, null);
    }

    /** An {@code f64}, its bits kept. */
    public static Value f64(double value) {
        return new Value(ValueType.F64, Double.doubleToRawLongBits(value), 0, null);
    }

    /** A {@code v128} from its low and high 64 bits. */
    public static Value v128(long low, long high) {
        return new Value(ValueType.V128, low, high, null);
    }

    /** A reference to a func, or the null reference. */
    public static Value funcref(@Nullable Func func) {
        return new Value(ValueType.FUNCREF, NULL_FUNC, 0, func);
    }

    /** A value that came back from a call in {@code store}. */
    static Value of(Store store, ValueType type, long low, long high) {
        return switch (type) {
            case I32 -> i32((int) low);
            case I64 -> i64(low);
            case F32 -> new Value(ValueType.F32, low & 0xFFFF_FFFFL, 0, null);
            case F64 -> new Value(ValueType.F64, low, 0, null);
            case V128 -> v128(low, high);
            case FUNCREF -> funcref(low == NULL_FUNC ? null : new Func(store, (int) low));
            case EXTERNREF -> throw new UnsupportedOperationException("values of type externref are not supported");
        };
    }

    /** Its type. */
    public ValueType type() {
        return type;
    }

    /**
     * The value of an {@code i32}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public int asInt() {
        return (int) require(ValueType.I32).low;
    }

    /**
     * The value of an {@code i64}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public long asLong() {
        return require(ValueType.I64).low;
    }

    /**
     * The value of an {@code f32}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public float asFloat() {
        return Float.intBitsToFloat((int) require(ValueType.F32).low);
    }

    /**
     * The value of an {@code f64}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public double asDouble() {
        return Double.longBitsToDouble(require(ValueType.F64).low);
    }

    /**
     * The low 64 bits of a {@code v128}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public long asLowBits() {
        return require(ValueType.V128).low;
    }

    /**
     * The high 64 bits of a {@code v128}.
     *
     * @throws IllegalStateException if it is of another type
     */
    public long asHighBits() {
        return require(ValueType.V128).high;
    }

    /**
     * The func that a {@code funcref} refers to, or null.
     *
     * @throws IllegalStateException if it is of another type
     */
    public @Nullable Func asFunc() {
        return require(ValueType.FUNCREF).func;
    }

    private Value require(ValueType wanted) {
        if (type != wanted) {
            throw new IllegalStateException("the value is of type " + type + ", it was asked for as " + wanted);
        }
        return this;
    }

    /** The low half of its slot in a call in {@code store}. */
    long low(Store store) {
        return func == null ? low : func.indexIn(store);
    }

    long high() {
        return high;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value
                && type == value.type
                && low == value.low
                && high == value.high
                && Objects.equals(func, value.func);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, low, high, func);
    }

    /** As in {@code i32 42}. */
    @Override
    public String toString() {
        String text = switch (type) {
            case I32, I64 -> Long.toString(low);
            case F32 -> Float.toString(asFloat());
            case F64 -> Double.toString(asDouble());
            case V128 -> "0x" + hex(high) + hex(low);
            case FUNCREF, EXTERNREF -> func == null ? "null" : func.toString();
        };
        return type + " " + text;
    }

    private static String hex(long half) {
        return java.util.HexFormat.of().toHexDigits(half);
    }
}
