package io.sluice.plugin;

/**
 * What becomes of a request whose plugin fails: traps, exhausts a limit, exits, or has no instance free.
 *
 * <p>A plugin that rejects a request has not failed: its answer counts under either policy.
 */
public enum FailPolicy {
    /** The request fails with the plugin's failure. The default: a filter that protects something must not be lost in silence. */
    CLOSED,
    /** The request goes on as if the plugin was not there; the failure is counted. */
    OPEN
}
