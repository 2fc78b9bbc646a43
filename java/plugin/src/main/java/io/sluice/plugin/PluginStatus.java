package io.sluice.plugin;

/**
 * Which code a plugin runs, and why that; a snapshot of its serving version.
 *
 * @param codeTier what the compiler did for the code that serves now
 * @param fromCache whether that code was loaded from the host's cache instead of compiled
 * @param codeDetail where the code came from, and what becomes of it: for people, not for programs
 */
public record PluginStatus(CodeTier codeTier, boolean fromCache, String codeDetail) {}
