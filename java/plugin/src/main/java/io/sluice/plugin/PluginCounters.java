package io.sluice.plugin;

import io.sluice.runtime.TrapKind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a plugin has done so far, all its versions together; a snapshot.
 *
 * <p>Each instance counts for itself and without synchronisation, so a snapshot taken while calls run may miss the last of them. Read
 * when the plugin is idle it is exact.
 *
 * @param beforeCalls calls of the guest before a request was executed
 * @param afterCalls calls of the guest after a request was executed
 * @param rejects calls before that ended with the guest's own error
 * @param rewrites calls before that changed the request
 * @param resultRewrites calls after that changed the result
 * @param traps traps by kind, without the kinds that did not happen
 * @param limits calls ended by a limit other than fuel, deadline and stack, which are traps
 * @param exits calls in which the guest ended itself
 * @param starts instances that served
 * @param startsOnRequest those of them that a request had to wait for, because none was made ahead
 * @param fuel fuel used by all calls
 * @param memoryHighWaterBytes the largest memory that one instance had after a call
 * @param logRecords log records handed to the logger
 * @param logDropped log records dropped by the limit per call or the rate per second
 * @param noInstance requests for which no instance was free in time
 */
public record PluginCounters(
        long beforeCalls,
        long afterCalls,
        long rejects,
        long rewrites,
        long resultRewrites,
        Map<TrapKind, Long> traps,
        long limits,
        long exits,
        long starts,
        long startsOnRequest,
        long fuel,
        long memoryHighWaterBytes,
        long logRecords,
        long logDropped,
        long noInstance) {

    /** Copies the map of traps. */
    public PluginCounters {
        traps = Collections.unmodifiableMap(new EnumMap<>(withKeyType(traps)));
    }

    /** The traps of every kind together. */
    public long allTraps() {
        return traps.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The calls that ended by a trap, a limit or an exit. */
    public long failures() {
        return allTraps() + limits + exits;
    }

    private static EnumMap<TrapKind, Long> withKeyType(Map<TrapKind, Long> traps) {
        EnumMap<TrapKind, Long> map = new EnumMap<>(TrapKind.class);
        map.putAll(traps);
        return map;
    }
}
