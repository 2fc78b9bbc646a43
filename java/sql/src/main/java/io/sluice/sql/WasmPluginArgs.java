package io.sluice.sql;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.QueryProperty;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a WASM_PLUGIN filter says of its plugin.
 *
 * @param binaryName the binary
 * @param isPlain whether nothing else is said, so that filters may share the plugin
 * @param settings what is said, put into a configuration
 */
record WasmPluginArgs(String binaryName, boolean isPlain, UnaryOperator<PluginConfig> settings) {
    private static final List<String> OPTIONAL = List.of(
            "fuel",
            "deadline_ms",
            "memory_mb",
            "isolation",
            "on_error",
            "max_result_bytes",
            "max_instances",
            "max_wait_ms",
            "grants",
            "config");

    static WasmPluginArgs parse(String text) {
        ActionArgs args = ActionArgs.parse("WASM_PLUGIN", text);
        String name = args.requiredText("wasm_binary_name");
        boolean plain = OPTIONAL.stream().noneMatch(args::has);
        long fuel = args.number("fuel", 1, Long.MAX_VALUE, 0);
        long deadlineMillis = args.number("deadline_ms", 1, 3_600_000, 0);
        long memoryMib = args.number("memory_mb", 1, 4096, 0);
        long resultBytes = args.number("max_result_bytes", 1, Integer.MAX_VALUE, 0);
        long instances = args.number("max_instances", 1, 65_536, 0);
        boolean waitGiven = args.has("max_wait_ms");
        long waitMillis = args.number("max_wait_ms", 0, 600_000, 0);
        Isolation isolation = isolation(args.text("isolation"));
        FailPolicy policy = policy(args.text("on_error"));
        Set<QueryProperty> grants = grants(args.names("grants"));
        boolean grantsGiven = args.has("grants");
        String json = args.json("config");
        args.end();
        return new WasmPluginArgs(name, plain, config -> {
            PluginLimits limits = config.limits();
            limits = fuel == 0 ? limits : limits.withFuelPerCall(fuel);
            limits = deadlineMillis == 0 ? limits : limits.withDeadline(Duration.ofMillis(deadlineMillis));
            limits = memoryMib == 0 ? limits : limits.withMaxMemoryBytes(memoryMib << 20);
            limits = resultBytes == 0 ? limits : limits.withMaxResultBytes((int) resultBytes);
            PluginConfig made = config.withLimits(limits);
            made = isolation == null ? made : made.withIsolation(isolation);
            made = instances == 0 ? made : made.withMaxInstances((int) instances);
            made = waitGiven ? made.withMaxWait(Duration.ofMillis(waitMillis)) : made;
            made = policy == null ? made : made.withFailPolicy(policy);
            made = grantsGiven ? made.withGrants(grants) : made;
            return json.isEmpty() ? made : made.withConfiguration(json);
        });
    }

    private static @Nullable Isolation isolation(@Nullable String value) {
        if (value == null) {
            return null;
        }
        return switch (value) {
            case "per_request" -> Isolation.perRequest();
            case "pooled" -> Isolation.pooled();
            default ->
                throw ActionArgs.refused("has isolation = \"" + value + "\"; it must be \"per_request\" or \"pooled\"");
        };
    }

    private static @Nullable FailPolicy policy(@Nullable String value) {
        if (value == null) {
            return null;
        }
        return switch (value) {
            case "closed" -> FailPolicy.CLOSED;
            case "open" -> FailPolicy.OPEN;
            default -> throw ActionArgs.refused("has on_error = \"" + value + "\"; it must be \"closed\" or \"open\"");
        };
    }

    private static Set<QueryProperty> grants(List<String> names) {
        List<String> known = Arrays.stream(QueryProperty.values())
                .map(QueryProperty::propertyName)
                .toList();
        EnumSet<QueryProperty> grants = EnumSet.noneOf(QueryProperty.class);
        for (String name : names) {
            grants.add(QueryProperty.named(name)
                    .orElseThrow(() -> ActionArgs.refused("grants '" + name
                            + "', which is no property of a query; the nearest is " + Nearest.of(name, known))));
        }
        return grants;
    }
}
