package io.sluice.test.conformance;

import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Value;
import io.sluice.runtime.ValueType;
import java.util.List;
import java.util.stream.Stream;

/** A call by raw bits, the fast way in, with values on both sides. */
final class RawCall {
    private RawCall() {}

    /** At most four numbers in, at most one out. */
    static boolean fits(FuncType type) {
        return type.params().size() <= 4
                && type.results().size() <= 1
                && Stream.concat(type.params().stream(), type.results().stream())
                        .allMatch(RawCall::isNumber);
    }

    private static boolean isNumber(ValueType type) {
        return type.compareTo(ValueType.F64) <= 0;
    }

    static Value[] call(Func func, Value[] arguments) {
        long[] a = Stream.of(arguments).mapToLong(RawCall::bits).toArray();
        long result = switch (a.length) {
            case 0 -> func.callRaw();
            case 1 -> func.callRaw(a[0]);
            case 2 -> func.callRaw(a[0], a[1]);
            case 3 -> func.callRaw(a[0], a[1], a[2]);
            default -> func.callRaw(a[0], a[1], a[2], a[3]);
        };
        List<ValueType> types = func.type().results();
        return types.isEmpty() ? new Value[0] : new Value[] {value(types.get(0), result)};
    }

    private static long bits(Value value) {
        return switch (value.type()) {
            case I32 -> value.asInt();
            case I64 -> value.asLong();
            case F32 -> Float.floatToRawIntBits(value.asFloat());
            case F64 -> Double.doubleToRawLongBits(value.asDouble());
            default -> throw new IllegalArgumentException("not a number: " + value);
        };
    }

    private static Value value(ValueType type, long bits) {
        return switch (type) {
            case I32 -> Value.i32((int) bits);
            case I64 -> Value.i64(bits);
            case F32 -> Value.f32(Float.intBitsToFloat((int) bits));
            case F64 -> Value.f64(Double.longBitsToDouble(bits));
            default -> throw new IllegalArgumentException("not a number: " + type);
        };
    }
}
