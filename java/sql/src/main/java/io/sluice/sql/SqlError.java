package io.sluice.sql;

import java.util.Objects;

/**
 * An error that a client gets instead of a result.
 *
 * @param code MySQL's error number
 * @param sqlState the five characters of the SQLSTATE
 * @param message the text
 */
public record SqlError(int code, String sqlState, String message) {
    /** The number of an error that has no number of its own: what a plugin's rejection bears. */
    public static final int UNKNOWN_ERROR = 1105;

    /** The SQLSTATE of an error that has none of its own. */
    public static final String GENERAL_ERROR = "HY000";

    /** Checks that nothing is missing. */
    public SqlError {
        Objects.requireNonNull(sqlState, "sqlState");
        Objects.requireNonNull(message, "message");
    }

    /** An error as plugins make it: 1105, HY000. */
    public static SqlError of(String message) {
        return new SqlError(UNKNOWN_ERROR, GENERAL_ERROR, message);
    }

    @Override
    public String toString() {
        return "ERROR " + code + " (" + sqlState + "): " + message;
    }
}
