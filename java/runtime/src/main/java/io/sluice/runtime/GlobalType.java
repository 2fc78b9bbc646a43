package io.sluice.runtime;

import java.util.Objects;

/**
 * The type of a global.
 *
 * @param value the type of its value
 * @param mutable whether it can be set
 */
public record GlobalType(ValueType value, boolean mutable) implements ExternType {
    /** Checks that nothing is missing. */
    public GlobalType {
        Objects.requireNonNull(value, "value");
    }

    /** As in messages: {@code global mut i32}. */
    @Override
    public String toString() {
        return (mutable ? "global mut " : "global ") + value;
    }
}
