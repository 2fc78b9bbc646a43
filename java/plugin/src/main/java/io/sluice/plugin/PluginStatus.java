package io.sluice.plugin;

/**
 * Which code a plugin runs and where its instances begin, and why that; a snapshot of its serving version. The details are for people,
 * not for programs.
 *
 * @param codeTier what the compiler did for the code that serves now
 * @param fromCache whether that code was loaded from the host's cache instead of compiled
 * @param codeDetail where the code came from, and what becomes of it
 * @param snapshotted whether new instances begin where another one stood after its start, instead of running the start
 * @param startDetail why they do, or do not
 */
public record PluginStatus(
        CodeTier codeTier, boolean fromCache, String codeDetail, boolean snapshotted, String startDetail) {}
