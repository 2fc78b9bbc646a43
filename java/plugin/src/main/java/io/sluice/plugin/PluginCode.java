package io.sluice.plugin;

import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Module;
import java.util.Optional;

/**
 * A plugin's code, compiled by the engine of one tier and linked there.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Owns module and instance-pre; the version that runs it closes it.
 */
final class PluginCode implements AutoCloseable {
    final Module module;
    final InstancePre pre;
    final TierEngine made;
    final boolean fromCache;

    private PluginCode(Module module, InstancePre pre, TierEngine made, boolean fromCache) {
        this.module = module;
        this.pre = pre;
        this.made = made;
        this.fromCache = fromCache;
    }

    /**
     * @throws io.sluice.runtime.WasmException if the bytes are no module, or one that asks for what the host does not offer
     */
    static PluginCode compile(TierEngine on, byte[] wasm) {
        return link(on, Module.compile(on.engine(), wasm), false);
    }

    /** What the cache has of it for that tier. */
    static Optional<PluginCode> load(TierEngine on, ModuleCache cache, String wasmSha256, String plugin) {
        return cache.load(on.engine(), cache.file(on.engine(), wasmSha256, ModuleCache.MODULE), plugin)
                .map(module -> link(on, module, true));
    }

    private static PluginCode link(TierEngine on, Module module, boolean fromCache) {
        boolean linked = false;
        try {
            PluginCode code = new PluginCode(module, on.linker().instantiatePre(module), on, fromCache);
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
            cache.store(module, cache.file(made.engine(), wasmSha256, ModuleCache.MODULE), plugin);
        }
    }

    /** Takes it out of the cache: there is better code now. */
    void forget(ModuleCache cache, String wasmSha256) {
        cache.remove(cache.file(made.engine(), wasmSha256, ModuleCache.MODULE));
    }

    @Override
    public void close() {
        pre.close();
        module.close();
    }
}
