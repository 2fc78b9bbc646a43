package io.sluice.sql;

import io.sluice.plugin.PluginSource;
import java.io.IOException;

/**
 * Where a proxy keeps its plugins' binaries, by the names that filters use: a folder, a table.
 *
 * <p><b>Threads.</b> Called by the thread that makes or alters a filter, one at a time.
 */
@FunctionalInterface
public interface PluginBinaries {
    /**
     * The binary of that name.
     *
     * @throws IOException if there is none, or it cannot be read; the message says why
     */
    PluginSource find(String name) throws IOException;
}
