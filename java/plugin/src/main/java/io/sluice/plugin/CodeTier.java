package io.sluice.plugin;

/** How much work the compiler has put into a plugin's code. */
public enum CodeTier {
    /** Compiled as fast as possible, so that the plugin can answer; slower to run. */
    QUICK,
    /** Compiled with every optimisation that the host's engine config has on. */
    OPTIMISED
}
