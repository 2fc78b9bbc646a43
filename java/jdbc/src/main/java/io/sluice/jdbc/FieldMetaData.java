package io.sluice.jdbc;

import io.sluice.sql.ResultField;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;

/** The metadata of a result that a plugin made. */
final class FieldMetaData implements ResultSetMetaData {
    private final List<ResultField> fields;

    FieldMetaData(List<ResultField> fields) {
        this.fields = fields;
    }

    private ResultField field(int column) throws SQLException {
        if (column < 1 || column > fields.size()) {
            throw Errors.of("column " + column + " was asked for, but the result has " + fields.size());
        }
        return fields.get(column - 1);
    }

    @Override
    public int getColumnCount() {
        return fields.size();
    }

    @Override
    public boolean isAutoIncrement(int column) throws SQLException {
        field(column);
        return false;
    }

    @Override
    public boolean isCaseSensitive(int column) throws SQLException {
        return field(column).type().isBinary();
    }

    @Override
    public boolean isSearchable(int column) throws SQLException {
        field(column);
        return false;
    }

    @Override
    public boolean isCurrency(int column) throws SQLException {
        field(column);
        return false;
    }

    @Override
    public int isNullable(int column) throws SQLException {
        field(column);
        return columnNullableUnknown;
    }

    @Override
    public boolean isSigned(int column) throws SQLException {
        return switch (field(column).type()) {
            case INT8, INT16, INT24, INT32, INT64, FLOAT32, FLOAT64, DECIMAL -> true;
            default -> false;
        };
    }

    @Override
    public int getColumnDisplaySize(int column) throws SQLException {
        return field(column).columnLength();
    }

    @Override
    public String getColumnLabel(int column) throws SQLException {
        return field(column).name();
    }

    @Override
    public String getColumnName(int column) throws SQLException {
        ResultField field = field(column);
        return field.orgName().isEmpty() ? field.name() : field.orgName();
    }

    @Override
    public String getSchemaName(int column) throws SQLException {
        field(column);
        return "";
    }

    @Override
    public int getPrecision(int column) throws SQLException {
        return field(column).columnLength();
    }

    @Override
    public int getScale(int column) throws SQLException {
        return field(column).decimals();
    }

    @Override
    public String getTableName(int column) throws SQLException {
        return field(column).table();
    }

    @Override
    public String getCatalogName(int column) throws SQLException {
        return field(column).database();
    }

    @Override
    public int getColumnType(int column) throws SQLException {
        return ColumnTypes.toJdbcType(field(column).type());
    }

    @Override
    public String getColumnTypeName(int column) throws SQLException {
        return field(column).type().name();
    }

    @Override
    public boolean isReadOnly(int column) throws SQLException {
        field(column);
        return true;
    }

    @Override
    public boolean isWritable(int column) throws SQLException {
        field(column);
        return false;
    }

    @Override
    public boolean isDefinitelyWritable(int column) throws SQLException {
        field(column);
        return false;
    }

    @Override
    public String getColumnClassName(int column) throws SQLException {
        return switch (getColumnType(column)) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> Integer.class.getName();
            case Types.BIGINT -> Long.class.getName();
            case Types.REAL -> Float.class.getName();
            case Types.DOUBLE -> Double.class.getName();
            case Types.DECIMAL -> java.math.BigDecimal.class.getName();
            case Types.DATE -> java.sql.Date.class.getName();
            case Types.TIME -> java.sql.Time.class.getName();
            case Types.TIMESTAMP -> java.sql.Timestamp.class.getName();
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> byte[].class.getName();
            default -> String.class.getName();
        };
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw Errors.of("metadata of a result that a plugin made is no " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
