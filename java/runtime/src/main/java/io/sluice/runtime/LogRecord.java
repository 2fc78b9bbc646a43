package io.sluice.runtime;

import java.util.Objects;

/**
 * A line that a guest logged or printed.
 *
 * @param level how it was logged
 * @param text what it says; bytes that are no UTF-8 are replaced
 */
public record LogRecord(Level level, String text) {
    /** How something was logged. */
    public enum Level {
        /** Information; what was printed to standard output. */
        INFO,
        /** An error; what was printed to standard error. */
        ERROR
    }

    /** Checks that nothing is missing. */
    public LogRecord {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(text, "text");
    }
}
