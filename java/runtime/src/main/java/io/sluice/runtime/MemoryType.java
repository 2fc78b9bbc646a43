package io.sluice.runtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a memory.
 *
 * @param minPages pages of 64 KiB that it begins with
 * @param maxPages pages that it may grow to, if its module says
 */
public record MemoryType(long minPages, OptionalLong maxPages) implements ExternType {
    /** Checks that nothing is missing. */
    public MemoryType {
        Objects.requireNonNull(maxPages, "maxPages");
    }

    /** As in messages: {@code memory 1 2}. */
    @Override
    public String toString() {
        return "memory " + minPages + (maxPages.isPresent() ? " " + maxPages.getAsLong() : "");
    }
}
