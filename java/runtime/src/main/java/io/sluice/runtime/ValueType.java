package io.sluice.runtime;

import java.util.Locale;

/** The type of a value. */
public enum ValueType {
    /** 32-bit integer; {@code int} in Java. */
    I32(0),
    /** 64-bit integer; {@code long} in Java. */
    I64(1),
    /** 32-bit float. */
    F32(2),
    /** 64-bit float; {@code double} in Java. */
    F64(3),
    /** 128-bit vector; two {@code long}s in Java. */
    V128(4),
    /** Reference to a func, or null. */
    FUNCREF(5),
    /** Opaque reference; named in types only, values of it are not supported. */
    EXTERNREF(6);

    private static final ValueType[] ALL = values();

    private final int code;
    private final String text = name().toLowerCase(Locale.ROOT);

    ValueType(int code) {
        this.code = code;
    }

    /** Its number at the boundary. */
    int code() {
        return code;
    }

    static ValueType parse(String text) {
        for (ValueType type : ALL) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException("value type \"" + text + "\" is not one of those known");
    }

    /** The type as WebAssembly's text format writes it: {@code i32}. */
    @Override
    public String toString() {
        return text;
    }
}
