package io.sluice.sql;

import io.sluice.plugin.Plugin;
import java.util.Objects;

/** What a filter does with a query that its pattern matches. */
public sealed interface FilterAction
        permits FilterAction.Continue,
                FilterAction.Fail,
                FilterAction.FailRetry,
                FilterAction.Buffer,
                ConcurrencyControl,
                FilterAction.WasmPlugin {

    /** The name in the statements that make filters: {@code WASM_PLUGIN}. */
    String actionName();

    /** Does nothing: {@code CONTINUE}. */
    record Continue() implements FilterAction {
        @Override
        public String actionName() {
            return "CONTINUE";
        }
    }

    /** Refuses the query with {@code disallowed due to rule: NAME}: {@code FAIL}. */
    record Fail() implements FilterAction {
        @Override
        public String actionName() {
            return "FAIL";
        }
    }

    /**
     * Refuses the query as {@link Fail} does, and says that the client may try again: {@code FAIL_RETRY}.
     *
     * @see QueryExecution#isRetryable()
     */
    record FailRetry() implements FilterAction {
        @Override
        public String actionName() {
            return "FAIL_RETRY";
        }
    }

    /** Lets the query wait until its rule is cancelled, which a filter's never has to be, so that it passes at once: {@code BUFFER}. */
    record Buffer() implements FilterAction {
        @Override
        public String actionName() {
            return "BUFFER";
        }
    }

    /**
     * Calls a plugin before the query is executed and after: {@code WASM_PLUGIN}.
     *
     * @param plugin the plugin; closed by whoever loaded it
     */
    record WasmPlugin(Plugin plugin) implements FilterAction {
        /** Checks that there is a plugin. */
        public WasmPlugin {
            Objects.requireNonNull(plugin, "plugin");
        }

        @Override
        public String actionName() {
            return "WASM_PLUGIN";
        }
    }
}
