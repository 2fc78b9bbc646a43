package io.sluice.sql;

import io.sluice.plugin.Plugin;
import java.util.Objects;

/**
 * A place in the filter chain: a name, a priority, the queries that it applies to, and what it does; immutable but for its breaker.
 *
 * <p>Defaults: no description, priority 1000, active, every query.
 */
public final class SqlFilter {
    /** The priority of a filter that names none. */
    public static final int DEFAULT_PRIORITY = 1000;

    private final String name;
    private final String description;
    private final int priority;
    private final FilterStatus status;
    private final FilterPattern pattern;
    private final FilterAction action;
    private final FilterBreaker breaker;

    private SqlFilter(
            String name,
            String description,
            int priority,
            FilterStatus status,
            FilterPattern pattern,
            FilterAction action,
            FilterBreaker breaker) {
        this.breaker = breaker;
        this.name = Objects.requireNonNull(name, "name");
        this.description = Objects.requireNonNull(description, "description");
        this.priority = priority;
        this.status = Objects.requireNonNull(status, "status");
        this.pattern = Objects.requireNonNull(pattern, "pattern");
        this.action = Objects.requireNonNull(action, "action");
    }

    /** A filter for every query. */
    public static SqlFilter of(String name, FilterAction action) {
        return new SqlFilter(name, "", DEFAULT_PRIORITY, FilterStatus.ACTIVE, FilterPattern.any(), action, fresh());
    }

    /** A filter that calls a plugin for every query and bears the plugin's name. */
    public static SqlFilter of(Plugin plugin) {
        return of(plugin.name(), new FilterAction.WasmPlugin(plugin));
    }

    /** The name, unique in its set. */
    public String name() {
        return name;
    }

    /** A copy of another name. */
    public SqlFilter withName(String value) {
        return new SqlFilter(
                value, description, priority, status, pattern, action, new FilterBreaker(breaker.config()));
    }

    /** What the filter is for, in its owner's words. */
    public String description() {
        return description;
    }

    /** A copy with another description. */
    public SqlFilter withDescription(String value) {
        return new SqlFilter(name, value, priority, status, pattern, action, breaker);
    }

    /** The place in the chain: a smaller number is called earlier before the query and later after it. */
    public int priority() {
        return priority;
    }

    /** A copy with another priority. */
    public SqlFilter withPriority(int value) {
        return new SqlFilter(name, description, value, status, pattern, action, breaker);
    }

    /** Whether the filter takes part. */
    public FilterStatus status() {
        return status;
    }

    /** A copy with another status. */
    public SqlFilter withStatus(FilterStatus value) {
        return new SqlFilter(name, description, priority, value, pattern, action, breaker);
    }

    /** The queries that the filter applies to. */
    public FilterPattern pattern() {
        return pattern;
    }

    /** A copy for other queries. */
    public SqlFilter withPattern(FilterPattern value) {
        return new SqlFilter(name, description, priority, status, value, action, breaker);
    }

    /** What the filter does. */
    public FilterAction action() {
        return action;
    }

    /** A copy that does something else. */
    public SqlFilter withAction(FilterAction value) {
        return new SqlFilter(name, description, priority, status, pattern, value, new FilterBreaker(breaker.config()));
    }

    /** What keeps the filter's plugin from being called while it fails; copies of the same name and action share it. */
    public FilterBreaker breaker() {
        return breaker;
    }

    /** A copy with a new, closed breaker. */
    public SqlFilter withBreaker(BreakerConfig config) {
        return new SqlFilter(name, description, priority, status, pattern, action, new FilterBreaker(config));
    }

    private static FilterBreaker fresh() {
        return new FilterBreaker(BreakerConfig.defaults());
    }

    @Override
    public String toString() {
        return "SqlFilter[" + name + ", priority " + priority + ", " + status + "]";
    }
}
