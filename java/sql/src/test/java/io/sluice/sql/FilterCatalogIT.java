package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Guests;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.PluginState;
import io.sluice.plugin.QueryProperty;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FilterCatalogIT {
    private final Map<String, PluginSource> stored = new HashMap<>();
    private PluginHost host;
    private FilterCatalog catalog;

    @BeforeEach
    void open() {
        host = PluginHost.create();
        stored.put("reject", Guests.source("c/reject_without_where"));
        stored.put("allow", Guests.source("c/allows_all"));
        stored.put("broken", PluginSource.bytes(new byte[] {1, 2, 3}));
        stored.put("no_malloc", Guests.source("hostile/missing_malloc"));
        catalog = FilterCatalog.create(host, name -> {
            PluginSource source = stored.get(name);
            if (source == null) {
                throw new IOException("there is no binary of that name");
            }
            return source;
        });
    }

    @AfterEach
    void close() {
        catalog.close();
        assertThat(host.plugins()).isEmpty();
        host.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    private static FilterDefinition wasm(String name, String args) {
        return FilterDefinition.of(name).with("action", "WASM_PLUGIN").with("action_args", args);
    }

    private static FilterDefinition rejecting(String name) {
        return wasm(name, "wasm_binary_name=\"reject\"");
    }

    private Plugin plugin(String filter) {
        return catalog.pluginOf(filter).orElseThrow();
    }

    private @Nullable String errorOf(String query) {
        try (QueryExecution execution = new QueryExecution()) {
            boolean execute = execution.before(catalog.filters().chain(), SqlRequest.of(query));
            execution.after(null, execute ? QueryExecution.UNSEEN_RESULT : null);
            SqlError error = execution.error();
            return error == null ? null : error.message();
        }
    }

    private void assertRefused(FilterDefinition definition, String message) {
        assertThatThrownBy(() -> catalog.create(definition))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(catalog.definitions()).isEmpty();
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void filterOfTextFilters() {
        catalog.create(rejecting("f").with("plans", "Update").with("desc", "guards"));

        assertThat(errorOf("update t set a = 1")).endsWith("no where clause");
        assertThat(errorOf("update t set a = 1 where b = 2")).isNull();
        assertThat(errorOf("select 1")).isNull();
        assertThat(catalog.filters().find("f"))
                .get()
                .extracting(SqlFilter::description)
                .isEqualTo("guards");
        assertThat(catalog.find("f")).get().extracting(d -> d.value("plans")).isEqualTo("Update");
        assertThat(catalog.drop("f")).isTrue();
        assertThat(catalog.drop("f")).isFalse();
        assertThat(errorOf("update t set a = 1")).isNull();
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void filtersOfOneBinaryShareItsPluginUntilTheLastIsDropped() {
        catalog.create(rejecting("a"));
        catalog.create(rejecting("b"));
        Plugin shared = plugin("a");

        assertThat(plugin("b")).isSameAs(shared);
        assertThat(shared.name()).isEqualTo("reject");
        catalog.drop("a");
        assertThat(shared.state()).isEqualTo(PluginState.SERVING);
        catalog.drop("b");
        assertThat(shared.state()).isEqualTo(PluginState.CLOSED);
    }

    @Test
    void argumentsMakeAPluginOfTheFiltersOwn() {
        catalog.create(rejecting("a"));
        catalog.create(
                wasm(
                        "b",
                        "wasm_binary_name=\"reject\"; fuel=5000000; deadline_ms=20; memory_mb=8; isolation=\"pooled\";"
                                + " on_error=\"open\"; max_result_bytes=4096; max_instances=7; max_wait_ms=9; grants=[\"user\", \"kind\"]; config={limit=5}"));
        PluginConfig config = plugin("b").config();

        assertThat(plugin("b").name()).isEqualTo("reject@b");
        assertThat(config.limits().fuelPerCall()).isEqualTo(5_000_000);
        assertThat(config.limits().deadline()).isEqualTo(Duration.ofMillis(20));
        assertThat(config.limits().maxMemoryBytes()).isEqualTo(8 << 20);
        assertThat(config.limits().maxResultBytes()).isEqualTo(4096);
        assertThat(config.maxInstances()).isEqualTo(7);
        assertThat(config.maxWait()).isEqualTo(Duration.ofMillis(9));
        assertThat(config.isolation()).isSameAs(Isolation.pooled());
        assertThat(config.failPolicy()).isEqualTo(FailPolicy.OPEN);
        assertThat(config.grants()).isEqualTo(Set.of(QueryProperty.USER, QueryProperty.KIND));
        assertThat(config.configuration().replaceAll("\\s", "")).isEqualTo("{\"limit\":5}");
        assertThat(plugin("a").config().failPolicy()).isEqualTo(FailPolicy.CLOSED);
    }

    @Test
    void unknownArgumentIsRefusedWithTheNearest() {
        assertRefused(
                wasm("f", "wasm_binary_name=\"reject\"; deadline=5"),
                "action_args has 'deadline', which WASM_PLUGIN does not take; the nearest is deadline_ms");
        assertRefused(
                FilterDefinition.of("f").with("action", "FAIL").with("action_args", "x=1"),
                "action_args has 'x', which FAIL does not take; it takes none");
        assertRefused(
                FilterDefinition.of("f").with("action", "CONCURRENCY_CONTROL").with("action_args", "max_queue=1"),
                "action_args has 'max_queue', which CONCURRENCY_CONTROL does not take; the nearest is max_queue_size");
    }

    @Test
    void wrongArgumentIsRefusedWithWhatItMustBe() {
        String reject = "wasm_binary_name=\"reject\"; ";
        assertRefused(
                wasm("f", ""),
                "action_args of WASM_PLUGIN must have wasm_binary_name; write for example: wasm_binary_name=\"name\"");
        assertRefused(wasm("f", reject + "fuel=0"), "action_args has fuel = 0; it must be 1 to 9223372036854775807");
        assertRefused(
                wasm("f", reject + "isolation=\"none\""),
                "action_args has isolation = \"none\"; it must be \"per_request\" or \"pooled\"");
        assertRefused(
                wasm("f", reject + "on_error=\"ignore\""),
                "action_args has on_error = \"ignore\"; it must be \"closed\" or \"open\"");
        assertRefused(
                wasm("f", reject + "grants=[\"usr\"]"),
                "action_args grants 'usr', which is no property of a query; the nearest is user");
        assertRefused(wasm("f", reject + "config=1"), "action_args has config = 1; it must be a table");
        assertRefused(
                FilterDefinition.of("f").with("action", "CONCURRENCY_CONTROL"),
                "action_args of CONCURRENCY_CONTROL must have max_queue_size and max_concurrency");
        assertRefused(
                FilterDefinition.of("f"),
                "filter 'f' has no action; give it one of CONTINUE, FAIL, FAIL_RETRY, BUFFER, CONCURRENCY_CONTROL,"
                        + " WASM_PLUGIN");
    }

    @Test
    void missingBinaryIsRefusedWithTheTextOfWescale() {
        assertRefused(
                wasm("f", "wasm_binary_name=\"none\""),
                "get wasm binary by name none failed : there is no binary of that name");
    }

    @Test
    void binaryThatDoesNotLoadIsRefusedWithTheReason() {
        assertThatThrownBy(() -> catalog.create(wasm("f", "wasm_binary_name=\"broken\"")))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'broken', load: ");
        assertThatThrownBy(() -> catalog.create(wasm("f", "wasm_binary_name=\"no_malloc\"")))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'no_malloc', load: ");
        assertThat(catalog.definitions()).isEmpty();
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void nameIsUnique() {
        catalog.create(rejecting("f"));

        assertThatThrownBy(() -> catalog.create(rejecting("f")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is a filter named 'f'; alter or drop it");
        assertThat(catalog.createIfMissing(rejecting("f"))).isFalse();
        assertThat(catalog.createIfMissing(rejecting("g"))).isTrue();
        assertThat(catalog.definitions()).extracting(FilterDefinition::name).containsExactly("f", "g");
    }

    @Test
    void alteredFilterKeepsItsPluginIfItsActionIsTheSame() {
        catalog.create(rejecting("f"));
        Plugin before = plugin("f");
        catalog.alter(rejecting("f").with("plans", "Delete").with("status", "inactive"));

        assertThat(plugin("f")).isSameAs(before);
        assertThat(before.generation()).isEqualTo(1);
        assertThat(catalog.filters().chain().isEmpty()).isTrue();
        catalog.alter(rejecting("f").with("plans", "Delete"));
        assertThat(errorOf("update t set a = 1")).isNull();
        assertThat(errorOf("delete from t")).endsWith("no where clause");
    }

    @Test
    void alteredArgumentsReplaceTheFiltersOwnPlugin() {
        catalog.create(wasm("f", "wasm_binary_name=\"reject\"; fuel=1000000"));
        Plugin before = plugin("f");
        catalog.alter(wasm("f", "wasm_binary_name=\"reject\"; fuel=2000000"));

        assertThat(plugin("f")).isSameAs(before);
        assertThat(before.generation()).isEqualTo(2);
        assertThat(before.limits().fuelPerCall()).isEqualTo(2_000_000);
        catalog.alter(rejecting("f"));
        assertThat(before.state()).isEqualTo(PluginState.CLOSED);
        assertThat(plugin("f").name()).isEqualTo("reject");
        catalog.alter(FilterDefinition.of("f").with("action", "FAIL"));
        assertThat(host.plugins()).isEmpty();
        assertThat(errorOf("select 1")).isEqualTo("disallowed due to rule: f");
    }

    @Test
    void filterStaysAsItWasIfItCannotBeAltered() {
        catalog.create(rejecting("f"));

        assertThatThrownBy(() -> catalog.alter(wasm("f", "wasm_binary_name=\"broken\"")))
                .isInstanceOf(PluginException.class);
        assertThatThrownBy(() -> catalog.alter(rejecting("g")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no filter named 'g' to alter");
        assertThat(catalog.find("f")).contains(rejecting("f"));
        assertThat(errorOf("delete from t")).endsWith("no where clause");
    }

    @Test
    void binaryThatChangedReplacesEveryPluginOfIt() {
        catalog.create(rejecting("a"));
        catalog.create(wasm("b", "wasm_binary_name=\"reject\"; fuel=1000000"));
        stored.put("reject", Guests.source("c/allows_all"));
        assertThat(errorOf("delete from t")).endsWith("no where clause");
        catalog.binaryChanged("reject");

        assertThat(errorOf("delete from t")).isNull();
        assertThat(plugin("a").generation()).isEqualTo(2);
        assertThat(plugin("b").generation()).isEqualTo(2);
    }

    @Test
    void concurrencyControlIsMadeOfText() {
        catalog.create(FilterDefinition.of("c")
                .with("action", "CONCURRENCY_CONTROL")
                .with("action_args", "max_queue_size=2; max_concurrency=1"));

        assertThat(catalog.filters().find("c").orElseThrow().action())
                .isInstanceOfSatisfying(ConcurrencyControl.class, control -> {
                    assertThat(control.maxQueueSize()).isEqualTo(2);
                    assertThat(control.maxConcurrency()).isEqualTo(1);
                });
    }
}
