package io.sluice.sql;

import io.sluice.plugin.QueryProperty;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The active filters of a set at one moment, in the order in which they are called before a query; immutable.
 *
 * <p>The order is that of ascending priority; filters of the same priority keep the order in which they were given.
 *
 * <p><b>Threads.</b> Shared.
 */
public final class FilterChain {
    private static final FilterChain EMPTY = new FilterChain(new SqlFilter[0]);

    private final SqlFilter[] filters;

    private FilterChain(SqlFilter[] filters) {
        this.filters = filters;
    }

    /** The chain without filters. */
    public static FilterChain empty() {
        return EMPTY;
    }

    /** As {@link #of(Collection)}. */
    public static FilterChain of(SqlFilter... filters) {
        return of(List.of(filters));
    }

    /**
     * The chain of the active ones among some filters.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    public static FilterChain of(Collection<SqlFilter> filters) {
        Set<String> names = new HashSet<>();
        for (SqlFilter filter : filters) {
            if (!names.add(filter.name())) {
                throw new IllegalArgumentException(
                        "two filters are named '" + filter.name() + "'; a name is unique in its chain");
            }
        }
        return new FilterChain(filters.stream()
                .filter(filter -> filter.status() == FilterStatus.ACTIVE)
                .sorted(Comparator.comparingInt(SqlFilter::priority))
                .toArray(SqlFilter[]::new));
    }

    /**
     * The filters that would apply to a query, in order: what an {@code EXPLAIN FILTER} comment asks for. As in WeScale those that only
     * continue are left out.
     */
    public List<SqlFilter> explain(SqlRequest request) {
        return Arrays.stream(filters)
                .filter(filter -> !(filter.action() instanceof FilterAction.Continue))
                .filter(filter -> filter.pattern().matches(request))
                .toList();
    }

    /** Whether a filter would do anything to a query: call a plugin, refuse the query, or make it wait. */
    public boolean appliesTo(SqlRequest request) {
        for (SqlFilter filter : filters) {
            boolean passes =
                    filter.action() instanceof FilterAction.Continue || filter.action() instanceof FilterAction.Buffer;
            if (!passes && filter.pattern().matches(request)) {
                return true;
            }
        }
        return false;
    }

    /** Whether what filters do may depend on bind values: by a condition on them, or a plugin that is granted them. */
    public boolean usesBindValues() {
        for (SqlFilter filter : filters) {
            boolean granted = filter.action() instanceof FilterAction.WasmPlugin call
                    && call.plugin().config().grants().contains(QueryProperty.BIND_VALUES);
            if (granted || !filter.pattern().bindVarConds().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Whether no filter can be called. */
    public boolean isEmpty() {
        return filters.length == 0;
    }

    /** The filters in order. */
    public List<SqlFilter> filters() {
        return List.of(filters);
    }

    int size() {
        return filters.length;
    }

    SqlFilter get(int index) {
        return filters[index];
    }

    @Override
    public String toString() {
        return "FilterChain" + Arrays.toString(filters);
    }
}
