package io.sluice.sql;

import java.util.HashMap;
import java.util.Map;

/** The type of a result's column, with the number that it has on the wire. */
public enum ResultType {
    NULL(0),
    INT8(257),
    UINT8(770),
    INT16(259),
    UINT16(772),
    INT24(261),
    UINT24(774),
    INT32(263),
    UINT32(776),
    INT64(265),
    UINT64(778),
    FLOAT32(1035),
    FLOAT64(1036),
    TIMESTAMP(2061),
    DATE(2062),
    TIME(2063),
    DATETIME(2064),
    YEAR(785),
    DECIMAL(18),
    TEXT(6163),
    BLOB(10260),
    VARCHAR(6165),
    VARBINARY(10262),
    CHAR(6167),
    BINARY(10264),
    BIT(2073),
    ENUM(2074),
    SET(2075),
    TUPLE(28),
    GEOMETRY(2077),
    JSON(2078),
    EXPRESSION(31),
    HEXNUM(4128),
    HEXVAL(4129),
    BITNUM(4130),
    /** A number that is none of the above; its values are bytes. */
    UNKNOWN(-1);

    private static final Map<Integer, ResultType> BY_CODE = new HashMap<>();

    static {
        for (ResultType type : values()) {
            BY_CODE.put(type.code, type);
        }
    }

    private final int code;

    ResultType(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** The type of that number; {@link #UNKNOWN} if there is none. */
    public static ResultType ofCode(int code) {
        return BY_CODE.getOrDefault(code, UNKNOWN);
    }

    /** Whether values are bytes without a character set. */
    public boolean isBinary() {
        return switch (this) {
            case BLOB, VARBINARY, BINARY, BIT, GEOMETRY, UNKNOWN -> true;
            default -> false;
        };
    }
}
