package io.sluice.runtime;

import java.time.Duration;
import java.util.Objects;

/**
 * Settings of an {@link Engine}. Immutable: each {@code with…} returns a copy and refuses what makes no sense.
 *
 * <p>The defaults admit a standard Go module of 16 MB and functions of 1 MB.
 */
public final class EngineConfig {
    /** No memory with 32-bit addresses can be larger. */
    static final long MAX_MEMORY_BYTES = 4L << 30;

    static final int MAX_TABLE_ELEMENTS = 10_000_000;

    private static final EngineConfig DEFAULTS = new EngineConfig();

    private long maxMemoryBytes = 64L << 20;
    private int maxTableElements = 100_000;
    private int maxInstances = 1000;
    private int maxWasmStackBytes = 256 << 10;
    private int maxModuleBytes = 32 << 20;
    private int maxFunctionBytes = 2 << 20;
    private Duration compileDeadline = Duration.ofMinutes(5);
    private long memoryKeepResidentBytes = 3L << 19;
    private boolean metering = true;
    private TrapMode trapMode = TrapMode.AUTO;
    private boolean inlining = true;
    private boolean optimisation = true;

    private EngineConfig() {}

    private EngineConfig(EngineConfig from) {
        maxMemoryBytes = from.maxMemoryBytes;
        maxTableElements = from.maxTableElements;
        maxInstances = from.maxInstances;
        maxWasmStackBytes = from.maxWasmStackBytes;
        maxModuleBytes = from.maxModuleBytes;
        maxFunctionBytes = from.maxFunctionBytes;
        compileDeadline = from.compileDeadline;
        memoryKeepResidentBytes = from.memoryKeepResidentBytes;
        metering = from.metering;
        trapMode = from.trapMode;
        inlining = from.inlining;
        optimisation = from.optimisation;
    }

    /** The settings that suit most. */
    public static EngineConfig defaults() {
        return DEFAULTS;
    }

    /** Bytes that one memory may have; 64 MiB by default. A store may allow less, not more. */
    public long maxMemoryBytes() {
        return maxMemoryBytes;
    }

