package io.sluice.testkit;

import io.sluice.plugin.QueryProperty;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A query, what is known of it, and what the database would answer; immutable.
 *
 * <p>By default nothing is known of it and the database answers with no rows and no changes.
 */
public final class Statement {
    private final String text;
    private final Map<QueryProperty, String> properties;
    private final Rows result;
    private final @Nullable String databaseError;

    private Statement(String text, Map<QueryProperty, String> properties, Rows result, @Nullable String databaseError) {
        this.text = text;
        this.properties = properties;
        this.result = result;
        this.databaseError = databaseError;
    }

    /** A query of that text. */
    public static Statement of(String text) {
        return new Statement(Objects.requireNonNull(text, "text"), Map.of(), Rows.none(), null);
    }

    /** The query's text. */
    public String text() {
        return text;
    }

    /** The properties that a plugin may ask for. */
    public Map<QueryProperty, String> properties() {
        return properties;
    }

    /** A copy with one property more. */
    public Statement withProperty(QueryProperty property, String value) {
        Map<QueryProperty, String> more = new EnumMap<>(QueryProperty.class);
        more.putAll(properties);
        more.put(property, value);
        return new Statement(text, more, result, databaseError);
    }

    /** What the database answers. */
    public Rows result() {
        return result;
    }

    /** A copy to which the database answers that. */
    public Statement withResult(Rows value) {
        return new Statement(text, properties, Objects.requireNonNull(value, "value"), null);
    }

    /** The error that the database answers with; null for none. */
    public @Nullable String databaseError() {
        return databaseError;
    }

    /** A copy to which the database answers with an error. */
    public Statement withDatabaseError(String message) {
        return new Statement(text, properties, result, Objects.requireNonNull(message, "message"));
    }
}
