package io.sluice.runtime;

/** The limits that end in a {@link LimitException}. Fuel, deadline and the guest's stack end in a {@link TrapException}. */
public enum Limit {
    /** Bytes of a module: {@link EngineConfig#maxModuleBytes()}. */
    MODULE_BYTES,
    /** Bytes of one function's body: {@link EngineConfig#maxFunctionBytes()}. */
    FUNCTION_BYTES,
    /** Nanoseconds of compiling: {@link EngineConfig#compileDeadline()}. */
    COMPILE_TIME,
    /** Bytes of one memory. */
    MEMORY_BYTES,
    /** Elements of one table. */
    TABLE_ELEMENTS,
    /** Instances in one store: {@link StoreConfig#maxInstances()}. */
    INSTANCES,
    /** Memories in one store: {@link StoreConfig#maxMemories()}. */
    MEMORIES,
    /** Tables in one store: {@link StoreConfig#maxTables()}. */
    TABLES,
    /** Bytes of memory over all stores of a {@link MemoryBudget}. */
    TOTAL_MEMORY,
    /** Bytes that the calling thread's stack must still have for a guest to be entered. */
    THREAD_STACK,
    /** Instances of an engine at the same time: {@link EngineConfig#maxInstances()}. */
    POOL_SLOTS,
    /** Bytes that a guest may hand out. */
    OUTPUT_BYTES
}
