package io.sluice.plugin;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Linker;

/**
 * An engine with its linker, and what its code is: code of one tier can run on no other's engine.
 *
 * <p><b>Threads.</b> Shared. <b>Ownership.</b> Owns both.
 */
record TierEngine(CodeTier tier, Engine engine, Linker linker) implements AutoCloseable {

    /**
     * @throws IllegalArgumentException if there is not address space enough
     */
    static TierEngine create(EngineConfig config) {
        Engine engine = Engine.create(config);
        CodeTier tier = config.optimisation() ? CodeTier.OPTIMISED : CodeTier.QUICK;
        return new TierEngine(tier, engine, Linker.create(engine).defineWasi().defineWescale());
    }

    /** The settings of an engine that compiles fast: all others are the same, so that a plugin meets the same walls. */
    static EngineConfig quick(EngineConfig config) {
        return config.withOptimisation(false).withInlining(false);
    }

    @Override
    public void close() {
        linker.close();
        engine.close();
    }
}
