package io.sluice.runtime;

import java.util.Objects;

/**
 * What a module exports.
 *
 * @param name its name
 * @param type what is there
 */
public record ExportType(String name, ExternType type) {
    /** Checks that nothing is missing. */
    public ExportType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
