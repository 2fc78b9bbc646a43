package io.sluice.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dialects of WeScale's ABI are told apart when a plugin is loaded, and what is none of them is refused by name. */
@Tag("conformance")
class DialectIT extends HostedPlugins {
    @ParameterizedTest
    @CsvSource({
        "dialect_a/every_function, WESCALE_A",
        "dialect_a/locks_without_result, WESCALE_A",
        "dialect_b/every_function, WESCALE_B",
        "dialect_b/locks_without_result, WESCALE_B",
        "c/allows_all, WESCALE_C",
        "c/every_function, WESCALE_C",
        "c/shares_values, WESCALE_C",
        "upstream/design_document, WESCALE_A",
        "upstream/sdk_legacy, WESCALE_B",
        "upstream/sdk_current, WESCALE_C"
    })
    void dialectIsToldByEntryPointsAndImports(String guest, PluginAbi abi) {
        Plugin plugin = load(guest);

        assertThat(plugin.abi()).isEqualTo(abi);
        try (SqlLease lease = plugin.acquireSql()) {
            before(lease, "select 1");
            lease.after(null, null);
        }
    }

    @Test
    void replacementMayBeOfAnotherDialect() {
        Plugin plugin = load("dialect_b/every_function");

        plugin.replace(Guests.source("c/allows_all"));

        assertThat(plugin.abi()).isEqualTo(PluginAbi.WESCALE_C);
    }

    private void refused(String guest, String message) {
        assertThatThrownBy(() -> load(guest))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("plugin 'p', load: ")
                .hasMessageContaining(message);
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void legacyBeforeWithCurrentAfterIsRefused() {
        refused(
                "hostile/before_legacy_after_current",
                "mixed entry points: RunBeforeExecutionOnGuest is func (i64, i64) -> (), as in dialects A and B (SDK v0.1),"
                        + " RunAfterExecutionOnGuest is func (i64) -> (), as in dialect C (SDK v0.2): build both with one SDK");
    }

    @Test
    void currentBeforeWithLegacyAfterIsRefused() {
        refused(
                "hostile/before_current_after_legacy",
                "mixed entry points: RunAfterExecutionOnGuest is func () -> (), as in dialects A and B (SDK v0.1),"
                        + " RunBeforeExecutionOnGuest is func (i64) -> (), as in dialect C (SDK v0.2): build both with one SDK");
    }

    @Test
    void legacyEntryPointsWithoutTheirAllocatorAreRefused() {
        refused(
                "hostile/legacy_with_malloc",
                "missing export proxy_on_memory_allocate: expected func (i32) -> i32, found none: the entry points are those"
                        + " of dialects A and B, malloc is the allocator of dialect C");
    }

    @Test
    void currentEntryPointsWithTheOlderAllocatorAreRefused() {
        refused(
                "hostile/current_with_legacy_allocator",
                "missing export malloc: expected func (i32) -> i32, found none: the entry points are those of dialect C,"
                        + " proxy_on_memory_allocate is the allocator of dialects A and B");
    }

    @Test
    void importsOfTwoDialectsAreRefused() {
        assertThatThrownBy(() -> load("hostile/imports_of_two_dialects"))
                .hasMessageMatching("plugin 'p', load: mixed imports: (env\\.\\w+, )*env\\.\\w+ of dialect A,"
                        + " (env\\.\\w+, )*env\\.\\w+ of dialect B: build the plugin with one SDK");
    }

    @Test
    void lockOfAnotherTypeIsNamedWithBothTypes() {
        assertThatThrownBy(() -> load("hostile/lock_wrong_type"))
                .hasMessageContaining("import env.")
                .hasMessageContaining("the module asks for func ");
    }

    @Test
    void unknownImportOfOurModuleIsNamed() {
        assertThatThrownBy(() -> load("hostile/unknown_sluice_import"))
                .hasMessageContaining("unknown import sluice.")
                .hasMessageContaining("the host offers nothing of that name");
    }
}
