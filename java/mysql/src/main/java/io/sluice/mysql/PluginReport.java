package io.sluice.mysql;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginCounters;
import io.sluice.plugin.PluginStatus;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.SqlFilter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is known of plugins, as {@code show plugin status} tells it. */
final class PluginReport {
    private PluginReport() {}

    /** The plugins that filters name, with those filters. */
    static Map<Plugin, List<SqlFilter>> pluginsOf(FilterCatalog catalog) {
        Map<Plugin, List<SqlFilter>> plugins = new LinkedHashMap<>();
        for (SqlFilter filter : catalog.filters().filters()) {
            if (filter.action() instanceof FilterAction.WasmPlugin call) {
                plugins.computeIfAbsent(call.plugin(), none -> new ArrayList<>())
                        .add(filter);
            }
        }
        return plugins;
    }

    static Map<String, String> of(Plugin plugin, List<SqlFilter> users, PluginTimes times) {
        Map<String, String> report = new LinkedHashMap<>();
        PluginCounters counters = plugin.counters();
        PluginStatus status = plugin.status();
        report.put("version", plugin.version());
        report.put("sha256", plugin.sha256());
        report.put("abi", plugin.abi().toString());
        report.put("state", plugin.state().name());
        report.put("generation", Integer.toString(plugin.generation()));
        report.put("live_versions", Integer.toString(plugin.liveVersions()));
        report.put("code_tier", status.codeTier().name());
        report.put("snapshotted", Boolean.toString(status.snapshotted()));
        report.put("calls_before", Long.toString(counters.beforeCalls()));
        report.put("calls_after", Long.toString(counters.afterCalls()));
        report.put("rejects", Long.toString(counters.rejects()));
        report.put("rewrites", Long.toString(counters.rewrites()));
        report.put("result_rewrites", Long.toString(counters.resultRewrites()));
        counters.traps()
                .forEach((kind, count) ->
                        report.put("traps_" + kind.name().toLowerCase(Locale.ROOT), Long.toString(count)));
        report.put("limits", Long.toString(counters.limits()));
        report.put("exits", Long.toString(counters.exits()));
        report.put("instances_served", Long.toString(counters.starts()));
        report.put("instances_waited_for", Long.toString(counters.startsOnRequest()));
        report.put("no_instance", Long.toString(counters.noInstance()));
        report.put("fuel", Long.toString(counters.fuel()));
        report.put("fuel_p50", Long.toString(times.fuelP50()));
        report.put("fuel_p99", Long.toString(times.fuelP99()));
        report.put("nanos_p50", Long.toString(times.nanosP50()));
        report.put("nanos_p99", Long.toString(times.nanosP99()));
        report.put("memory_high_water_bytes", Long.toString(counters.memoryHighWaterBytes()));
        report.put("log_records", Long.toString(counters.logRecords()));
        report.put("log_dropped", Long.toString(counters.logDropped()));
        for (SqlFilter filter : users) {
            report.put("breaker_of_" + filter.name(), filter.breaker().state().name());
        }
        return report;
    }
}
