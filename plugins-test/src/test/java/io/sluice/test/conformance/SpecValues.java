package io.sluice.test.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.sluice.runtime.Value;
import io.sluice.runtime.ValueType;
import java.util.ArrayList;
import java.util.List;

/** The testsuite's values: those it gives, and the patterns that it expects. */
final class SpecValues {
    private static final String CANONICAL = "nan:canonical";
    private static final String ARITHMETIC = "nan:arithmetic";

    private SpecValues() {}

    static Value[] arguments(JsonArray arguments) {
        List<Value> values = new ArrayList<>();
        for (JsonElement argument : arguments) {
            values.add(value(argument.getAsJsonObject()));
        }
        return values.toArray(Value[]::new);
    }

    private static Value value(JsonObject json) {
        String type = json.get("type").getAsString();
        return switch (type) {
            case "i32" -> Value.i32(Integer.parseInt(text(json)));
            case "i64" -> Value.i64(Long.parseLong(text(json)));
            case "f32" -> Value.f32(Float.intBitsToFloat(Integer.parseUnsignedInt(text(json))));
            case "f64" -> Value.f64(Double.longBitsToDouble(Long.parseUnsignedLong(text(json))));
            case "v128" -> {
                long[] halves = halves(json);
                yield Value.v128(halves[0], halves[1]);
            }
            case "funcref" -> {
                if (!text(json).equals("null")) {
                    throw new IllegalArgumentException("a func cannot be an argument here: " + json);
                }
                yield Value.funcref(null);
            }
            default -> throw new IllegalArgumentException("an argument of type " + type + " is not known");
        };
    }

    private static String text(JsonObject json) {
        return json.get("value").getAsString();
    }

    static boolean match(JsonArray expected, Value[] found) {
        if (expected.size() != found.length) {
            return false;
        }
        for (int i = 0; i < found.length; i++) {
            if (!matches(expected.get(i).getAsJsonObject(), found[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(JsonObject expected, Value found) {
        String type = expected.get("type").getAsString();
        return switch (type) {
            case "i32" -> found.type() == ValueType.I32 && found.asInt() == Integer.parseInt(text(expected));
            case "i64" -> found.type() == ValueType.I64 && found.asLong() == Long.parseLong(text(expected));
            case "f32" ->
                found.type() == ValueType.F32 && floatMatches(text(expected), Float.floatToRawIntBits(found.asFloat()));
            case "f64" ->
                found.type() == ValueType.F64
                        && doubleMatches(text(expected), Double.doubleToRawLongBits(found.asDouble()));
            case "v128" -> found.type() == ValueType.V128 && vectorMatches(expected, found);
            case "funcref" -> found.type() == ValueType.FUNCREF && funcMatches(expected, found);
            case "refnull", "nullfuncref" -> found.type() == ValueType.FUNCREF && found.asFunc() == null;
            case "either" -> {
                for (JsonElement one : expected.getAsJsonArray("values")) {
                    if (matches(one.getAsJsonObject(), found)) {
                        yield true;
                    }
                }
                yield false;
            }
            default -> throw new IllegalArgumentException("a result of type " + type + " is not known");
        };
    }

    /** Null if that is asked for, any func if no value is. */
    private static boolean funcMatches(JsonObject expected, Value found) {
        boolean isNull = expected.has("value") && text(expected).equals("null");
        return isNull == (found.asFunc() == null);
    }

    private static boolean floatMatches(String pattern, int bits) {
        return switch (pattern) {
            case CANONICAL -> (bits & 0x7fff_ffff) == 0x7fc0_0000;
            case ARITHMETIC -> (bits & 0x7fc0_0000) == 0x7fc0_0000;
            default -> bits == Integer.parseUnsignedInt(pattern);
        };
    }

    private static boolean doubleMatches(String pattern, long bits) {
        return switch (pattern) {
            case CANONICAL -> (bits & 0x7fff_ffff_ffff_ffffL) == 0x7ff8_0000_0000_0000L;
            case ARITHMETIC -> (bits & 0x7ff8_0000_0000_0000L) == 0x7ff8_0000_0000_0000L;
            default -> bits == Long.parseUnsignedLong(pattern);
        };
    }

    private static boolean vectorMatches(JsonObject expected, Value found) {
        JsonArray lanes = expected.getAsJsonArray("value");
        String type = expected.get("lane_type").getAsString();
        int width = width(type);
        for (int lane = 0; lane < lanes.size(); lane++) {
            long bits = lane(found.asLowBits(), found.asHighBits(), lane, width);
            String pattern = lanes.get(lane).getAsString();
            boolean matches = switch (type) {
                case "f32" -> floatMatches(pattern, (int) bits);
                case "f64" -> doubleMatches(pattern, bits);
                default -> bits == (mask(width) & Long.parseLong(pattern));
            };
            if (!matches) {
                return false;
            }
        }
        return true;
    }

    private static long[] halves(JsonObject json) {
        String type = json.get("lane_type").getAsString();
        int width = width(type);
        JsonArray lanes = json.getAsJsonArray("value");
        long[] halves = new long[2];
        for (int lane = 0; lane < lanes.size(); lane++) {
            String text = lanes.get(lane).getAsString();
            long bits = type.startsWith("f") ? Long.parseUnsignedLong(text) : Long.parseLong(text);
            int position = lane * width;
            halves[position / Long.SIZE] |= (bits & mask(width)) << (position % Long.SIZE);
        }
        return halves;
    }

    private static long lane(long low, long high, int lane, int width) {
        int position = lane * width;
        return (position < Long.SIZE ? low : high) >>> (position % Long.SIZE) & mask(width);
    }

    private static int width(String laneType) {
        return Integer.parseInt(laneType.substring(1));
    }

    private static long mask(int width) {
        return width == Long.SIZE ? -1 : (1L << width) - 1;
    }
}
