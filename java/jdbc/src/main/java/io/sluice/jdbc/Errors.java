package io.sluice.jdbc;

import io.sluice.sql.SqlError;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ways between our errors and JDBC's. */
final class Errors {
    private Errors() {}

    static SQLException toException(SqlError error, @Nullable Throwable cause) {
        return new SQLException(error.message(), error.sqlState(), error.code(), cause);
    }

    static SqlError toSqlError(SQLException e) {
        return new SqlError(
                e.getErrorCode(),
                Objects.requireNonNullElse(e.getSQLState(), SqlError.GENERAL_ERROR),
                String.valueOf(e.getMessage()));
    }

    static SQLException of(String message) {
        return toException(SqlError.of(message), null);
    }

    /** The text by which plugins know an error of the database. */
    static byte[] textOf(Exception error) {
        String message = error.getMessage();
        return (message == null || message.isEmpty() ? error.toString() : message).getBytes(StandardCharsets.UTF_8);
    }
}
