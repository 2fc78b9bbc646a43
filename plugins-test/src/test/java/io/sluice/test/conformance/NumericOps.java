package io.sluice.test.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** WebAssembly's numeric instructions, and values at the edges of what they do. */
final class NumericOps {
    /** An instruction: its name, the types of what it takes and gives, its code behind a prefix or none. */
    record Op(String name, String params, String result, int prefix, int code) {
        /** The instruction's bytes. */
        byte[] bytes() {
            return prefix == 0 ? new byte[] {(byte) code} : new byte[] {(byte) prefix, (byte) code};
        }

        /** Whether the bits of a NaN that it gives are defined. */
        boolean keepsNan() {
            return name.contains("reinterpret")
                    || name.endsWith(".abs")
                    || name.endsWith(".neg")
                    || name.endsWith(".copysign");
        }
    }

    private static final String[] TYPES = {"i32", "i64", "f32", "f64"};
    private static final String INT_RELATIONS = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
    private static final String FLOAT_RELATIONS = "eq ne lt gt le ge";
    private static final String INT_BINARY = "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
    private static final String FLOAT_UNARY = "abs neg ceil floor trunc nearest sqrt";
    private static final String FLOAT_BINARY = "add sub mul div min max copysign";

    private static final String CONVERSIONS =
            "i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u "
                    + "i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u "
                    + "f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 "
                    + "f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32 "
                    + "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64";

    private final List<Op> ops = new ArrayList<>();
    private int code;

    private NumericOps() {}

    /** All of them. */
    static List<Op> all() {
        NumericOps made = new NumericOps();
        made.code = 0x45;
        made.family("i", "i", "eqz");
        made.family("ii", "i", INT_RELATIONS);
        made.family("l", "i", "eqz");
        made.family("ll", "i", INT_RELATIONS);
        made.family("ff", "i", FLOAT_RELATIONS);
        made.family("dd", "i", FLOAT_RELATIONS);
        made.family("i", "i", "clz ctz popcnt");
        made.family("ii", "i", INT_BINARY);
        made.family("l", "l", "clz ctz popcnt");
        made.family("ll", "l", INT_BINARY);
        made.family("f", "f", FLOAT_UNARY);
        made.family("ff", "f", FLOAT_BINARY);
        made.family("d", "d", FLOAT_UNARY);
        made.family("dd", "d", FLOAT_BINARY);
        for (String name : CONVERSIONS.split(" ", -1)) {
            made.conversion(name, 0, made.code++);
        }
        made.family("i", "i", "extend8_s extend16_s");
        made.family("l", "l", "extend8_s extend16_s extend32_s");
        String[] saturating = {"f32_s", "f32_u", "f64_s", "f64_u"};
        for (int i = 0; i < 8; i++) {
            made.conversion(TYPES[i / 4] + ".trunc_sat_" + saturating[i % 4], 0xfc, i);
        }
        return made.ops;
    }

    private void family(String params, String result, String names) {
        for (String name : names.split(" ", -1)) {
            String type = TYPES["ilfd".indexOf(params.charAt(0))];
            ops.add(new Op(type + "." + name, params, result, 0, code++));
        }
    }

    /** {@code to.verb_from}, and a sign behind it perhaps. */
    private void conversion(String name, int prefix, int number) {
        String from = null;
        for (String part : name.substring(4).split("_", -1)) {
            from = List.of(TYPES).contains(part) ? part : from;
        }
        ops.add(new Op(name, letter(Objects.requireNonNull(from, name)), letter(name.substring(0, 3)), prefix, number));
    }

    private static String letter(String type) {
        return "ilfd".charAt(List.of(TYPES).indexOf(type)) + "";
    }

    /** Values of a type, as its bits. */
    static long[] edges(char type) {
        return switch (type) {
            case 'i' -> INTS.clone();
            case 'l' -> LONGS.clone();
            case 'f' -> FLOATS.clone();
            default -> DOUBLES.clone();
        };
    }

    private static final long[] INTS = {
        0,
        1,
        -1,
        2,
        -2,
        7,
        31,
        32,
        33,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0x12345678,
        0x7fffffff,
        0x7ffffffe,
        0x80000000L,
        0x80000001L,
        0xdeadbeefL
    };
    private static final long[] LONGS = {
        0,
        1,
        -1,
        2,
        -2,
        63,
        64,
        65,
        0x80,
        0x8000,
        0x7fffffffL,
        0x80000000L,
        0xffffffffL,
        0x100000000L,
        0x123456789abcdef0L,
        Long.MAX_VALUE,
        Long.MAX_VALUE - 1,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        0xdeadbeefcafebabeL
    };
    private static final float[] FLOAT_VALUES = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        -0.5f,
        1.5f,
        2.5f,
        -1.5f,
        0.1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        8388607.5f,
        16777216f,
        0x1p31f,
        -0x1p31f,
        0x1.fffffep30f,
        0x1p32f,
        0x1p63f,
        -0x1p63f,
        0x1p64f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };
    private static final double[] DOUBLE_VALUES = {
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        1.5,
        2.5,
        -0.9999999999999999,
        0.1,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MIN_NORMAL,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        4503599627370495.5,
        0x1p31,
        -0x1p31,
        2147483647.9,
        -2147483648.9,
        4294967295.9,
        0x1p32,
        0x1p63,
        -0x1p63,
        0x1p64,
        1e-40,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN
    };
    private static final long[] FLOATS = new long[FLOAT_VALUES.length + 2];
    private static final long[] DOUBLES = new long[DOUBLE_VALUES.length + 2];

    static {
        for (int i = 0; i < FLOAT_VALUES.length; i++) {
            FLOATS[i] = Integer.toUnsignedLong(Float.floatToRawIntBits(FLOAT_VALUES[i]));
        }
        for (int i = 0; i < DOUBLE_VALUES.length; i++) {
            DOUBLES[i] = Double.doubleToRawLongBits(DOUBLE_VALUES[i]);
        }
        // NaNs with a sign and a payload, quiet ones: the other binding passes floats by value.
        FLOATS[FLOATS.length - 2] = 0xffc00000L;
        FLOATS[FLOATS.length - 1] = 0x7fc12345L;
        DOUBLES[DOUBLES.length - 2] = 0xfff8000000000000L;
        DOUBLES[DOUBLES.length - 1] = 0x7ff8123456789abcL;
    }
}
