package io.sluice.plugin;

import io.sluice.runtime.abi.WescaleInstance;

/** The contract between a guest and the host that a plugin was built for, told by its exports and imports. */
public enum PluginAbi {
    /**
     * WeScale's WasmPlugin, the first dialect, by the functions that it imports: {@code GetModuleValueByKeyOnHost},
     * {@code GlobalLockOnHost} and their kin. Entry points and allocator are those of {@link #WESCALE_B}.
     */
    WESCALE_A("wescale v1alpha1, dialect A"),
    /**
     * WeScale's WasmPlugin, SDK v0.1: {@code RunBeforeExecutionOnGuest(i64, i64)}, {@code RunAfterExecutionOnGuest()},
     * {@code proxy_on_memory_allocate}.
     */
    WESCALE_B("wescale v1alpha1, dialect B"),
    /**
     * WeScale's WasmPlugin, the current dialect: {@code RunBeforeExecutionOnGuest(i64)}, {@code RunAfterExecutionOnGuest(i64)},
     * {@code malloc}.
     */
    WESCALE_C("wescale v1alpha1, dialect C");

    private final String title;

    PluginAbi(String title) {
        this.title = title;
    }

    static PluginAbi of(WescaleInstance.Dialect dialect) {
        return switch (dialect) {
            case A -> WESCALE_A;
            case B -> WESCALE_B;
            case C -> WESCALE_C;
        };
    }

    /** The ABI as messages spell it. */
    @Override
    public String toString() {
        return title;
    }
}
