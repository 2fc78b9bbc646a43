package io.sluice.plugin;

import io.sluice.runtime.ExitException;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.WasmException;
import java.util.EnumMap;

/**
 * The counters of one lease, plain fields.
 *
 * <p>Only the thread that holds the lease writes them; a reader may see them late but sees each as a whole.
 */
final class Tally {
    long beforeCalls;
    long afterCalls;
    long rejects;
    long rewrites;
    long resultRewrites;
    final EnumMap<TrapKind, Long> traps = new EnumMap<>(TrapKind.class);
    long limits;
    long exits;
    long starts;
    long startsOnRequest;
    long fuel;
    long memoryHighWaterBytes;
    long logRecords;
    long logDropped;

    void add(Tally other) {
        beforeCalls += other.beforeCalls;
        afterCalls += other.afterCalls;
        rejects += other.rejects;
        rewrites += other.rewrites;
        resultRewrites += other.resultRewrites;
        other.traps.forEach((kind, count) -> traps.merge(kind, count, Long::sum));
        limits += other.limits;
        exits += other.exits;
        starts += other.starts;
        startsOnRequest += other.startsOnRequest;
        fuel += other.fuel;
        memoryHighWaterBytes = Math.max(memoryHighWaterBytes, other.memoryHighWaterBytes);
        logRecords += other.logRecords;
        logDropped += other.logDropped;
    }

    void countFailure(WasmException failure) {
        if (failure instanceof TrapException trap) {
            traps.merge(trap.kind(), 1L, Long::sum);
        } else if (failure instanceof ExitException) {
            exits++;
        } else {
            limits++;
        }
    }

    PluginCounters snapshot(long noInstance) {
        return new PluginCounters(
                beforeCalls,
                afterCalls,
                rejects,
                rewrites,
                resultRewrites,
                traps,
                limits,
                exits,
                starts,
                startsOnRequest,
                fuel,
                memoryHighWaterBytes,
                logRecords,
                logDropped,
                noInstance);
    }
}
