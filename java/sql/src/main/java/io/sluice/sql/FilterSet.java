package io.sluice.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The filters of a proxy, added, altered and dropped while queries run.
 *
 * <p>A change holds for every query that begins after it; a query in flight keeps the chain with which it began.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> {@link #chain()} is one volatile read; changes are serialised.
 */
public final class FilterSet {
    private final List<SqlFilter> filters = new ArrayList<>();
    private volatile FilterChain chain = FilterChain.empty();

    private FilterSet() {}

    /**
     * A set that holds some filters.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    public static FilterSet of(SqlFilter... filters) {
        FilterSet set = new FilterSet();
        for (SqlFilter filter : filters) {
            set.add(filter);
        }
        return set;
    }

    /** The active filters now, in order. */
    public FilterChain chain() {
        return chain;
    }

    /** All filters, inactive ones too, in the order in which they were added; a snapshot. */
    public synchronized List<SqlFilter> filters() {
        return List.copyOf(filters);
    }

    /** The filter of that name. */
    public synchronized Optional<SqlFilter> find(String name) {
        int at = indexOf(Objects.requireNonNull(name, "name"));
        return at < 0 ? Optional.empty() : Optional.of(filters.get(at));
    }

    /**
     * Adds a filter.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public synchronized void add(SqlFilter filter) {
        if (indexOf(filter.name()) >= 0) {
            throw new IllegalArgumentException("there is a filter named '" + filter.name() + "'; alter or drop it");
        }
        filters.add(filter);
        chain = FilterChain.of(filters);
    }

    /**
     * Puts a filter in the place of the one of the same name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public synchronized void alter(SqlFilter filter) {
        int at = indexOf(filter.name());
        if (at < 0) {
            throw new IllegalArgumentException("there is no filter named '" + filter.name() + "' to alter");
        }
        filters.set(at, filter);
        chain = FilterChain.of(filters);
    }

    /** Drops the filter of that name; false if there was none. */
    public synchronized boolean drop(String name) {
        int at = indexOf(Objects.requireNonNull(name, "name"));
        if (at < 0) {
            return false;
        }
        filters.remove(at);
        chain = FilterChain.of(filters);
        return true;
    }

    private int indexOf(String name) {
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
