package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.QueryProperty;
import io.sluice.plugin.SqlLease;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The optional imports from the module {@code sluice}: what WeScale's plugins cannot ask for, ours can. */
class SluiceImportsIT extends HostedTest {
    private static final byte[] QUERY = "select 1".getBytes(UTF_8);

    private Plugin load(String guest, Set<QueryProperty> grants) {
        return load(guest, PluginConfig.of(nameOf(guest)).withGrants(grants));
    }

    /** A lease that was given every property that it wants, its value being its own name. */
    private static SqlLease leaseWithProperties(Plugin plugin) {
        SqlLease lease = plugin.acquireSql();
        for (QueryProperty property : QueryProperty.values()) {
            if (lease.wants(property)) {
                lease.property(property, ("the " + property.propertyName()).getBytes(UTF_8));
            }
        }
        lease.before(QUERY, 0, QUERY.length);
        return lease;
    }

    @Test
    @Shows({"sluice.version answers 1", "configuration can be read in the start"})
    @Shows(dialects = "S", value = "get_configuration 0 10")
    void configurationIsReadInTheStartAndInCalls() {
        PluginConfig config = PluginConfig.of("configuration").withConfiguration("{\"limit\": 10, \"é\": []}");
        assertThat(errorBefore(load("sluice/configuration", config), "select 1"))
                .isEqualTo(
                        "version 1; start 0 {\"limit\": 10, \"é\": []}; before 0 {\"limit\": 10, \"é\": []}; nowhere 10; ");
    }

    @Test
    @Shows(dialects = "S", value = "get_configuration 2")
    void noConfigurationIsStatus2() {
        assertThat(report("sluice/configuration")).isEqualTo("version 1; start 2; before 2; nowhere 2; ");
    }

