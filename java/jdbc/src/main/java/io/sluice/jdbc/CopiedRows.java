package io.sluice.jdbc;

import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultRow;
import java.nio.ByteBuffer;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.rowset.serial.SerialBlob;
import javax.sql.rowset.serial.SerialClob;
import org.jspecify.annotations.Nullable;

/**
 * A result that was read from the driver because a plugin reads results.
 *
 * <p>Where the driver's result can be scrolled it stays what the application reads, row by row from its beginning, so that every value no
 * plugin changed is the driver's own, whatever getter asks for it. Where it cannot, the values are kept as the driver's {@code getObject}
 * gives them and converted by {@link Values}.
 */
final class CopiedRows {
    private final ResultSet source;
    private final ResultSetMetaData metaData;
    private final List<ResultField> fields;
    private final @Nullable List<@Nullable Object[]> values;
    private final byte[] serialized;

    private CopiedRows(
            ResultSet source,
            ResultSetMetaData metaData,
            List<ResultField> fields,
            @Nullable List<@Nullable Object[]> values,
            byte[] serialized) {
        this.source = source;
        this.metaData = metaData;
        this.fields = fields;
        this.values = values;
        this.serialized = serialized;
    }

    /** The driver's result, open until the application closes what it got. */
    ResultSet source() {
        return source;
    }

    ResultSetMetaData metaData() {
        return metaData;
    }

    /** The columns as plugins see them. */
    List<ResultField> fields() {
        return fields;
    }

    /** The values by row where the driver's result cannot be scrolled; null where it can. */
    @Nullable
    List<@Nullable Object[]> values() {
        return values;
    }

    /** The bytes that plugins see. */
    byte[] serialized() {
        return serialized;
    }

    /** Reads all rows of the driver's result, within a limit of bytes. */
    static CopiedRows read(ResultSet source, int maxBytes) throws SQLException {
        return read(source, maxBytes, 0);
    }

    /** Reads generated keys, which go with a count, within a limit of bytes. */
    static CopiedRows read(ResultSet source, int maxBytes, long rowsAffected) throws SQLException {
        ResultSetMetaData metaData = source.getMetaData();
        List<ResultField> fields = ColumnTypes.fieldsOf(metaData);
        QueryResultWriter writer = QueryResultWriter.of(fields, maxBytes);
        List<@Nullable Object[]> values = null;
        if (source.getType() == ResultSet.TYPE_FORWARD_ONLY) {
            values = readValues(source, writer, fields.size(), maxBytes);
        } else {
            readTexts(source, writer, TextForm.of(metaData), maxBytes);
            source.beforeFirst();
        }
        return new CopiedRows(source, metaData, fields, values, writer.finish(rowsAffected, 0));
    }

    private static void readTexts(ResultSet source, QueryResultWriter writer, TextForm[] forms, int maxBytes)
            throws SQLException {
        byte[] @Nullable [] texts = new byte[forms.length][];
        while (source.next()) {
            for (int i = 0; i < forms.length; i++) {
                texts[i] = forms[i].read(source, i + 1, maxBytes);
            }
            writer.row(texts);
        }
    }

