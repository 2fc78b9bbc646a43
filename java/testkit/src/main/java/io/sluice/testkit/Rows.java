package io.sluice.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultRow;
import io.sluice.sql.ResultType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A result as tests write and compare it: columns by name and type, rows of texts, counts; immutable.
 *
 * <p>Columns that are made here belong to a table {@code t}, in which they have the same name.
 *
 * @param columns the columns; empty for a statement without rows
 * @param rows the rows, one value for each column, null for NULL
 * @param rowsAffected the rows that the statement changed
 * @param insertId the number that it generated
 */
public record Rows(List<Column> columns, List<List<@Nullable String>> rows, long rowsAffected, long insertId) {
    private static final Rows NONE = new Rows(List.of(), List.of(), 0, 0);

    /** A column: its name, its type, and its name in its table, "" for an expression. */
    public record Column(String name, ResultType type, String orgName) {
        /** Checks that nothing is missing. */
        public Column {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(orgName, "orgName");
        }

        @Override
        public String toString() {
            return name + " " + type;
        }
    }

    /**
     * Checks that the rows fit the columns.
     *
     * @throws IllegalArgumentException if a row has another number of values than there are columns
     */
    public Rows {
        columns = List.copyOf(columns);
        List<List<@Nullable String>> copy = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row " + (i + 1) + " has " + rows.get(i).size() + " values, but the result has "
                                + columns.size() + " columns; give each column one value");
            }
            copy.add(Collections.unmodifiableList(new ArrayList<>(rows.get(i))));
        }
        rows = Collections.unmodifiableList(copy);
    }

    /** The result of a statement that has no rows and changes none. */
    public static Rows none() {
        return NONE;
    }

    /** A result without rows that has counts. */
    public static Rows ofUpdate(long rowsAffected, long insertId) {
        return new Rows(List.of(), List.of(), rowsAffected, insertId);
    }

    /** A result with columns of text, and no rows yet. */
    public static Rows ofColumns(String... names) {
        return new Rows(
                Arrays.stream(names)
                        .map(name -> new Column(name, ResultType.VARCHAR, name))
                        .toList(),
                List.of(),
                0,
                0);
    }

    /** A copy in which a column has another type. */
    public Rows withType(String column, ResultType type) {
        return new Rows(
                columns.stream()
                        .map(c -> c.name().equals(column) ? new Column(column, type, c.orgName()) : c)
                        .toList(),
                rows,
                rowsAffected,
                insertId);
    }

    /** A copy with one row more; null is NULL. */
    public Rows withRow(@Nullable Object... values) {
        List<List<@Nullable String>> more = new ArrayList<>(rows);
        List<@Nullable String> row = new ArrayList<>();
        for (Object value : values) {
            row.add(value == null ? null : value.toString());
        }
        more.add(row);
        return new Rows(columns, more, rowsAffected, insertId);
    }

    /**
     * Reads a result as the ABI passes it.
     *
     * @throws io.sluice.sql.MalformedResultException if it is none
     */
    public static Rows read(byte[] serialized) {
        QueryResult result = QueryResult.parse(serialized);
        List<Column> columns = new ArrayList<>();
        for (ResultField field : result.fields()) {
            columns.add(new Column(field.name(), field.type(), field.orgName()));
        }
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (int i = 0; i < result.rowCount(); i++) {
            ResultRow row = result.row(i);
            List<@Nullable String> values = new ArrayList<>();
            for (int column = 0; column < row.size(); column++) {
                values.add(row.text(column));
            }
            rows.add(values);
        }
        return new Rows(columns, rows, result.rowsAffected(), result.insertId());
    }

    /** The result as the ABI passes it. */
    public byte[] serialize() {
        List<ResultField> fields = columns.stream()
                .map(column -> ResultField.of(
                        column.name(),
                        column.type(),
                        column.orgName().isEmpty() ? "" : "t",
                        column.orgName().isEmpty() ? "" : "d",
                        column.orgName(),
                        0,
                        0))
                .toList();
        QueryResultWriter writer = QueryResultWriter.of(fields, Integer.MAX_VALUE);
        for (List<@Nullable String> row : rows) {
            byte[][] values = new byte[row.size()][];
            for (int i = 0; i < values.length; i++) {
                String value = row.get(i);
                if (value != null) {
                    values[i] = value.getBytes(UTF_8);
                }
            }
            writer.row(values);
        }
        return writer.finish(rowsAffected, insertId);
    }

    private static boolean isNumber(String value) {
        return value.matches("-?[0-9]+(\\.[0-9]+)?");
    }

    /** A line with the columns, a line for each row with its texts in quotes, a line for counts that are not 0. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (!columns.isEmpty()) {
            lines.add(String.join(" | ", columns.stream().map(Column::toString).toList()));
        }
        for (List<@Nullable String> row : rows) {
            List<String> values = new ArrayList<>();
            for (String value : row) {
                values.add(value == null ? "NULL" : isNumber(value) ? value : "'" + value.replace("'", "''") + "'");
            }
            lines.add(String.join(" | ", values));
        }
        if (rowsAffected != 0 || insertId != 0) {
            lines.add("rows affected " + Long.toUnsignedString(rowsAffected) + ", insert id "
                    + Long.toUnsignedString(insertId));
        }
        return lines.isEmpty() ? List.of("no rows, no changes") : lines;
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }
}