    /** A copy with another {@link #maxMemoryBytes()}: 0 to 4 GiB. */
    public EngineConfig withMaxMemoryBytes(long bytes) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxMemoryBytes = Check.range("maxMemoryBytes", bytes, 0, MAX_MEMORY_BYTES);
        return copy;
    }

    /** Elements that one table may have; 100,000 by default. */
    public int maxTableElements() {
        return maxTableElements;
    }

    /** A copy with another {@link #maxTableElements()}: 0 to 10,000,000. */
    public EngineConfig withMaxTableElements(int elements) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxTableElements = Check.range("maxTableElements", elements, 0, MAX_TABLE_ELEMENTS);
        return copy;
    }

    /** Instances that may exist at the same time over all stores of the engine; 1000 by default. Each reserves address space. */
    public int maxInstances() {
        return maxInstances;
    }

    /** A copy with another {@link #maxInstances()}: 1 to 20,000. */
    public EngineConfig withMaxInstances(int instances) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxInstances = Check.range("maxInstances", instances, 1, 20_000);
        return copy;
    }

    /** Bytes of stack that a guest may use; 256 KiB by default. The calling thread must have that and 144 KiB more left. */
    public int maxWasmStackBytes() {
        return maxWasmStackBytes;
    }

    /** A copy with another {@link #maxWasmStackBytes()}: 16 KiB to 64 MiB. */
    public EngineConfig withMaxWasmStackBytes(int bytes) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxWasmStackBytes = Check.range("maxWasmStackBytes", bytes, 16 << 10, 64 << 20);
        return copy;
    }

    /** Bytes that a module may have; 32 MiB by default. Checked before it is compiled. */
    public int maxModuleBytes() {
        return maxModuleBytes;
    }

    /** A copy with another {@link #maxModuleBytes()}: 8 bytes to 1 GiB. */
    public EngineConfig withMaxModuleBytes(int bytes) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxModuleBytes = Check.range("maxModuleBytes", bytes, 8, 1 << 30);
        return copy;
    }

    /** Bytes that the body of one function may have; 2 MiB by default. Checked before it is compiled. */
    public int maxFunctionBytes() {
        return maxFunctionBytes;
    }

    /** A copy with another {@link #maxFunctionBytes()}: 16 bytes to 128 MiB. */
    public EngineConfig withMaxFunctionBytes(int bytes) {
        EngineConfig copy = new EngineConfig(this);
        copy.maxFunctionBytes = Check.range("maxFunctionBytes", bytes, 16, 128 << 20);
        return copy;
    }

    /** How long a module may take to compile; 5 min by default. */
    public Duration compileDeadline() {
        return compileDeadline;
    }

    /** A copy with another {@link #compileDeadline()}: 1 ns to 292 years. */
    public EngineConfig withCompileDeadline(Duration deadline) {
        EngineConfig copy = new EngineConfig(this);
        copy.compileDeadline = Check.positive("compileDeadline", deadline);
        return copy;
    }

    /**
     * Bytes of each memory that stay in RAM when its instance ends, to be cleared by copying; 1.5 MiB by default. What a guest
     * uses above that costs a page fault of 2 to 3 µs for each 4 KiB in every new instance.
     */
    public long memoryKeepResidentBytes() {
        return memoryKeepResidentBytes;
    }

    /** A copy with another {@link #memoryKeepResidentBytes()}: 0 to 4 GiB. */
    public EngineConfig withMemoryKeepResidentBytes(long bytes) {
        EngineConfig copy = new EngineConfig(this);
        copy.memoryKeepResidentBytes = Check.range("memoryKeepResidentBytes", bytes, 0, MAX_MEMORY_BYTES);
        return copy;
    }

    /** Whether guests are metered; true by default. Without it fuel and deadline are not kept: for trusted guests only. */
    public boolean metering() {
        return metering;
    }

    /** A copy with another {@link #metering()}. */
    public EngineConfig withMetering(boolean on) {
        EngineConfig copy = new EngineConfig(this);
        copy.metering = on;
        return copy;
    }

    /** How traps are found; {@link TrapMode#AUTO} by default. */
    public TrapMode trapMode() {
        return trapMode;
    }

    /** A copy with another {@link #trapMode()}. */
    public EngineConfig withTrapMode(TrapMode mode) {
        EngineConfig copy = new EngineConfig(this);
        copy.trapMode = Objects.requireNonNull(mode, "mode");
        return copy;
    }

    /** Whether the compiler inlines small functions; true by default. Faster code, longer compiling, fewer {@link TrapException#frames()}. */
    public boolean inlining() {
        return inlining;
    }

    /** A copy with another {@link #inlining()}. */
    public EngineConfig withInlining(boolean on) {
        EngineConfig copy = new EngineConfig(this);
        copy.inlining = on;
        return copy;
    }

    /**
     * Whether the compiler optimises; true by default. Without it, and without {@link #inlining()}, compiling takes half to a third of
     * the time, and the code is slower: for a plugin that must answer soon. Code of one setting cannot be loaded into an engine of another.
     */
    public boolean optimisation() {
        return optimisation;
    }

    /** A copy with another {@link #optimisation()}. */
    public EngineConfig withOptimisation(boolean on) {
        EngineConfig copy = new EngineConfig(this);
        copy.optimisation = on;
        return copy;
    }

    /** In the order of the boundary; a test compares it with the native library's. */
    long[] settings() {
        return new long[] {
            maxMemoryBytes,
            maxTableElements,
            maxInstances,
            maxWasmStackBytes,
            maxModuleBytes,
            maxFunctionBytes,
            compileDeadline.toNanos(),
            memoryKeepResidentBytes,
            metering ? 1 : 0,
            trapMode.code(),
            inlining ? 1 : 0,
            optimisation ? 1 : 0
        };
    }

    @Override
    public String toString() {
        return "EngineConfig[maxMemoryBytes=" + maxMemoryBytes + ", maxTableElements=" + maxTableElements
                + ", maxInstances=" + maxInstances + ", maxWasmStackBytes=" + maxWasmStackBytes + ", maxModuleBytes="
                + maxModuleBytes + ", maxFunctionBytes=" + maxFunctionBytes + ", compileDeadline=" + compileDeadline
                + ", memoryKeepResidentBytes=" + memoryKeepResidentBytes + ", metering=" + metering + ", trapMode="
                + trapMode + ", inlining=" + inlining + ", optimisation=" + optimisation + "]";
    }
}
