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
import java.util.function.LongSupplier;

/**
 * What the plugins of a gateway take for a query, and by that which of them event loops may call themselves.
 *
 * <p>A plugin is quick if its fuel per call is limited to so much that it must be, or if it has been watched beside the event loops for
 * {@value #WATCHED_CALLS} queries, and none since was dear: used more fuel, or took {@value #LONG_MILLIS} ms, or was one of {@value #SLOW_CALLS}
 * among the last {@value #LAST_CALLS} that took {@value #SLOW_MICROS} us. One that was dear is called beside them for a second, the next time
 * for two, up to ten minutes, and is watched anew then; after a quiet time of ten such pauses they begin with a second again. Time decides
 * for what fuel does not count, as sleeping, and never by one call that is a little slow, for a thread that lost its processor says nothing
 * about the plugin.
 *
 * <p><b>Threads.</b> Shared.
 */
final class PluginPace implements PluginWatch {
    static final int WATCHED_CALLS = 32;

    static final int LONG_MILLIS = 100;
    static final int SLOW_MICROS = 1000;
    static final int SLOW_CALLS = 8;
    static final int LAST_CALLS = Integer.SIZE;

    private static final int MOST_PLUGINS = 64;
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int QUIET_PAUSES = 10;

    /** What is known of one plugin. */
    static final class Takes {
        final Distribution nanos = new Distribution();
        final Distribution fuel = new Distribution();
        private final AtomicInteger quickCalls = new AtomicInteger();
        /** The last calls, a bit each, the slow ones set; written under the lock. */
        private volatile int slowCalls;

        private volatile long pauseEnds;
        private volatile long pause;

        /** Begins a pause, unless one runs. */
        private synchronized void dear(long now) {
            quickCalls.set(0);
            slowCalls = 0;
            if (isPaused(now)) {
                return;
            }
            long last = pause;
            boolean quiet = last == 0 || now - pauseEnds > QUIET_PAUSES * last;
            long next = quiet ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, 2 * last);
            pauseEnds = now + next;
            pause = next;
        }

        private boolean isPaused(long now) {
            return pause != 0 && pauseEnds - now > 0;
        }

        /** Whether too many of the last calls were slow, this one among them. */
        private boolean isSlowAgain(boolean slow) {
            if (!slow && slowCalls == 0) {
                return false;
            }
            synchronized (this) {
                slowCalls = slowCalls << 1 | (slow ? 1 : 0);
                return Integer.bitCount(slowCalls) >= SLOW_CALLS;
            }
        }
    }

    private final LongSupplier clock;
    private final long mostFuel;
    private final Map<Plugin, Takes> records = new ConcurrentHashMap<>();
    private final Map<String, Map<FilterOutcome, LongAdder>> queriesOfFilters = new ConcurrentHashMap<>();

    /** @param mostFuel what a quick plugin uses for a query; 0: none is quick */
    PluginPace(long mostFuel) {
        this(mostFuel, System::nanoTime);
    }

    PluginPace(long mostFuel, LongSupplier clock) {
        this.mostFuel = mostFuel;
        this.clock = clock;
    }

    @Override
    public boolean isQuick(Plugin plugin) {
        if (mostFuel == 0) {
            return false;
        }
        Takes record = records.get(plugin);
        // Before and after are two calls.
        if (plugin.config().limits().fuelPerCall() <= mostFuel / 2 && (record == null || record.pause == 0)) {
            return true;
        }
        return record != null && record.quickCalls.get() >= WATCHED_CALLS;
    }

    @Override
    public void called(Plugin plugin, long nanos, long fuel, boolean atHand) {
        Takes record = of(plugin);
        record.nanos.add(nanos);
        record.fuel.add(fuel);
        // An event loop does not call an instance that has to be made first: its time is that of the start.
        boolean slow = atHand && nanos > SLOW_MICROS * 1_000L;
        if (fuel > mostFuel || (slow && nanos > LONG_MILLIS * 1_000_000L) || record.isSlowAgain(slow)) {
            record.dear(clock.getAsLong());
        } else if (!slow && record.quickCalls.get() < WATCHED_CALLS && !record.isPaused(clock.getAsLong())) {
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
