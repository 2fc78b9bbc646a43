package io.sluice.cli.plugin;

import io.sluice.plugin.Phase;
import io.sluice.plugin.PluginException;
import java.nio.file.Path;
import java.util.Objects;

/** What kind of plugin a file turned out to be. */
final class Abi {
    private Abi() {}

    /** In words, whatever it is. */
    static String of(WasmFile file) {
        for (WasmFile.External export : file.exports()) {
            if (export.name().startsWith("proxy_abi_version_")) {
                return "Proxy-Wasm "
                        + export.name().substring("proxy_abi_version_".length()).replace('_', '.');
            }
        }
        boolean before = file.exports("RunBeforeExecutionOnGuest");
        if (before && file.exports("malloc") && !file.exports("proxy_on_memory_allocate")) {
            return "WeScale v1alpha1, dialect C";
        }
        if (before) {
            return "WeScale v1alpha1, dialect A or B";
        }
        if (file.exports("proxy_on_context_create")) {
            return "Proxy-Wasm";
        }
        if (file.importsFrom("extism:host/env")) {
            return "Extism";
        }
        if (file.exports("_start")) {
            return "a WASI command";
        }
        return file.exports().isEmpty() ? "a module that exports nothing" : "a module of no ABI known here";
    }

    /** The host's refusal, and for a file of another ABI which one that is. */
    static RuntimeException explain(Path module, PluginException e) {
        if (e.phase() != Phase.LOAD) {
            return e;
        }
        WasmFile file = WasmFile.read(module);
        String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
        return file.exports("RunBeforeExecutionOnGuest")
                ? e
                : new CommandException(module + " is no SQL plugin: it is " + of(file) + ". " + message);
    }
}
