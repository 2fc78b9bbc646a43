package io.sluice.runtime;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a {@link Store} and of each call into it, and what its guests see of their host. Immutable: each {@code with…}
 * returns a copy and refuses what makes no sense.
 *
 * <p>Nothing is unlimited unless {@link #unlimitedFuel()} or {@link #noDeadline()} asks for it.
 */
public final class StoreConfig {
    /** Says "not limited" at the boundary. */
    static final long NONE = -1;

    private static final int MAX_COUNT = 10_000;

    private static final StoreConfig DEFAULTS = new StoreConfig();

    private long fuelPerCall = 50_000_000;
    private @Nullable Duration deadline = Duration.ofMillis(100);
    private long maxMemoryBytes = 64L << 20;
    private int maxTableElements = 100_000;
    private int maxInstances = 16;
    private int maxMemories = 16;
    private int maxTables = 16;
    private int maxLogBytes = 64 << 10;
    private @Nullable MemoryBudget memoryBudget;
    private List<String> arguments = List.of("plugin");
    private Map<String, String> environment = Map.of();
    private Duration clockResolution = Duration.ofMillis(1);

    private StoreConfig() {}

    private StoreConfig(StoreConfig from) {
        fuelPerCall = from.fuelPerCall;
        deadline = from.deadline;
        maxMemoryBytes = from.maxMemoryBytes;
        maxTableElements = from.maxTableElements;
        maxInstances = from.maxInstances;
        maxMemories = from.maxMemories;
        maxTables = from.maxTables;
        maxLogBytes = from.maxLogBytes;
        memoryBudget = from.memoryBudget;
        arguments = from.arguments;
        environment = from.environment;
        clockResolution = from.clockResolution;
    }

    /** The limits that suit most. */
    public static StoreConfig defaults() {
        return DEFAULTS;
    }

    /**
     * Units of work that a call may do, or -1 if that is not limited; 50,000,000 by default. The same guest uses the same.
     *
     * <p>A unit is about an instruction: functions and the turns of loops are charged for their dearest way through, bulk
     * operations one a byte or element, {@code memory.grow} and {@code table.grow} 1,000, host functions for the bytes that they
     * copy. Instances of one store share what a call may use.
     */
    public long fuelPerCall() {
        return fuelPerCall;
    }

    /** A copy with another {@link #fuelPerCall()}: 0 to 2^63 - 1. */
    public StoreConfig withFuelPerCall(long fuel) {
        StoreConfig copy = new StoreConfig(this);
        copy.fuelPerCall = Check.range("fuelPerCall", fuel, 0, Long.MAX_VALUE);
        return copy;
    }

    /** A copy whose calls may do any amount of work. */
    public StoreConfig unlimitedFuel() {
        StoreConfig copy = new StoreConfig(this);
        copy.fuelPerCall = NONE;
        return copy;
    }

    /** How long a call may take, host functions included, or null if that is not limited; 100 ms by default. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    /** A copy with another {@link #deadline()}: 1 ns to 292 years. It is kept to about a millisecond or two. */
    public StoreConfig withDeadline(Duration newDeadline) {
        StoreConfig copy = new StoreConfig(this);
        copy.deadline = Check.positive("deadline", newDeadline);
        return copy;
    }

    /** A copy whose calls may take any time. */
    public StoreConfig noDeadline() {
        StoreConfig copy = new StoreConfig(this);
        copy.deadline = null;
        return copy;
    }

    /** Bytes that one memory of the store may have; 64 MiB by default. */
    public long maxMemoryBytes() {
        return maxMemoryBytes;
    }

    /** A copy with another {@link #maxMemoryBytes()}: 0 to 4 GiB. */
    public StoreConfig withMaxMemoryBytes(long bytes) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxMemoryBytes = Check.range("maxMemoryBytes", bytes, 0, EngineConfig.MAX_MEMORY_BYTES);
        return copy;
    }

    /** Elements that one table of the store may have; 100,000 by default. */
    public int maxTableElements() {
        return maxTableElements;
    }

    /** A copy with another {@link #maxTableElements()}: 0 to 10,000,000. */
    public StoreConfig withMaxTableElements(int elements) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxTableElements = Check.range("maxTableElements", elements, 0, EngineConfig.MAX_TABLE_ELEMENTS);
        return copy;
    }

    /** Instances that the store may have; 16 by default. */
    public int maxInstances() {
        return maxInstances;
    }

    /** A copy with another {@link #maxInstances()}: 0 to 10,000. */
    public StoreConfig withMaxInstances(int instances) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxInstances = Check.range("maxInstances", instances, 0, MAX_COUNT);
        return copy;
    }

    /** Memories that the store may have; 16 by default. */
    public int maxMemories() {
        return maxMemories;
    }

    /** A copy with another {@link #maxMemories()}: 0 to 10,000. */
    public StoreConfig withMaxMemories(int memories) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxMemories = Check.range("maxMemories", memories, 0, MAX_COUNT);
        return copy;
    }

    /** Tables that the store may have; 16 by default. */
    public int maxTables() {
        return maxTables;
    }

    /** A copy with another {@link #maxTables()}: 0 to 10,000. */
    public StoreConfig withMaxTables(int tables) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxTables = Check.range("maxTables", tables, 0, MAX_COUNT);
        return copy;
    }

    /** Bytes of log that one call may leave, 8 of them for each record; 64 KiB by default. What is beyond is dropped. */
    public int maxLogBytes() {
        return maxLogBytes;
    }

    /** A copy with another {@link #maxLogBytes()}: 0 to 1 GiB. */
    public StoreConfig withMaxLogBytes(int bytes) {
        StoreConfig copy = new StoreConfig(this);
        copy.maxLogBytes = Check.range("maxLogBytes", bytes, 0, 1 << 30);
        return copy;
    }

    /** The budget that the store's memories share with other stores, or null; null by default. */
    public @Nullable MemoryBudget memoryBudget() {
        return memoryBudget;
    }

    /** A copy with another {@link #memoryBudget()}; the budget stays its maker's. */
    public StoreConfig withMemoryBudget(@Nullable MemoryBudget budget) {
        StoreConfig copy = new StoreConfig(this);
        copy.memoryBudget = budget;
        return copy;
    }

    /** What a guest sees as its arguments; one, {@code plugin}, by default. */
    public List<String> arguments() {
        return arguments;
    }

    /** A copy with other {@link #arguments()}: at least one, without NUL. Some toolchains trap at start when there is none. */
    public StoreConfig withArguments(List<String> newArguments) {
        Objects.requireNonNull(newArguments, "newArguments");
        if (newArguments.isEmpty()) {
            throw new IllegalArgumentException("arguments is empty, there must be at least one: the guest's own name");
        }
        newArguments.forEach(argument -> withoutNul("argument", argument));
        StoreConfig copy = new StoreConfig(this);
        copy.arguments = List.copyOf(newArguments);
        return copy;
    }

    /** What a guest sees as its environment; nothing by default. */
    public Map<String, String> environment() {
        return environment;
    }

    /** A copy with another {@link #environment()}: names that are not empty and have no {@code =}, nothing with a NUL. */
    public StoreConfig withEnvironment(Map<String, String> newEnvironment) {
        Objects.requireNonNull(newEnvironment, "newEnvironment");
        Map<String, String> ordered = new LinkedHashMap<>();
        newEnvironment.forEach((name, value) -> {
            withoutNul("environment variable", name);
            withoutNul("environment variable " + name, value);
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException(
                        "environment variable \"" + name + "\": a name must not be empty nor contain '='");
            }
            ordered.put(name, value);
        });
        StoreConfig copy = new StoreConfig(this);
        copy.environment = java.util.Collections.unmodifiableMap(ordered);
        return copy;
    }

    /** The step of the clocks that a guest sees; 1 ms by default. */
    public Duration clockResolution() {
        return clockResolution;
    }

    /** A copy with another {@link #clockResolution()}: 1 ns to 292 years. A fine one lets guests time their host. */
    public StoreConfig withClockResolution(Duration resolution) {
        StoreConfig copy = new StoreConfig(this);
        copy.clockResolution = Check.positive("clockResolution", resolution);
        return copy;
    }

    private static void withoutNul(String what, String text) {
        Objects.requireNonNull(text, what);
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " contains a NUL, at which the guest would end it");
        }
    }

    /** In the order of the boundary; a test compares it with the native library's. */
    long[] limits() {
        Duration ends = deadline;
        return new long[] {
            fuelPerCall,
            ends == null ? NONE : ends.toNanos(),
            maxMemoryBytes,
            maxTableElements,
            maxInstances,
            maxMemories,
            maxTables,
            maxLogBytes,
            clockResolution.toNanos()
        };
    }

    @Override
    public String toString() {
        return "StoreConfig[fuelPerCall=" + (fuelPerCall == NONE ? "unlimited" : Long.toString(fuelPerCall))
                + ", deadline=" + (deadline == null ? "none" : deadline.toString()) + ", maxMemoryBytes="
                + maxMemoryBytes + ", maxTableElements=" + maxTableElements + ", maxInstances=" + maxInstances
                + ", maxMemories=" + maxMemories + ", maxTables=" + maxTables + ", maxLogBytes=" + maxLogBytes
                + ", memoryBudget=" + memoryBudget + ", arguments=" + arguments + ", environment="
                + environment.keySet() + ", clockResolution=" + clockResolution + "]";
    }
}
