package io.sluice.plugin;

/** What can be expected of a plugin now. */
public enum PluginState {
    /** It takes calls. */
    SERVING,
    /** It takes no new calls; those that run are let finish. */
    DRAINING,
    /** It is closed and everything it held is freed. */
    CLOSED
}
