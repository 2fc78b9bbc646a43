package io.sluice.sdk;

/** MySQL's types, by their numbers in query.proto. */
public final class Type {
    public static final int NULL = 0;
    public static final int INT8 = 257;
    public static final int UINT8 = 770;
    public static final int INT16 = 259;
    public static final int UINT16 = 772;
    public static final int INT24 = 261;
    public static final int UINT24 = 774;
    public static final int INT32 = 263;
    public static final int UINT32 = 776;
    public static final int INT64 = 265;
    public static final int UINT64 = 778;
    public static final int FLOAT32 = 1035;
    public static final int FLOAT64 = 1036;
    public static final int TIMESTAMP = 2061;
    public static final int DATE = 2062;
    public static final int TIME = 2063;
    public static final int DATETIME = 2064;
    public static final int YEAR = 785;
    public static final int DECIMAL = 18;
    public static final int TEXT = 6163;
    public static final int BLOB = 10260;
    public static final int VARCHAR = 6165;
    public static final int VARBINARY = 10262;
    public static final int CHAR = 6167;
    public static final int BINARY = 10264;
    public static final int BIT = 2073;
    public static final int ENUM = 2074;
    public static final int SET = 2075;
    public static final int GEOMETRY = 2077;
    public static final int JSON = 2078;

    private Type() {}

    /** Whether the values of a type are numbers. */
    public static boolean isNumber(int type) {
        return type >= INT8 && type <= INT64
                || type >= UINT8 && type <= UINT64
                || type == FLOAT32
                || type == FLOAT64
                || type == DECIMAL;
    }
}
