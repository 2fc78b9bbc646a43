package io.sluice.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plugin can ask for by the import module {@code sluice}, as docs/sluice-imports.md promises it. */
@Tag("conformance")
class SluiceImportsIT extends HostedPlugins {
    private static final Set<QueryProperty> ALL = EnumSet.allOf(QueryProperty.class);

    @Test
    void configurationIsReadAtStartAndBeforeEachQuery() {
        Plugin plugin = load(CONFIG.withConfiguration("{\"limit\": 10, \"name\": \"grüße\"}"), "sluice/configuration");

        assertThat(errorOf(plugin, "select 1"))
                .isEqualTo("version 1; start 0 {\"limit\": 10, \"name\": \"grüße\"}; "
                        + "before 0 {\"limit\": 10, \"name\": \"grüße\"}; nowhere 10; ");
        plugin.replace(CONFIG.withConfiguration("{}"), Guests.source("sluice/configuration"));
        assertThat(errorOf(plugin, "select 1")).isEqualTo("version 1; start 0 {}; before 0 {}; nowhere 10; ");
    }

    @Test
    void noConfigurationIsStatus2() {
        assertThat(errorOf(load("sluice/configuration"), "select 1"))
                .isEqualTo("version 1; start 2; before 2; nowhere 2; ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void grantedPropertiesAreSeenBeforeAndAfter(boolean pooled) {
        PluginConfig config = CONFIG.withName(pooled ? "seen-pooled" : "seen")
                .withGrants(ALL)
                .withIsolation(pooled ? Isolation.pooled() : Isolation.perRequest());
        Plugin plugin = load(config, "sluice/properties");
        String all = "user 0 bob; client_address 0 ::1; database 0 shop; kind 0 Update; tables 0 shop.t\nshop.u; "
                + "bind_values 0 [1,\"ü\"]; ";
        List<String> log = logOf(config.name(), () -> {
            try (SqlLease lease = plugin.acquireSql()) {
                give(lease, QueryProperty.USER, "bob");
                give(lease, QueryProperty.CLIENT_ADDRESS, "::1");
                give(lease, QueryProperty.DATABASE, "shop");
                give(lease, QueryProperty.KIND, "Update");
                give(lease, QueryProperty.TABLES, "shop.t\nshop.u");
                give(lease, QueryProperty.BIND_VALUES, "[1,\"ü\"]");
                before(lease, "update t");
                assertThat(lease.errorText()).isEqualTo(all);
                lease.after(null, null);
            }
        });
        assertThat(log).containsExactly("INFO " + all.replace("\n", "\\u000a").stripTrailing());
        // The lease has ended, and with it what was known.
        assertThat(errorOf(plugin, "update t"))
                .isEqualTo("user 2; client_address 2; database 2; kind 2; tables 2; bind_values 2; ");
    }

    private static void give(SqlLease lease, QueryProperty property, String text) {
        assertThat(lease.wants(property)).isTrue();
        lease.property(property, text.getBytes(UTF_8));
    }

    @Test
    void propertyOf1MibCrossesWhole() {
        Plugin plugin = load(CONFIG.withGrants(ALL), "sluice/properties");
        try (SqlLease lease = plugin.acquireSql()) {
            lease.property(QueryProperty.BIND_VALUES, new byte[1 << 20]);
            before(lease, "select 1");
            assertThat(lease.errorText()).contains("bind_values ");
        }
    }

    @ParameterizedTest
    @EnumSource(QueryProperty.class)
    void whatIsNotGrantedIsStatus1AndLoggedOnceAVersion(QueryProperty withheld) {
        Set<QueryProperty> granted = EnumSet.complementOf(EnumSet.of(withheld));
        PluginConfig config = CONFIG.withName("withheld-" + withheld).withGrants(granted);
        Plugin plugin = load(config, "sluice/properties");
        String refusal = "SEVERE get_property: property '" + withheld.propertyName()
                + "' is not granted to this plugin: see PluginConfig.withGrants";
        for (int version = 1; version <= 2; version++) {
            List<String> log = logOf(config.name(), () -> {
                for (int i = 0; i < 3; i++) {
                    try (SqlLease lease = plugin.acquireSql()) {
                        assertThat(lease.wants(withheld)).isFalse();
                        lease.property(withheld, "secret".getBytes(UTF_8));
                        before(lease, "select 1");
                        assertThat(lease.errorText()).contains(withheld.propertyName() + " 1; ");
                    }
                }
            });
            assertThat(log).containsExactly(refusal);
            plugin.replace(config, Guests.source("sluice/properties"));
        }
    }

    @Test
    void propertyOfAPluginThatCannotAskIsNotWanted() {
        Plugin plugin = load(CONFIG.withGrants(ALL), "c/echo_query");
        try (SqlLease lease = plugin.acquireSql()) {
            assertThat(lease.wants(QueryProperty.USER)).isFalse();
            lease.property(QueryProperty.USER, "bob".getBytes(UTF_8));
            before(lease, "select 1");
        }
    }

    @Test
    void propertyOfAClosedLeaseIsRefused() {
        Plugin plugin = load(CONFIG.withGrants(ALL), "sluice/properties");
        SqlLease lease = plugin.acquireSql();
        lease.close();
        assertThatThrownBy(() -> lease.property(QueryProperty.USER, new byte[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("plugin 'p': the lease is closed; take a new one");
    }

    @Test
    void propertiesAreNamedAsGuestsNameThem() {
        assertThat(ALL)
                .extracting(QueryProperty::propertyName)
                .containsExactly("user", "client_address", "database", "kind", "tables", "bind_values");
        for (QueryProperty property : ALL) {
            assertThat(QueryProperty.named(property.propertyName())).contains(property);
            assertThat(property.number()).isNotNegative();
        }
        assertThat(QueryProperty.named("USER")).isEmpty();
    }

    @Test
    void errorHasItsCodeAndState() {
        Plugin plugin = load(CONFIG.withName("sets-error"), "sluice/sets_error");
        List<String> log = logOf("sets-error", () -> {
            try (SqlLease lease = plugin.acquireSql()) {
                before(lease, "select 1");
                assertThat(lease.errorText()).isEqualTo("denied by the plugin");
                assertThat(lease.hasErrorCode()).isTrue();
                assertThat(lease.errorChanged()).isTrue();
                assertThat(lease.errorCode()).isEqualTo(1142);
                assertThat(lease.sqlState()).isEqualTo("42000");
                lease.after(null, null);
                assertThat(lease.hasErrorCode()).isFalse();
                assertThat(lease.errorChanged()).isFalse();
                assertThatThrownBy(lease::errorCode)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the last call left no error code: look at its outcome first");
                assertThatThrownBy(lease::sqlState).isInstanceOf(IllegalStateException.class);
            }
        });
        assertThat(log)
                .containsExactly("INFO code 0 2; code 65536 2; state of 4 2; state of 6 2; lower case 2; no message 2; "
                        + "state nowhere 10; message nowhere 10; good 0;");
    }

    @Test
    void errorIsReplacedAndClearedAfterTheQuery() {
        Plugin replaces = load("sluice/replaces_error");
        try (SqlLease lease = replaces.acquireSql()) {
            before(lease, "select 1");
            lease.after("deadlock".getBytes(UTF_8), null);
            assertThat(lease.errorText()).isEqualTo("try again");
            assertThat(lease.errorCode()).isEqualTo(1213);
            assertThat(lease.sqlState()).isEqualTo("40001");
        }
        Plugin clears = load(CONFIG.withName("clears"), "sluice/clears_error");
        try (SqlLease lease = clears.acquireSql()) {
            before(lease, "select 1");
            lease.after("lost".getBytes(UTF_8), null);
            assertThat(lease.hasError()).isFalse();
            assertThat(lease.errorChanged()).isTrue();
            assertThat(lease.hasResult()).isTrue();
        }
    }

    @Test
    void countersAddUpAcrossInstancesAndVersions() {
        Plugin plugin = load(CONFIG.withName("counts"), "sluice/counts");
        String longest = "a234567890123456789012345678901234567890123456789012345678901234";
        List<String> log = logOf("counts", () -> errorOf(plugin, "12345678"));
        assertThat(log)
                .containsExactly("INFO good 0; nothing 0; negative 2; no name 2; upper case 2; digit first 2; "
                        + "64 letters 0; 65 letters 2; name nowhere 10;");
        errorOf(plugin, "12");
        plugin.replace(Guests.source("sluice/counts"));
        errorOf(plugin, "12");

        assertThat(plugin.counterMetrics())
                .containsOnlyKeys("query_bytes", "queries", longest)
                .containsEntry("query_bytes", 12L)
                .containsEntry("queries", 3L)
                .containsEntry(longest, 3L);
        plugin.close();
        assertThat(plugin.counterMetrics()).containsEntry("queries", 3L);
    }

    @Test
    void countersOfAPluginThatKeepsNoneAreEmpty() {
        assertThat(load("c/allows_all").counterMetrics()).isEmpty();
    }

    @Test
    void counterAboveTheLimitIsStatus10AndLogged() {
        Plugin plugin = load(CONFIG.withName("many"), "sluice/many_counters");
        List<String> log = logOf(
                "many", () -> assertThat(errorOf(plugin, "select 1")).isEqualTo("made 64; then 10; an old one 0; "));
        assertThat(log).containsExactly("SEVERE add_counter: 65 counters asked for, 64 allowed: use fewer names");
        assertThat(plugin.counterMetrics()).hasSize(64).containsEntry("counter_000", 2L);
    }
}
