package io.sluice.sql;

import io.sluice.plugin.Plugin;
import java.util.Objects;

/** What a filter does with a query that its pattern matches. */
public sealed interface FilterAction {

    /**
     * Calls a plugin before the query is executed and after: WeScale's {@code WASM_PLUGIN}.
     *
     * @param plugin the plugin; closed by whoever loaded it
     */
    record WasmPlugin(Plugin plugin) implements FilterAction {
        /** Checks that there is a plugin. */
        public WasmPlugin {
            Objects.requireNonNull(plugin, "plugin");
        }
    }
}
