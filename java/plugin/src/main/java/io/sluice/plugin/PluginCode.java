package io.sluice.plugin;

import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Module;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleSnapshot;
import java.util.Optional;

/**
 * A plugin's code, compiled by the engine of one tier and linked there.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Owns module and instance-pre; the version that runs it closes it.
 */
final class PluginCode implements AutoCloseable {
    private static final String MODULE = "module";
    private static final String SNAPSHOT = "snapshot ";

    final Module module;
    final InstancePre pre;
    final TierEngine made;
    final boolean fromCache;

    /** What is in the cache besides the module's bytes is known by this. */
    private final String form;

    private PluginCode(Module module, InstancePre pre, TierEngine made, boolean fromCache, String form) {
        this.module = module;
        this.pre = pre;
        this.made = made;
        this.fromCache = fromCache;
        this.form = form;
    }

    /**
     * @throws io.sluice.runtime.WasmException if the bytes are no module, or one that asks for what the host does not offer
     */
    static PluginCode compile(TierEngine on, byte[] wasm) {
        return link(on, Module.compile(on.engine(), wasm), false, MODULE);
    }

    /** The code of a snapshot, which takes over the module. */
    static PluginCode ofSnapshot(TierEngine on, Module snapshot, WescaleConfig config) {
        return link(on, snapshot, false, snapshotForm(config));
    }

    /** What the cache has of it for that tier. */
    static Optional<PluginCode> load(TierEngine on, ModuleCache cache, String wasmSha256, String plugin) {
        return load(on, cache, wasmSha256, plugin, MODULE);
    }

    /** The snapshot that the cache has for that tier and configuration. */
    static Optional<PluginCode> loadSnapshot(
            TierEngine on, ModuleCache cache, String wasmSha256, String plugin, WescaleConfig config) {
        return load(on, cache, wasmSha256, plugin, snapshotForm(config));
    }

    private static Optional<PluginCode> load(
            TierEngine on, ModuleCache cache, String wasmSha256, String plugin, String form) {
        return cache.load(on.engine(), cache.file(on.engine(), wasmSha256, form), plugin)
                .map(module -> link(on, module, true, form));
    }

    /** What a plugin reads at its start is in the snapshot, so another configuration has another one. */
    private static String snapshotForm(WescaleConfig config) {
        return SNAPSHOT + WescaleSnapshot.inputs(config);
    }

    boolean isSnapshot() {
        return form.startsWith(SNAPSHOT);
    }

    private static PluginCode link(TierEngine on, Module module, boolean fromCache, String form) {
        boolean linked = false;
        try {
            PluginCode code = new PluginCode(module, on.linker().instantiatePre(module), on, fromCache, form);
            linked = true;
            return code;
        } finally {
            if (!linked) {
                module.close();
            }
        }
    }

    /** Puts it into the cache, for the next time. */
    void keep(ModuleCache cache, String wasmSha256, String plugin) {
        if (!fromCache) {
            cache.store(module, cache.file(made.engine(), wasmSha256, form), plugin);
        }
    }

    /** Takes it out of the cache: there is better code now. */
    void forget(ModuleCache cache, String wasmSha256) {
        cache.remove(cache.file(made.engine(), wasmSha256, form));
    }

    @Override
    public void close() {
        pre.close();
        module.close();
    }
}
