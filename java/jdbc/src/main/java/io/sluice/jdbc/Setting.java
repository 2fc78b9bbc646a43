package io.sluice.jdbc;

import io.sluice.sql.SqlRequest;
import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Method;
import java.net.URL;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A call that set something on a statement, to be repeated on another one. */
final class Setting {
    private final Method method;
    private final Object[] args;
    private final boolean stream;
    private @Nullable Statement reader;

    Setting(Method method, Object[] args) {
        this.method = method;
        this.args = args.clone();
        boolean found = false;
        for (Object arg : args) {
            found |= arg instanceof InputStream || arg instanceof Reader;
        }
        this.stream = found;
    }

    Method method() {
        return method;
    }

    /** Whether the value is a stream, which can be given to one statement only, and is given to it when that is known. */
    boolean isStream() {
        return stream;
    }

    /** The number or the name of the placeholder. */
    Object place() {
        return args[0];
    }

    /** Whether the call says that the placeholder is one that the database fills. */
    boolean isOutput() {
        return method.getName().startsWith("register");
    }

    /** The value that a placeholder was given, as filters know it. */
    @Nullable
    Object value() {
        Object value = method.getName().equals("setNull") || args.length < 2 ? null : args[1];
        return value == null || hasText(value) ? value : SqlRequest.UNKNOWN_VALUE;
    }

    /** Whether a value's text says what is sent; a stream, a LOB, an array or an object of the driver's is not looked into. */
    private static boolean hasText(Object value) {
        return value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof byte[]
                || value instanceof java.util.Date
                || value instanceof TemporalAccessor
                || value instanceof TemporalAmount
                || value instanceof UUID
                || value instanceof Enum
                || value instanceof URL;
    }

    /** Repeats the call. */
    void applyTo(Statement statement) throws SQLException {
        if (stream && reader != null) {
            throw Errors.of("the stream given to " + method.getName()
                    + " was read when the statement was executed or added to the batch, and the text has been"
                    + " rewritten since, or the batch is filtered row by row; give the stream again before each"
                    + " execution, or the value as bytes or text");
        }
        Delegating.call(statement, method, args);
        if (stream) {
            reader = statement;
        }
    }

    /** Gives a stream to the statement that was first to be executed; any other value it has already. */
    void applyStreamTo(Statement statement) throws SQLException {
        if (stream && reader != statement) {
            applyTo(statement);
        }
    }
}
