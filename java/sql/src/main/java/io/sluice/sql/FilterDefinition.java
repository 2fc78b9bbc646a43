package io.sluice.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A filter as the text that defines it, key by key as in {@code create filter}; immutable.
 *
 * <pre>{@code
 * FilterDefinition.of("no_deletes")
 *         .with("plans", "Delete")
 *         .with("fully_qualified_table_names", "shop.*")
 *         .with("action", "FAIL");
 * }</pre>
 *
 * <p>Keys: {@code desc}, {@code priority} (1000), {@code status} (ACTIVE), those of the pattern ({@code plans}, {@code
 * fully_qualified_table_names}, {@code query_regex}, {@code query_template}, {@code request_ip_regex}, {@code user_regex}, {@code
 * leading_comment_regex}, {@code trailing_comment_regex}, {@code bind_var_conds}), {@code action} and {@code action_args}. All are empty
 * by default but for the two with a value here; lists have commas.
 *
 * <p>Action arguments are TOML, a semicolon outside quotes ends a line. {@code WASM_PLUGIN} takes {@code wasm_binary_name} and, all
 * optional, {@code fuel} and {@code deadline_ms} a call, {@code memory_mb}, {@code isolation} ({@code per_request} or {@code pooled}),
 * {@code on_error} ({@code closed} or {@code open}), {@code max_result_bytes}, {@code grants} (an array of property names), and a table
 * {@code config}, which the plugin gets as JSON. {@code CONCURRENCY_CONTROL} takes {@code max_queue_size} and {@code max_concurrency}.
 * The other actions take none.
 *
 * <p><b>Threads.</b> Shared.
 *
 * @see FilterCatalog
 */
public final class FilterDefinition {
    /** The actions, by the names in statements. */
    static final List<String> ACTIONS =
            List.of("CONTINUE", "FAIL", "FAIL_RETRY", "BUFFER", "CONCURRENCY_CONTROL", "WASM_PLUGIN");

    static final List<String> PATTERN_KEYS = List.of(
            "plans",
            "fully_qualified_table_names",
            "query_regex",
            "query_template",
            "request_ip_regex",
            "user_regex",
            "leading_comment_regex",
            "trailing_comment_regex",
            "bind_var_conds");

    private static final List<String> KEYS = keysInOrder();
    private static final int MAX_NAME_CHARS = 256;

    private final String name;
    private final Map<String, String> values;
    private final FilterPattern pattern;
    /** The action's arguments as they were written. */
    private final String actionArgs;

    private FilterDefinition(String name, Map<String, String> values, FilterPattern pattern, String actionArgs) {
        this.actionArgs = actionArgs;
        this.name = name;
        this.values = values;
        this.pattern = pattern;
    }

    private static List<String> keysInOrder() {
        List<String> keys = new ArrayList<>(List.of("desc", "priority", "status"));
        keys.addAll(PATTERN_KEYS);
        keys.add("action");
        keys.add("action_args");
        return List.copyOf(keys);
    }

