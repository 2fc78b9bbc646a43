package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultType;
import java.nio.charset.StandardCharsets;

/**
 * A column of a result as the protocol defines it.
 *
 * @param field the same as plugins see it
 * @param type the protocol's number of the type
 * @param packet the packet's payload
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the package
record ColumnDefinition(ResultField field, int type, byte[] packet) {
    static final int TINY = 1;
    static final int SHORT = 2;
    static final int LONG = 3;
    static final int FLOAT = 4;
    static final int DOUBLE = 5;
    static final int NULL = 6;
    static final int TIMESTAMP = 7;
    static final int LONGLONG = 8;
    static final int INT24 = 9;
    static final int DATE = 10;
    static final int TIME = 11;
    static final int DATETIME = 12;
    static final int YEAR = 13;
    static final int VARCHAR = 15;
    static final int BIT = 16;
    static final int JSON = 245;
    static final int NEWDECIMAL = 246;
    static final int ENUM = 247;
    static final int SET = 248;
    static final int TINY_BLOB = 249;
    static final int MEDIUM_BLOB = 250;
    static final int LONG_BLOB = 251;
    static final int BLOB = 252;
    static final int VAR_STRING = 253;
    static final int STRING = 254;
    static final int GEOMETRY = 255;

    static final int UNSIGNED_FLAG = 0x20;
    private static final int ENUM_FLAG = 0x100;
    private static final int SET_FLAG = 0x800;
    private static final int UTF8MB4_GENERAL_CI = 45;
    private static final int FIXED_LENGTH = 0x0c;

    /** Reads a definition. */
    static ColumnDefinition parse(byte[] packet) {
        PayloadReader in = new PayloadReader(packet, "column definition of the server");
        in.lenencBytes();
        String schema = in.lenencText();
        String table = in.lenencText();
        String orgTable = in.lenencText();
        String name = in.lenencText();
        String orgName = in.lenencText();
        if (in.lenenc() != FIXED_LENGTH) {
            throw in.malformed("fixed fields of another length than " + FIXED_LENGTH);
        }
        int charset = in.u16();
        int length = in.i32();
        int type = in.u8();
        int flags = in.u16();
        int decimals = in.u8();
        ResultType known = typeOf(type, charset, flags);
        return new ColumnDefinition(
                new ResultField(
                        name, known.code(), table, orgTable, schema, orgName, length, charset, decimals, flags, ""),
                type,
                packet);
    }

    /** The definition of a column as a plugin made it. */
    static ColumnDefinition of(ResultField field) {
        ResultType known = field.type();
        int type = numberOf(known);
        int charset = field.charset();
        if (charset == 0) {
            charset = known.isBinary() || isNumber(type) ? ResultField.CHARSET_BINARY : UTF8MB4_GENERAL_CI;
        }
        int flags = isUnsigned(known) ? field.flags() | UNSIGNED_FLAG : field.flags();
        PacketWriter out = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        out.lenencBytes("def".getBytes(StandardCharsets.US_ASCII)).lenencText(field.database());
        out.lenencText(field.table()).lenencText(field.orgTable());
        out.lenencText(field.name()).lenencText(field.orgName());
        out.lenenc(FIXED_LENGTH).u16(charset).i32(field.columnLength()).u8(type).u16(flags);
        out.u8(field.decimals()).u16(0);
        return new ColumnDefinition(field, type, out.takePayload());
    }

    boolean isUnsigned() {
        return (field.flags() & UNSIGNED_FLAG) != 0 || isUnsigned(field.type());
    }

    private static boolean isNumber(int type) {
        return type <= LONGLONG || type == INT24 || type == NEWDECIMAL || type == YEAR;
    }

    private static boolean isUnsigned(ResultType type) {
        return switch (type) {
            case UINT8, UINT16, UINT24, UINT32, UINT64, YEAR -> true;
            default -> false;
        };
    }

    private static ResultType typeOf(int type, int charset, int flags) {
        boolean unsigned = (flags & UNSIGNED_FLAG) != 0;
        boolean binary = charset == ResultField.CHARSET_BINARY;
        if ((flags & ENUM_FLAG) != 0 && type == STRING) {
            return ResultType.ENUM;
        }
        if ((flags & SET_FLAG) != 0 && type == STRING) {
            return ResultType.SET;
        }
        return switch (type) {
            case 0, NEWDECIMAL -> ResultType.DECIMAL;
            case TINY -> unsigned ? ResultType.UINT8 : ResultType.INT8;
            case SHORT -> unsigned ? ResultType.UINT16 : ResultType.INT16;
            case LONG -> unsigned ? ResultType.UINT32 : ResultType.INT32;
            case FLOAT -> ResultType.FLOAT32;
            case DOUBLE -> ResultType.FLOAT64;
            case NULL -> ResultType.NULL;
            case TIMESTAMP -> ResultType.TIMESTAMP;
            case LONGLONG -> unsigned ? ResultType.UINT64 : ResultType.INT64;
            case INT24 -> unsigned ? ResultType.UINT24 : ResultType.INT24;
            case DATE, 14 -> ResultType.DATE;
            case TIME -> ResultType.TIME;
            case DATETIME -> ResultType.DATETIME;
            case YEAR -> ResultType.YEAR;
            case BIT -> ResultType.BIT;
            case JSON -> ResultType.JSON;
            case ENUM -> ResultType.ENUM;
            case SET -> ResultType.SET;
            case TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB -> binary ? ResultType.BLOB : ResultType.TEXT;
            case VARCHAR, VAR_STRING -> binary ? ResultType.VARBINARY : ResultType.VARCHAR;
            case STRING -> binary ? ResultType.BINARY : ResultType.CHAR;
            case GEOMETRY -> ResultType.GEOMETRY;
            default -> ResultType.UNKNOWN;
        };
    }

    private static int numberOf(ResultType type) {
        return switch (type) {
            case NULL -> NULL;
            case INT8, UINT8 -> TINY;
            case INT16, UINT16 -> SHORT;
            case INT24, UINT24 -> INT24;
            case INT32, UINT32 -> LONG;
            case INT64, UINT64 -> LONGLONG;
            case FLOAT32 -> FLOAT;
            case FLOAT64 -> DOUBLE;
            case TIMESTAMP -> TIMESTAMP;
            case DATE -> DATE;
            case TIME -> TIME;
            case DATETIME -> DATETIME;
            case YEAR -> YEAR;
            case DECIMAL -> NEWDECIMAL;
            case TEXT, BLOB -> BLOB;
            case CHAR, BINARY, ENUM, SET -> STRING;
            case BIT -> BIT;
            case GEOMETRY -> GEOMETRY;
            case JSON -> JSON;
            default -> VAR_STRING;
        };
    }
}
