package io.sluice.plugin;

/** The contract between a guest and the host that a plugin was built for, told by its exports and imports. */
public enum PluginAbi {
    /** WeScale's WasmPlugin, the current dialect: {@code RunBeforeExecutionOnGuest(i64)}, {@code RunAfterExecutionOnGuest(i64)}, {@code malloc}. */
    WESCALE_C("wescale v1alpha1, dialect C");

    private final String title;

    PluginAbi(String title) {
        this.title = title;
    }

    /** The ABI as messages spell it. */
    @Override
    public String toString() {
        return title;
    }
}
