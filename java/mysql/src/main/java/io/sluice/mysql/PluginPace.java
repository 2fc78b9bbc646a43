package io.sluice.mysql;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginState;
import io.sluice.sql.FilterOutcome;
import io.sluice.sql.PluginWatch;
import io.sluice.sql.SqlFilter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the plugins of a gateway take for a query, and by that which of them event loops may call themselves.
 *
 * <p>A plugin is quick if its fuel per call is limited to so much that it must be, or if it has been watched beside the event loops for
 * {@value #WATCHED_CALLS} queries and none since has used more. One that does use more is called beside them for a second, the next time for
 * two, up to ten minutes, and is watched anew then. Fuel and not time decides, for a thread that lost its processor says nothing
 * about the plugin.
 *
 * <p><b>Threads.</b> Shared.
 */
final class PluginPace implements PluginWatch {
    static final int WATCHED_CALLS = 32;

    private static final int MOST_PLUGINS = 64;
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** What is known of one plugin. */
    static final class Takes {
        final Distribution nanos = new Distribution();
        final Distribution fuel = new Distribution();
        private final AtomicInteger quickCalls = new AtomicInteger();
        private volatile long pauseEnds;
        private volatile long pause;

        private void dear(long now) {
            quickCalls.set(0);
            pause = Math.min(LONGEST_PAUSE_NANOS, pause == 0 ? FIRST_PAUSE_NANOS : 2 * pause);
            pauseEnds = now + pause;
        }

        private boolean isPaused() {
            return pause != 0 && pauseEnds - System.nanoTime() > 0;
        }
    }

    private final long mostFuel;
    private final Map<Plugin, Takes> records = new ConcurrentHashMap<>();
    private final Map<String, Map<FilterOutcome, LongAdder>> queriesOfFilters = new ConcurrentHashMap<>();

    /** @param mostFuel what a quick plugin uses for a query; 0: none is quick */
    PluginPace(long mostFuel) {
        this.mostFuel = mostFuel;
    }

    @Override
    public boolean isQuick(Plugin plugin) {
        if (mostFuel == 0) {
            return false;
        }
        // Before and after are two calls.
        if (plugin.config().limits().fuelPerCall() <= mostFuel / 2) {
            return true;
        }
        Takes record = records.get(plugin);
        return record != null && record.quickCalls.get() >= WATCHED_CALLS;
    }

    @Override
    public void called(Plugin plugin, long nanos, long fuel) {
        Takes record = of(plugin);
        record.nanos.add(nanos);
        record.fuel.add(fuel);
        if (fuel > mostFuel) {
            record.dear(System.nanoTime());
        } else if (record.quickCalls.get() < WATCHED_CALLS && !record.isPaused()) {
            record.quickCalls.incrementAndGet();
        }
    }

    @Override
    public void applied(SqlFilter filter, FilterOutcome outcome) {
        Map<FilterOutcome, LongAdder> counts = queriesOfFilters.get(filter.name());
        if (counts == null) {
            counts = queriesOfFilters.computeIfAbsent(filter.name(), none -> newCounts());
        }
        LongAdder count = counts.get(outcome);
        if (count != null) {
            count.increment();
        }
    }

    private static Map<FilterOutcome, LongAdder> newCounts() {
        Map<FilterOutcome, LongAdder> counts = new EnumMap<>(FilterOutcome.class);
        for (FilterOutcome outcome : FilterOutcome.values()) {
            counts.put(outcome, new LongAdder());
        }
        return counts;
    }

    /** How many queries a filter matched, by what it made of them; those that are not among the names are forgotten. */
    Map<String, Map<FilterOutcome, Long>> queries(Set<String> names) {
        queriesOfFilters.keySet().retainAll(names);
        Map<String, Map<FilterOutcome, Long>> queries = new TreeMap<>();
        queriesOfFilters.forEach((name, counts) -> {
            Map<FilterOutcome, Long> numbers = new EnumMap<>(FilterOutcome.class);
            counts.forEach((outcome, count) -> numbers.put(outcome, count.sum()));
            queries.put(name, numbers);
        });
        return queries;
    }

    /** What is known of a plugin; nothing, if it was not called. */
    Takes of(Plugin plugin) {
        Takes known = records.get(plugin);
        if (known != null) {
            return known;
        }
        if (records.size() >= MOST_PLUGINS) {
            records.keySet().removeIf(old -> old.state() == PluginState.CLOSED);
        }
        return records.computeIfAbsent(plugin, none -> new Takes());
    }
}
