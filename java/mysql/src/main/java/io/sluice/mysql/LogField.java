package io.sluice.mysql;

/**
 * A value of a log record with its name, for who writes records as fields; in a text it is the value.
 *
 * @param name the field's name
 * @param value its value
 */
public record LogField(String name, String value) {
    /** The value. */
    @Override
    public String toString() {
        return value;
    }
}
