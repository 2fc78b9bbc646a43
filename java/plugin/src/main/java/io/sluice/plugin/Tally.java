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
    private static final TrapKind[] KINDS = TrapKind.values();

    long beforeCalls;
    long afterCalls;
    long rejects;
    long rewrites;
    long resultRewrites;
    final long[] traps = new long[KINDS.length];
    long limits;
    long exits;
    long starts;
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
        for (int i = 0; i < traps.length; i++) {
            traps[i] += other.traps[i];
        }
        limits += other.limits;
        exits += other.exits;
        starts += other.starts;
        fuel += other.fuel;
        memoryHighWaterBytes = Math.max(memoryHighWaterBytes, other.memoryHighWaterBytes);
        logRecords += other.logRecords;
        logDropped += other.logDropped;
    }

    void countFailure(WasmException failure) {
        if (failure instanceof TrapException trap) {
            traps[trap.kind().ordinal()]++;
        } else if (failure instanceof ExitException) {
            exits++;
        } else {
            limits++;
        }
    }

    PluginCounters snapshot(long noInstance) {
        EnumMap<TrapKind, Long> byKind = new EnumMap<>(TrapKind.class);
        for (int i = 0; i < traps.length; i++) {
            if (traps[i] != 0) {
                byKind.put(KINDS[i], traps[i]);
            }
        }
        return new PluginCounters(
                beforeCalls,
                afterCalls,
                rejects,
                rewrites,
                resultRewrites,
                byKind,
                limits,
                exits,
                starts,
                fuel,
                memoryHighWaterBytes,
                logRecords,
                logDropped,
                noInstance);
    }
}
