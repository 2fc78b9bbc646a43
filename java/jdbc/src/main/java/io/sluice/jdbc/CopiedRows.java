package io.sluice.jdbc;

import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultRow;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a result in memory: read from the driver because a plugin reads results, or made by a plugin. */
final class CopiedRows {
    private final ResultSetMetaData metaData;
    private final List<ResultField> fields;
    private final List<@Nullable Object[]> rows;
    private final byte[] serialized;
    private final @Nullable ResultSet source;

    private CopiedRows(
            ResultSetMetaData metaData,
            List<ResultField> fields,
            List<@Nullable Object[]> rows,
            byte[] serialized,
            @Nullable ResultSet source) {
        this.metaData = metaData;
        this.fields = fields;
        this.rows = rows;
        this.serialized = serialized;
        this.source = source;
    }

    /** The driver's own where the columns are its own. */
    ResultSetMetaData metaData() {
        return metaData;
    }

    /** The columns as plugins see them. */
    List<ResultField> fields() {
        return fields;
    }

    /** The values as the driver made them; of a plugin's values, as the columns' types want them. */
    List<@Nullable Object[]> rows() {
        return rows;
    }

    /** The bytes that plugins see. */
    byte[] serialized() {
        return serialized;
    }

    /** The driver's result, kept open for its metadata until the copy is closed; null if there was none. */
    @Nullable
    ResultSet source() {
        return source;
    }

    /** Reads all rows of the driver's result, within a limit of bytes. */
    static CopiedRows read(ResultSet source, int maxBytes) throws SQLException {
        ResultSetMetaData metaData = source.getMetaData();
        List<ResultField> fields = ColumnTypes.fieldsOf(metaData);
        QueryResultWriter writer = QueryResultWriter.of(fields, maxBytes);
        List<@Nullable Object[]> rows = new ArrayList<>();
        byte[] @Nullable [] texts = new byte[fields.size()][];
        while (source.next()) {
            @Nullable Object[] row = new @Nullable Object[fields.size()];
            for (int i = 0; i < row.length; i++) {
                Object value = detached(source.getObject(i + 1), maxBytes);
                row[i] = value;
                texts[i] = Values.toText(value);
            }
            writer.row(texts);
            rows.add(row);
        }
        return new CopiedRows(metaData, fields, rows, writer.finish(), source);
    }

    /** What stays of a value when its row is gone. */
    private static @Nullable Object detached(@Nullable Object value, int maxBytes) throws SQLException {
        if (value instanceof Blob blob) {
            return blob.getBytes(1, (int) Math.min(blob.length(), maxBytes + 1L));
        }
        if (value instanceof Clob clob) {
            return clob.getSubString(1, (int) Math.min(clob.length(), maxBytes + 1L));
        }
        return value;
    }

    /** The rows that a plugin made. Where columns or values are those of the copy that the plugin was given, they are kept. */
    static CopiedRows of(QueryResult result, @Nullable CopiedRows given) throws SQLException {
        List<ResultField> fields = result.fields();
        boolean sameFields = given != null && given.fields.equals(fields);
        ResultSetMetaData metaData = sameFields && given != null ? given.metaData : new FieldMetaData(fields);
        QueryResult before = sameFields && given != null ? QueryResult.parse(given.serialized) : null;
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (int i = 0; i < result.rowCount(); i++) {
            ResultRow old = before != null && i < before.rowCount() ? before.row(i) : null;
            @Nullable Object[] oldValues = old == null || given == null ? new @Nullable Object[0] : given.rows.get(i);
            rows.add(values(result.row(i), metaData, old, oldValues));
        }
        return new CopiedRows(metaData, fields, rows, new byte[0], given == null ? null : given.source);
    }

    private static @Nullable Object[] values(
            ResultRow row, ResultSetMetaData metaData, @Nullable ResultRow old, @Nullable Object[] oldValues)
            throws SQLException {
        @Nullable Object[] values = new @Nullable Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            byte[] text = row.copyBytes(i);
            if (text != null) {
                boolean same = old != null && Arrays.equals(text, old.copyBytes(i));
                values[i] = same ? oldValues[i] : Values.ofText(text, metaData.getColumnType(i + 1));
            }
        }
        return values;
    }

    /** The rows as the application reads them. */
    ResultSet toResultSet(Statement statement) {
        return new CopiedResultSet(this, statement).proxy();
    }
}
