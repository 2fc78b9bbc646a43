package io.sluice.jdbc;

import io.sluice.sql.ResultField;
import io.sluice.sql.ResultType;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ways between JDBC's column types and those that plugins see. */
final class ColumnTypes {
    private ColumnTypes() {}

    static List<ResultField> fieldsOf(ResultSetMetaData metaData) throws SQLException {
        List<ResultField> fields = new ArrayList<>();
        for (int column = 1; column <= metaData.getColumnCount(); column++) {
            fields.add(ResultField.of(
                    metaData.getColumnLabel(column),
                    toResultType(
                            textOrEmpty(metaData.getColumnTypeName(column)),
                            metaData.getColumnType(column),
                            metaData.isSigned(column)),
                    textOrEmpty(metaData.getTableName(column)),
                    textOrEmpty(metaData.getCatalogName(column)),
                    textOrEmpty(metaData.getColumnName(column)),
                    Math.max(0, metaData.getPrecision(column)),
                    Math.max(0, metaData.getScale(column))));
        }
        return fields;
    }

    private static String textOrEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }

    /** MySQL's types that JDBC has no number for are known by their name; where the name is no such, the number counts. */
    private static ResultType toResultType(String typeName, int jdbcType, boolean signed) {
        return switch (typeName.toUpperCase(Locale.ROOT)) {
            case "YEAR" -> ResultType.YEAR;
            case "JSON" -> ResultType.JSON;
            case "ENUM" -> ResultType.ENUM;
            case "SET" -> ResultType.SET;
            case "MEDIUMINT" -> ResultType.INT24;
            case "MEDIUMINT UNSIGNED" -> ResultType.UINT24;
            case "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT" -> ResultType.TEXT;
            case "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB" -> ResultType.BLOB;
            case "BIT" -> jdbcType == Types.OTHER ? ResultType.VARCHAR : ResultType.BIT;
            case "GEOMETRY" -> jdbcType == Types.OTHER ? ResultType.VARCHAR : ResultType.GEOMETRY;
            case "UUID" -> ResultType.VARCHAR;
            default -> toResultType(jdbcType, signed);
        };
    }

    private static ResultType toResultType(int jdbcType, boolean signed) {
        return switch (jdbcType) {
            case Types.NULL -> ResultType.NULL;
            case Types.BOOLEAN, Types.BIT -> ResultType.INT8;
            case Types.TINYINT -> signed ? ResultType.INT8 : ResultType.UINT8;
            case Types.SMALLINT -> signed ? ResultType.INT16 : ResultType.UINT16;
            case Types.INTEGER -> signed ? ResultType.INT32 : ResultType.UINT32;
            case Types.BIGINT -> signed ? ResultType.INT64 : ResultType.UINT64;
            case Types.REAL -> ResultType.FLOAT32;
            case Types.FLOAT, Types.DOUBLE -> ResultType.FLOAT64;
            case Types.DECIMAL, Types.NUMERIC -> ResultType.DECIMAL;
            case Types.DATE -> ResultType.DATE;
            case Types.TIME -> ResultType.TIME;
            case Types.TIMESTAMP -> ResultType.DATETIME;
            case Types.CHAR, Types.NCHAR -> ResultType.CHAR;
            case Types.CLOB, Types.NCLOB, Types.LONGVARCHAR, Types.LONGNVARCHAR, Types.SQLXML -> ResultType.TEXT;
            case Types.BINARY -> ResultType.BINARY;
            case Types.VARBINARY -> ResultType.VARBINARY;
            case Types.BLOB, Types.LONGVARBINARY -> ResultType.BLOB;
            default -> ResultType.VARCHAR;
        };
    }

    static int toJdbcType(ResultType type) {
        return switch (type) {
            case NULL -> Types.NULL;
            case INT8 -> Types.TINYINT;
            case UINT8, INT16 -> Types.SMALLINT;
            case UINT16, INT24, UINT24, INT32, YEAR -> Types.INTEGER;
            case UINT32, INT64 -> Types.BIGINT;
            case UINT64, DECIMAL -> Types.DECIMAL;
            case FLOAT32 -> Types.REAL;
            case FLOAT64 -> Types.DOUBLE;
            case DATE -> Types.DATE;
            case TIME -> Types.TIME;
            case DATETIME, TIMESTAMP -> Types.TIMESTAMP;
            case CHAR -> Types.CHAR;
            case TEXT -> Types.LONGVARCHAR;
            case BINARY -> Types.BINARY;
            case BLOB -> Types.LONGVARBINARY;
            case VARBINARY, BIT, GEOMETRY, UNKNOWN -> Types.VARBINARY;
            default -> Types.VARCHAR;
        };
    }
}
