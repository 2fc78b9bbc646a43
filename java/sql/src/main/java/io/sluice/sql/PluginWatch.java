package io.sluice.sql;

import io.sluice.plugin.Plugin;

/**
 * Says which plugins may be called on a thread that must not be held up, and is told what their calls took.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> Both methods are on the path of every query that a plugin sees.
 */
public interface PluginWatch {
    /** Whether a plugin is quick enough for {@link QueryExecution#beforeAtOnce}. */
    boolean isQuick(Plugin plugin);

    /**
     * A plugin was called for one query, before and after together.
     *
     * @param nanos the time of its calls, without the query's own
     * @param fuel the fuel of its calls
     * @param atHand whether the instance was there already; if not, the time is that of its start, too
     */
    void called(Plugin plugin, long nanos, long fuel, boolean atHand);

    /** A filter matched a query, and has made of it what it will. */
    default void applied(SqlFilter filter, FilterOutcome outcome) {}
}
