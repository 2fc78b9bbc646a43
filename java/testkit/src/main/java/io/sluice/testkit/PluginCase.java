package io.sluice.testkit;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A statement and what is expected to come of it.
 *
 * @param name what the report calls it
 * @param line where it stands in its file
 * @param statement the statement
 * @param times how many times the statement is sent; the expectation is of the last
 * @param expected what is expected
 */
public record PluginCase(String name, int line, Statement statement, int times, Expected expected) {
    /** Checks that nothing is missing. */
    public PluginCase {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(statement, "statement");
        Objects.requireNonNull(expected, "expected");
    }

    /**
     * What is expected. What is not named is expected to be as if the plugin were not there: the text is executed as it is, the client
     * gets what the database answered. Of the log, the trap and the costs nothing is expected unless it is named.
     *
     * @param query the text that is executed
     * @param error the error's text
     * @param code MySQL's error code; 0 for any
     * @param state the SQLSTATE; "" for any
     * @param result the client's result; null for the database's
     * @param resultTypes whether the result's types are compared, not the names alone
     * @param log lines that are logged in that order, each with {@code INFO} or {@code ERROR} before it; null for any
     * @param trap a part of the text of the plugin's failure; null for none
     * @param fuelBelow the fuel that must not be reached
     * @param memoryBelow the bytes of memory that must not be reached
     * @param millisBelow the milliseconds that must not be reached
     */
    public record Expected(
            @Nullable String query,
            @Nullable String error,
            int code,
            String state,
            @Nullable Rows result,
            boolean resultTypes,
            @Nullable List<String> log,
            @Nullable String trap,
            long fuelBelow,
            long memoryBelow,
            long millisBelow) {
        /** Checks that nothing is missing. */
        public Expected {
            Objects.requireNonNull(state, "state");
        }
    }
}
