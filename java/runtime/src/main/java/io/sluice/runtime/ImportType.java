package io.sluice.runtime;

import java.util.Objects;

/**
 * What a module imports.
 *
 * @param module first part of its name
 * @param name second part of its name
 * @param type what is expected there
 */
public record ImportType(String module, String name, ExternType type) {
    /** Checks that nothing is missing. */
    public ImportType {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