    @Test
    @Shows("all six properties are handed out where they are granted")
    @Shows(dialects = "S", value = "get_property 0")
    void grantedPropertiesAreHandedOutBeforeAndAfter() {
        String all = "user 0 the user; client_address 0 the client_address; database 0 the database; kind 0 the kind; "
                + "tables 0 the tables; bind_values 0 the bind_values; ";
        CapturedLog log = logOf("sluice/properties");
        Plugin plugin = load("sluice/properties", EnumSet.allOf(QueryProperty.class));
        try (SqlLease lease = leaseWithProperties(plugin)) {
            assertThat(lease.errorText()).isEqualTo(all);
            lease.after(null, null);
        }
        assertThat(log.lines()).containsExactly("INFO " + all.strip());
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            assertThat(lease.errorText())
                    .as("the next query, of which nothing is known")
                    .isEqualTo(all.replaceAll("0 the \\w+", "2"));
        }
    }

    @Test
    @Shows("a property that is not granted is not handed out")
    @Shows(dialects = "S", value = "get_property 1 2")
    void propertyThatIsNotGrantedIsNotHandedOut() {
        CapturedLog log = logOf("sluice/properties");
        Plugin plugin = load("sluice/properties", EnumSet.of(QueryProperty.USER, QueryProperty.DATABASE));
        for (int i = 0; i < 3; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                assertThat(lease.wants(QueryProperty.USER)).isTrue();
                assertThat(lease.wants(QueryProperty.TABLES)).isFalse();
                lease.property(QueryProperty.USER, "ada".getBytes(UTF_8));
                lease.property(QueryProperty.TABLES, "bank.account".getBytes(UTF_8));
                lease.before(QUERY, 0, QUERY.length);
                assertThat(lease.errorText())
                        .isEqualTo("user 0 ada; client_address 1; database 2; kind 1; tables 1; bind_values 1; ");
            }
        }
        for (String name : new String[] {"client_address", "kind", "tables", "bind_values"}) {
            assertThat(log.lines())
                    .as("one record for %s, not three", name)
                    .filteredOn(line -> line.startsWith("ERROR ") && line.contains(name))
                    .hasSize(1);
        }
    }

    @Test
    @Shows(dialects = "S", value = "get_property 10")
    void namesThatAreNoPropertyAreStatus1AndBadAddresses10() {
        Plugin plugin = load("sluice/property_names", EnumSet.allOf(QueryProperty.class));
        try (SqlLease lease = leaseWithProperties(plugin)) {
            assertThat(lease.errorText())
                    .isEqualTo("unknown 1; other case 1; no name 1; name nowhere 10; to nowhere 10; ");
        }
    }

    @Test
    void guestThatDoesNotAskForPropertiesWantsNone() {
        try (SqlLease lease =
                load("sluice/configuration", EnumSet.allOf(QueryProperty.class)).acquireSql()) {
            assertThat(lease.wants(QueryProperty.USER)).isFalse();
        }
    }

    @Test
    @Shows(dialects = "S", value = "set_error 0 2 10")
    @Shows({
        "an error with a code and a state of the guest's own",
        "better: an explicit error channel beside the compatible one"
    })
    void errorHasTheCodeAndTheStateThatTheGuestGave() {
        CapturedLog log = logOf("sluice/sets_error");
        try (SqlLease lease = load("sluice/sets_error").acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            assertThat(lease.errorText()).isEqualTo("denied by the plugin");
            assertThat(lease.errorChanged()).isTrue();
            assertThat(lease.hasErrorCode()).isTrue();
            assertThat(lease.errorCode()).isEqualTo(1142);
            assertThat(lease.sqlState()).isEqualTo("42000");
        }
        assertThat(log.lines())
                .containsExactly("INFO code 0 2; code 65536 2; state of 4 2; state of 6 2; lower case 2; no message 2; "
                        + "state nowhere 10; message nowhere 10; good 0;");
    }

    @Test
    void errorMessageOfTheCompatibleChannelHasNoCode() {
        try (SqlLease lease = load("c/refuses").acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            assertThat(lease.errorText()).isEqualTo("refused");
            assertThat(lease.hasErrorCode()).isFalse();
        }
    }

    @Test
    void errorIsReplacedAfterTheQuery() {
        try (SqlLease lease = load("sluice/replaces_error").acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            lease.after("deadlock found".getBytes(UTF_8), null);
            assertThat(lease.errorText()).isEqualTo("try again");
            assertThat(lease.errorCode()).isEqualTo(1213);
            assertThat(lease.sqlState()).isEqualTo("40001");
        }
    }

    @Test
    @Shows(dialects = "S", value = "clear_error 0")
    void errorIsClearedAfterTheQuery() {
        CapturedLog log = logOf("sluice/clears_error");
        try (SqlLease lease = load("sluice/clears_error").acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            lease.after("broken".getBytes(UTF_8), null);
            assertThat(lease.hasError()).isFalse();
            assertThat(lease.errorChanged()).isTrue();
            assertThat(lease.result()).containsExactly(0x10, 3);
        }
        assertThat(log.lines()).containsExactly("INFO clear 0; get 2; result 0;");
    }

    @Test
    void clearingNoErrorIsFine() {
        CapturedLog log = logOf("sluice/clears_error");
        try (SqlLease lease = load("sluice/clears_error").acquireSql()) {
            lease.before(QUERY, 0, QUERY.length);
            lease.after(null, null);
            assertThat(lease.hasError()).isFalse();
        }
        assertThat(log.lines()).containsExactly("INFO nothing to clear 0;");
    }

    @Test
    @Shows(dialects = "S", value = "add_counter 0 2")
    @Shows("guest counters are metrics of the plugin")
    void countersOfTheGuestAreMetricsOfThePlugin() {
        CapturedLog log = logOf("sluice/counts");
        Plugin plugin = load("sluice/counts");
        for (int i = 0; i < 3; i++) {
            assertThat(errorBefore(plugin, "select 1")).isEmpty();
        }
        String longName = "a234567890123456789012345678901234567890123456789012345678901234";
        assertThat(plugin.counterMetrics()).isEqualTo(Map.of("queries", 3L, "query_bytes", 24L, longName, 3L));
        assertThat(log.lines())
                .contains("INFO good 0; nothing 0; negative 2; no name 2; upper case 2; digit first 2; "
                        + "64 letters 0; 65 letters 2; name nowhere 10;");

        plugin.replace(GuestFiles.source("sluice/counts"));
        errorBefore(plugin, "select 1");
        assertThat(plugin.counterMetrics()).as("all versions together").containsEntry("queries", 4L);
    }

    @Test
    @Shows(dialects = "S", value = "add_counter 10")
    void counterBeyondTheMostIsRefused() {
        Plugin plugin = load("sluice/many_counters");
        assertThat(errorBefore(plugin, "select 1")).isEqualTo("made 64; then 10; an old one 0; ");
        assertThat(plugin.counterMetrics()).hasSize(64).containsEntry("counter_000", 2L);
    }

    @Test
    void unknownFunctionOfTheModuleIsNamed() {
        assertThat(loadFailure("hostile/unknown_sluice_import", Phase.LOAD))
                .hasMessageContaining("sluice.launch_missiles");
    }
}
