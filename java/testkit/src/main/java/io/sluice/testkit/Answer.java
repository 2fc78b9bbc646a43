package io.sluice.testkit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client got for a statement that it sent through a proxy.
 *
 * @param columns the names of the columns; empty without rows
 * @param rows the rows as texts, null for NULL
 * @param error the error's text as the client has it; null for none
 * @param errorCode MySQL's error code; 0 without an error
 * @param sqlState the SQLSTATE; "" without an error
 */
public record Answer(
        List<String> columns,
        List<List<@Nullable String>> rows,
        @Nullable String error,
        int errorCode,
        String sqlState) {
    /** Copies the lists. */
    public Answer {
        columns = List.copyOf(columns);
        List<List<@Nullable String>> copy = new ArrayList<>();
        rows.forEach(row -> copy.add(Collections.unmodifiableList(new ArrayList<>(row))));
        rows = Collections.unmodifiableList(copy);
        Objects.requireNonNull(sqlState, "sqlState");
    }

    /** An answer with rows, or without columns that of a statement that has none. */
    public static Answer ofRows(List<String> columns, List<List<@Nullable String>> rows) {
        return new Answer(columns, rows, null, 0, "");
    }

    /** An error. */
    public static Answer ofError(String message, int code, String sqlState) {
        return new Answer(List.of(), List.of(), Objects.requireNonNull(message, "message"), code, sqlState);
    }

    /** What a statement of JDBC answers to a text; the names of columns are in lower case, since some databases keep none. */
    public static Answer of(Statement statement, String text) {
        try {
            if (!statement.execute(text)) {
                return ofRows(List.of(), List.of());
            }
            try (ResultSet result = statement.getResultSet()) {
                List<String> columns = new ArrayList<>();
                int count = result.getMetaData().getColumnCount();
                for (int i = 1; i <= count; i++) {
                    columns.add(result.getMetaData().getColumnLabel(i).toLowerCase(Locale.ROOT));
                }
                List<List<@Nullable String>> rows = new ArrayList<>();
                while (result.next()) {
                    List<@Nullable String> row = new ArrayList<>();
                    for (int i = 1; i <= count; i++) {
                        row.add(result.getString(i));
                    }
                    rows.add(row);
                }
                return ofRows(columns, rows);
            }
        } catch (SQLException e) {
            return ofError(
                    Objects.requireNonNullElse(e.getMessage(), e.toString()),
                    e.getErrorCode(),
                    Objects.requireNonNullElse(e.getSQLState(), ""));
        }
    }
}