    /**
     * A filter of that name for every query, without an action yet.
     *
     * @throws IllegalArgumentException if the name is empty or has more than 256 characters
     */
    public static FilterDefinition of(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            throw new IllegalArgumentException(
                    "filter name has " + name.length() + " characters; it must have 1 to " + MAX_NAME_CHARS);
        }
        return new FilterDefinition(
                name,
                Map.of("priority", String.valueOf(SqlFilter.DEFAULT_PRIORITY), "status", FilterStatus.ACTIVE.name()),
                FilterPattern.any(),
                "");
    }

    /** The keys, in the order in which filters are shown. */
    public static List<String> keys() {
        return KEYS;
    }

    /** The name. */
    public String name() {
        return name;
    }

    /**
     * A copy with another value of one key.
     *
     * @throws IllegalArgumentException if there is no such key, which names the nearest, or the key cannot have that value, which names the
     *     key and says why
     */
    public FilterDefinition with(String key, String value) {
        Objects.requireNonNull(value, "value");
        String known = key.toLowerCase(Locale.ROOT);
        if (!KEYS.contains(known)) {
            throw new IllegalArgumentException("filter '" + name + "' has '" + key
                    + "', which filters do not have; the nearest is " + Nearest.of(key, KEYS));
        }
        FilterPattern changed = patternWith(known, value);
        Map<String, String> copy = new LinkedHashMap<>(values);
        copy.put(known, normal(known, value, changed));
        return new FilterDefinition(name, copy, changed, known.equals("action_args") ? value : actionArgs);
    }

    private FilterPattern patternWith(String key, String value) {
        return switch (key) {
            case "plans" -> pattern.withPlans(list(value));
            case "fully_qualified_table_names" -> pattern.withFullyQualifiedTableNames(list(value));
            case "query_regex" -> pattern.withQueryRegex(value);
            case "query_template" -> pattern.withQueryTemplate(value);
            case "request_ip_regex" -> pattern.withRequestIpRegex(value);
            case "user_regex" -> pattern.withUserRegex(value);
            case "leading_comment_regex" -> pattern.withLeadingCommentRegex(value);
            case "trailing_comment_regex" -> pattern.withTrailingCommentRegex(value);
            case "bind_var_conds" -> pattern.withBindVarConds(value);
            default -> pattern;
        };
    }

    private static String normal(String key, String value, FilterPattern changed) {
        return switch (key) {
            case "plans" ->
                String.join(
                        ",", changed.plans().stream().map(PlanKind::planName).toList());
            case "fully_qualified_table_names" -> String.join(",", changed.fullyQualifiedTableNames());
            case "priority" -> String.valueOf(priorityOf(value));
            case "status" -> statusOf(value).name();
            case "action" -> actionOf(value);
            case "action_args" -> ActionArgs.shown(value);
            default -> value;
        };
    }

    private static List<String> list(String value) {
        return Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static int priorityOf(String value) {
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("priority is '" + value + "'; it must be a whole number", e);
        }
    }

    private static FilterStatus statusOf(String value) {
        String upper = value.strip().toUpperCase(Locale.ROOT);
        for (FilterStatus status : FilterStatus.values()) {
            if (status.name().equals(upper)) {
                return status;
            }
        }
        throw new IllegalArgumentException("status is '" + value + "'; it must be ACTIVE or INACTIVE");
    }

    private static String actionOf(String value) {
        String upper = value.strip().toUpperCase(Locale.ROOT);
        if (!ACTIONS.contains(upper)) {
            throw new IllegalArgumentException(
                    "action is '" + value + "', which is none; the nearest is " + Nearest.of(upper, ACTIONS));
        }
        return upper;
    }

    /**
     * The value of one key as it is shown: names of plans, status and action in their own spelling, action arguments without blanks
     * outside quotes; empty if there is none.
     */
    public String value(String key) {
        return values.getOrDefault(key.toLowerCase(Locale.ROOT), "");
    }

    /** What the filter is for, in its owner's words. */
    public String description() {
        return value("desc");
    }

    /** The place in the chain. */
    public int priority() {
        return priorityOf(value("priority"));
    }

    /** Whether the filter takes part. */
    public FilterStatus status() {
        return statusOf(value("status"));
    }

    /** The queries that the filter applies to. */
    public FilterPattern pattern() {
        return pattern;
    }

    /** The action's arguments as they were written, blanks and all; {@link #value} gives them as they are shown. */
    public String actionArgs() {
        return actionArgs;
    }

    /** The filter with that action in it. */
    SqlFilter toFilter(FilterAction action) {
        return SqlFilter.of(name, action)
                .withDescription(description())
                .withPriority(priority())
                .withStatus(status())
                .withPattern(pattern);
    }

    /** Whether another definition has the same action with the same arguments. */
    boolean hasActionOf(FilterDefinition other) {
        return value("action").equals(other.value("action"))
                && value("action_args").equals(other.value("action_args"));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FilterDefinition definition
                && definition.name.equals(name)
                && KEYS.stream().allMatch(key -> definition.value(key).equals(value(key)));
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, pattern, value("action"), value("action_args"));
    }

    @Override
    public String toString() {
        return "FilterDefinition[" + name + ", " + pattern + ", " + value("action") + "]";
    }
}
