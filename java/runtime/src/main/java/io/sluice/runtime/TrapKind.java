package io.sluice.runtime;

/** Why guest code ended abnormally. The order is part of the boundary; a test compares it with the native library's. */
public enum TrapKind {
    /** None of the others. */
    OTHER,
    /** The instruction {@code unreachable}: what most languages make of a panic or an abort. */
    UNREACHABLE,
    /** A load or store outside the memory. */
    MEMORY_OUT_OF_BOUNDS,
    /** An access outside a table. */
    TABLE_OUT_OF_BOUNDS,
    /** An indirect call through a null element. */
    INDIRECT_CALL_TO_NULL,
    /** An indirect call of a func of another type. */
    BAD_SIGNATURE,
    /** The smallest integer divided by -1. */
    INTEGER_OVERFLOW,
    /** An integer divided by zero. */
    INTEGER_DIVISION_BY_ZERO,
    /** A float that no integer of the asked width can hold, or NaN. */
    BAD_CONVERSION_TO_INTEGER,
    /** The guest recursed deeper than {@link EngineConfig#maxWasmStackBytes()} allows. */
    STACK_OVERFLOW,
    /** The call's fuel is used up. */
    OUT_OF_FUEL,
    /** The call's deadline has passed; time in host functions counts. */
    DEADLINE_EXCEEDED,
    /** A host function failed without an exception of its own. */
    HOST_FUNCTION
}
