package io.sluice.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The numbers of this package that cross the boundary. */
public final class BoundaryCodes {
    private BoundaryCodes() {}

    /** Adds them as {@code group.NAME}. */
    public static void addTo(Map<String, Long> codes) {
        List<TrapKind> kinds = List.of(TrapKind.values());
        kinds.forEach(kind -> codes.put("trap." + kind.name(), (long) kinds.indexOf(kind)));
        List<Limit> limits = List.of(Limit.values());
        limits.forEach(limit -> codes.put("limit." + limit.name(), (long) limits.indexOf(limit)));
        codes.put("extern.FUNC", (long) Instance.KIND_FUNC);
        codes.put("extern.MEMORY", (long) Instance.KIND_MEMORY);
        codes.put("extern.GLOBAL", (long) Instance.KIND_GLOBAL);
        codes.put("extern.TABLE", (long) Instance.KIND_TABLE);
        // By distinct values: where a value stands in the array is its number.
        long[] settings = EngineConfig.defaults()
                .withMaxMemoryBytes(100_000)
                .withMaxTableElements(100_001)
                .withMaxInstances(10_002)
                .withMaxWasmStackBytes(100_003)
                .withMaxModuleBytes(100_004)
                .withMaxFunctionBytes(100_005)
                .withCompileDeadline(java.time.Duration.ofNanos(100_006))
                .withMemoryKeepResidentBytes(100_007)
                .withMetering(true)
                .withTrapMode(TrapMode.EXPLICIT)
                .withInlining(false)
                .settings();
        position(codes, "engine.MAX_MEMORY_BYTES", settings, 100_000);
        position(codes, "engine.MAX_TABLE_ELEMENTS", settings, 100_001);
        position(codes, "engine.MAX_INSTANCES", settings, 10_002);
        position(codes, "engine.MAX_WASM_STACK_BYTES", settings, 100_003);
        position(codes, "engine.MAX_MODULE_BYTES", settings, 100_004);
        position(codes, "engine.MAX_FUNCTION_BYTES", settings, 100_005);
        position(codes, "engine.COMPILE_DEADLINE_NANOS", settings, 100_006);
        position(codes, "engine.KEEP_RESIDENT_BYTES", settings, 100_007);
        position(codes, "engine.METERING", settings, 1);
        position(codes, "engine.TRAPS", settings, TrapMode.EXPLICIT.code());
        position(codes, "engine.INLINING", settings, 0);
        long[] changed = EngineConfig.defaults().withOptimisation(false).settings();
        codes.put("engine.OPTIMISATION", (long)
                Arrays.mismatch(EngineConfig.defaults().settings(), changed));
        long[] limitsOfStore = StoreConfig.defaults()
                .withFuelPerCall(1)
                .withDeadline(java.time.Duration.ofNanos(2))
                .withMaxMemoryBytes(3)
                .withMaxTableElements(4)
                .withMaxInstances(5)
                .withMaxMemories(6)
                .withMaxTables(7)
                .withMaxLogBytes(8)
                .withClockResolution(java.time.Duration.ofNanos(9))
                .limits();
        position(codes, "store.FUEL_PER_CALL", limitsOfStore, 1);
        position(codes, "store.DEADLINE_NANOS", limitsOfStore, 2);
        position(codes, "store.MAX_MEMORY_BYTES", limitsOfStore, 3);
        position(codes, "store.MAX_TABLE_ELEMENTS", limitsOfStore, 4);
        position(codes, "store.MAX_INSTANCES", limitsOfStore, 5);
        position(codes, "store.MAX_MEMORIES", limitsOfStore, 6);
        position(codes, "store.MAX_TABLES", limitsOfStore, 7);
        position(codes, "store.MAX_LOG_BYTES", limitsOfStore, 8);
        position(codes, "store.CLOCK_RESOLUTION_NANOS", limitsOfStore, 9);
    }

    private static void position(Map<String, Long> codes, String name, long[] values, long value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                codes.put(name, (long) i);
                return;
            }
        }
        throw new AssertionError(name);
    }
}
