package io.sluice.sql;

import org.jspecify.annotations.Nullable;

/** Bytes that are not a serialized QueryResult, or one whose rows do not fit its fields. */
public final class MalformedResultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedResultException(String message) {
        this(message, null);
    }

    MalformedResultException(String message, @Nullable Throwable cause) {
        super("malformed query result: " + message, cause);
    }
}
