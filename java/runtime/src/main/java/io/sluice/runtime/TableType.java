package io.sluice.runtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a table.
 *
 * @param element the type of its elements
 * @param min elements that it begins with
 * @param max elements that it may grow to, if its module says
 */
public record TableType(ValueType element, long min, OptionalLong max) implements ExternType {
    /** Checks that nothing is missing. */
    public TableType {
        Objects.requireNonNull(element, "element");
        Objects.requireNonNull(max, "max");
    }

    /** As in messages: {@code table funcref 1 2}. */
    @Override
    public String toString() {
        return "table " + element + " " + min + (max.isPresent() ? " " + max.getAsLong() : "");
    }
}
