package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;

/**
 * Compiles a plugin of real size for Sluice's contestants into the cache that their forks read, so that no fork's start, and no timing, has a
 * compilation in it.
 *
 * <p>Arguments: the plugin, one of {@link PluginGuest}.
 */
public final class CacheProgram {

    private CacheProgram() {}

    public static void main(String[] arguments) {
        PluginGuest guest = PluginGuest.of(arguments[0]);
        for (String contestant : new String[] {Contestants.SLUICE_POOLED, Contestants.SLUICE_POOLED_UNMETERED}) {
            long start = System.nanoTime();
            Contestants.open(contestant, InstanceUse.REUSED, guest).close();
            System.out.printf(
                    "%s, %s: in the cache after %d s%n",
                    guest.key(), contestant, (System.nanoTime() - start) / 1_000_000_000L);
        }
    }
}