    private static List<@Nullable Object[]> readValues(
            ResultSet source, QueryResultWriter writer, int columns, int maxBytes) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        byte[] @Nullable [] texts = new byte[columns][];
        while (source.next()) {
            @Nullable Object[] row = new @Nullable Object[columns];
            for (int i = 0; i < columns; i++) {
                row[i] = detached(source.getObject(i + 1), maxBytes);
                texts[i] = Values.toText(row[i]);
            }
            writer.row(texts);
            rows.add(row);
        }
        return rows;
    }

    /** What stays of a value when its row is gone. */
    private static @Nullable Object detached(@Nullable Object value, int maxBytes) throws SQLException {
        if (value instanceof Blob blob) {
            return new SerialBlob(TextForm.bytesOf(blob, maxBytes));
        }
        if (value instanceof Clob clob) {
            return new SerialClob(TextForm.textOf(clob, maxBytes).toCharArray());
        }
        return value;
    }

    /** The result as the application reads it when no plugin changed it. */
    ResultSet toResultSet(Answered owner) {
        if (values == null) {
            return DriverResultSet.ofRead(source, owner);
        }
        List<PluginRow> rows = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            rows.add(PluginRow.ofDriver(i, fields.size()));
        }
        return new CopiedResultSet(this, metaData, fields.size(), rows, owner).proxy();
    }

    /**
     * The result that a plugin made, as the application reads it.
     *
     * @param given the result that the plugin was given; its rows are recognised in the plugin's, and values that are the same stay the
     *     driver's own
     */
    static ResultSet toResultSet(QueryResult result, @Nullable CopiedRows given, Answered owner) throws SQLException {
        List<ResultField> fields = result.fields();
        if (given == null || !given.fields.equals(fields)) {
            List<PluginRow> rows = new ArrayList<>(result.rowCount());
            for (int i = 0; i < result.rowCount(); i++) {
                rows.add(PluginRow.of(result.row(i)));
            }
            return new CopiedResultSet(given, new FieldMetaData(fields), fields.size(), rows, owner).proxy();
        }
        QueryResult old = QueryResult.parse(given.serialized);
        List<PluginRow> rows =
                result.rowCount() == old.rowCount() ? sameRows(result, old) : recognisedRows(result, old);
        return new CopiedResultSet(given, given.metaData, fields.size(), rows, owner).proxy();
    }

    /** The rows of several results one after the other, under the columns of the first that has any. */
    static ResultSet join(List<byte[]> results, Answered owner) {
        List<ResultField> fields = List.of();
        List<PluginRow> rows = new ArrayList<>();
        for (byte[] serialized : results) {
            QueryResult result = QueryResult.parse(serialized);
            if (rows.isEmpty()) {
                fields = result.fields();
            }
            for (int i = 0; i < result.rowCount() && result.row(i).size() == fields.size(); i++) {
                rows.add(PluginRow.of(result.row(i)));
            }
        }
        return new CopiedResultSet(null, new FieldMetaData(fields), fields.size(), rows, owner).proxy();
    }

    /** As many rows as before are the same rows in the same order, some of their values changed. */
    private static List<PluginRow> sameRows(QueryResult result, QueryResult old) {
        List<PluginRow> rows = new ArrayList<>(result.rowCount());
        for (int i = 0; i < result.rowCount(); i++) {
            rows.add(PluginRow.changed(result.row(i), i, old.row(i)));
        }
        return rows;
    }

    /** Of more or fewer rows, those are the driver's that have the same values throughout. */
    private static List<PluginRow> recognisedRows(QueryResult result, QueryResult old) {
        Map<List<@Nullable ByteBuffer>, Deque<Integer>> known = new HashMap<>();
        for (int i = 0; i < old.rowCount(); i++) {
            known.computeIfAbsent(keyOf(old.row(i)), key -> new ArrayDeque<>()).add(i);
        }
        List<PluginRow> rows = new ArrayList<>(result.rowCount());
        for (int i = 0; i < result.rowCount(); i++) {
            ResultRow row = result.row(i);
            Deque<Integer> same = known.get(keyOf(row));
            Integer index = same == null ? null : same.poll();
            rows.add(index == null ? PluginRow.of(row) : PluginRow.ofDriver(index, row.size()));
        }
        return rows;
    }

    /** A row's values, to find the same ones again. */
    private static List<@Nullable ByteBuffer> keyOf(ResultRow row) {
        List<@Nullable ByteBuffer> key = new ArrayList<>(row.size());
        for (int i = 0; i < row.size(); i++) {
            byte[] value = row.copyBytes(i);
            key.add(value == null ? null : ByteBuffer.wrap(value));
        }
        return key;
    }
}
