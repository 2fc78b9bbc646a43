package io.sluice.cli;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.mysql.FilterService;
import io.sluice.mysql.Gateway;
import io.sluice.mysql.GatewayObserver;
import io.sluice.mysql.PluginTimes;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginCounters;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * What a gateway and its plugins do, as Prometheus reads it.
 *
 * <p><b>Threads.</b> Shared.
 */
final class GatewayMetrics implements GatewayObserver {
    private static final double NANOS = 1e9;

    /** A number of a plugin's counters with its name. */
    private record PluginNumber(String name, ToDoubleFunction<PluginCounters> value) {}

    private static final List<PluginNumber> PLUGIN_NUMBERS = List.of(
            new PluginNumber("sluice.plugin.calls.before", PluginCounters::beforeCalls),
            new PluginNumber("sluice.plugin.calls.after", PluginCounters::afterCalls),
            new PluginNumber("sluice.plugin.rejects", PluginCounters::rejects),
            new PluginNumber("sluice.plugin.rewrites", PluginCounters::rewrites),
            new PluginNumber("sluice.plugin.result.rewrites", PluginCounters::resultRewrites),
            new PluginNumber("sluice.plugin.limits", PluginCounters::limits),
            new PluginNumber("sluice.plugin.exits", PluginCounters::exits),
            new PluginNumber("sluice.plugin.fuel", PluginCounters::fuel),
            new PluginNumber("sluice.plugin.memory.high.water.bytes", PluginCounters::memoryHighWaterBytes),
            new PluginNumber("sluice.plugin.instances.served", PluginCounters::starts),
            new PluginNumber("sluice.plugin.instances.waited.for", PluginCounters::startsOnRequest),
            new PluginNumber("sluice.plugin.no.instance", PluginCounters::noInstance),
            new PluginNumber("sluice.plugin.log.records", PluginCounters::logRecords),
            new PluginNumber("sluice.plugin.log.dropped", PluginCounters::logDropped));

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Outcome, Timer> statements = new EnumMap<>(Outcome.class);
    private final List<MultiGauge> pluginGauges = new ArrayList<>();
    private final MultiGauge queries =
            MultiGauge.builder("sluice.filter.queries").register(registry);
    private final MultiGauge seconds =
            MultiGauge.builder("sluice.plugin.seconds").register(registry);
    private final MultiGauge fuel =
            MultiGauge.builder("sluice.plugin.query.fuel").register(registry);
    private final MultiGauge traps = MultiGauge.builder("sluice.plugin.traps").register(registry);

    GatewayMetrics() {
        for (Outcome outcome : Outcome.values()) {
            statements.put(
                    outcome,
                    Timer.builder("sluice.gateway.filters")
                            .description("time of the filters of a statement, by what became of it")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .publishPercentiles(0.5, 0.99, 0.999)
                            .register(registry));
        }
        PLUGIN_NUMBERS.forEach(
                number -> pluginGauges.add(MultiGauge.builder(number.name()).register(registry)));
    }

    @Override
    public void statementAnswered(Outcome outcome, long filterNanos) {
        Timer timer = statements.get(outcome);
        if (timer != null) {
            timer.record(filterNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Reads a gateway's numbers whenever it is asked for its metrics. */
    void bind(Gateway gateway, FilterService service) {
        Gauge.builder("sluice.gateway.connections", gateway, Gateway::connections)
                .register(registry);
        Gauge.builder("sluice.gateway.ready", service, known -> known.notReady().isEmpty() ? 1 : 0)
                .register(registry);
        Gauge.builder(
                        "sluice.gateway.filters.defined",
                        service,
                        known -> known.catalog().definitions().size())
                .register(registry);
        counter(
                "sluice.gateway.connections.opened",
                gateway,
                known -> known.status().connectionsOpened());
        counter(
                "sluice.gateway.connections.refused",
                gateway,
                known -> known.status().connectionsRefused());
        counter("sluice.gateway.commands", gateway, known -> known.status().commands());
        counter("sluice.gateway.client.bytes", gateway, known -> known.status().bytesFromClients());
        counter("sluice.gateway.server.bytes", gateway, known -> known.status().bytesFromServer());
    }

    private void counter(String name, Gateway gateway, ToLongFunction<Gateway> value) {
        FunctionCounter.builder(name, gateway, value::applyAsLong).register(registry);
    }

    private void registerTimes(FilterService service, List<Plugin> plugins) {
        List<MultiGauge.Row<?>> times = new ArrayList<>();
        List<MultiGauge.Row<?>> fuels = new ArrayList<>();
        for (Plugin plugin : plugins) {
            PluginTimes known = service.timesOf(plugin);
            times.add(MultiGauge.Row.of(quantile(plugin, "0.5"), known.nanosP50() / NANOS));
            times.add(MultiGauge.Row.of(quantile(plugin, "0.99"), known.nanosP99() / NANOS));
            fuels.add(MultiGauge.Row.of(quantile(plugin, "0.5"), known.fuelP50()));
            fuels.add(MultiGauge.Row.of(quantile(plugin, "0.99"), known.fuelP99()));
        }
        seconds.register(times, true);
        fuel.register(fuels, true);
    }

    private static Tags quantile(Plugin plugin, String quantile) {
        return Tags.of("plugin", plugin.name(), "quantile", quantile);
    }

    /** The text for Prometheus. */
    String scrape(FilterService service) {
        List<Plugin> plugins = service.catalog().definitions().stream()
                .flatMap(definition -> service.catalog().pluginOf(definition.name()).stream())
                .distinct()
                .toList();
        for (int i = 0; i < PLUGIN_NUMBERS.size(); i++) {
            ToDoubleFunction<PluginCounters> value = PLUGIN_NUMBERS.get(i).value();
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            for (Plugin plugin : plugins) {
                rows.add(MultiGauge.Row.of(
                        Tags.of("plugin", plugin.name()), plugin, known -> value.applyAsDouble(known.counters())));
            }
            pluginGauges.get(i).register(rows, true);
        }
        List<MultiGauge.Row<?>> trapRows = new ArrayList<>();
        for (Plugin plugin : plugins) {
            plugin.counters()
                    .traps()
                    .forEach((kind, count) -> trapRows.add(MultiGauge.Row.of(
                            Tags.of("plugin", plugin.name(), "kind", kind.name().toLowerCase(Locale.ROOT)), count)));
        }
        traps.register(trapRows, true);
        registerTimes(service, plugins);
        List<MultiGauge.Row<?>> queryRows = new ArrayList<>();
        service.queriesOfFilters()
                .forEach((filter, outcomes) -> outcomes.forEach((outcome, count) -> queryRows.add(MultiGauge.Row.of(
                        Tags.of("filter", filter, "outcome", outcome.name().toLowerCase(Locale.ROOT)), count))));
        queries.register(queryRows, true);
        return registry.scrape();
    }
}
