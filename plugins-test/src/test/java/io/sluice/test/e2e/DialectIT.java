package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginAbi;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.SqlLease;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Three dialects share the name v1alpha1; a module is one of them, told by its exports and imports when it is loaded, or refused. */
class DialectIT extends HostedTest {
    @ParameterizedTest
    @CsvSource({
        "dialect_a/lock_states, WESCALE_A",
        "dialect_a/early_spelling, WESCALE_A",
        "upstream/design_document, WESCALE_A",
        "dialect_b/keeps_lock, WESCALE_B",
        "dialect_b/allocator_answers_0, WESCALE_B",
        "upstream/sdk_legacy, WESCALE_B",
        "c/allows_all, WESCALE_C",
        "c/shares_values, WESCALE_C",
        "upstream/sdk_current, WESCALE_C"
    })
    @Shows({
        "dialect A is told by its imports",
        "dialect B is told by its entry points",
        "dialect C is told by its entry points"
    })
    void dialectIsToldByExportsAndImports(String guest, PluginAbi abi) {
        assertThat(load(guest).abi()).isEqualTo(abi);
    }

    @Test
    @Shows("a module of two dialects' imports is refused by name")
    void importsOfTwoDialectsAreRefusedByName() {
        assertThat(loadFailure("hostile/imports_of_two_dialects", Phase.LOAD))
                .hasMessageContaining("env.GlobalLockOnHost")
                .hasMessageContaining("env.GetValueByKeyOnHost");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile/before_legacy_after_current", "hostile/before_current_after_legacy"})
    @Shows("a module of two dialects' entry points is refused by name")
    void entryPointsOfTwoDialectsAreRefusedByName(String guest) {
        String legacy = guest.contains("before_legacy") ? "RunBeforeExecutionOnGuest" : "RunAfterExecutionOnGuest";
        assertThat(loadFailure(guest, Phase.LOAD))
                .hasMessageContaining("mixed entry points: " + legacy + " is func ")
                .hasMessageContaining("as in dialects A and B (SDK v0.1), ")
                .hasMessageContaining("as in dialect C (SDK v0.2): build both with one SDK");
    }

    @Test
    @Shows("an allocator of another dialect is refused by name")
    void allocatorOfAnotherDialectIsRefusedByName() {
        assertThat(loadFailure("hostile/legacy_with_malloc", Phase.LOAD))
                .hasMessageContaining(
                        "missing export proxy_on_memory_allocate: expected func (i32) -> i32, found none");
        assertThat(loadFailure("hostile/current_with_legacy_allocator", Phase.LOAD))
                .hasMessageContaining("missing export malloc: expected func (i32) -> i32, found none");
    }

    @Test
    void lockOfAnotherTypeIsNamedWithBothTypes() {
        assertThat(loadFailure("hostile/lock_wrong_type", Phase.LOAD))
                .hasMessageContaining("import env.LockOnHost: the module asks for func (i32, i64) -> i64")
                .hasMessageContaining("func (i32, i64)");
    }

    @Test
    void versionOfAnotherDialectMayTakeOver() {
        Plugin plugin = load("upstream/sdk_current");
        plugin.replace(GuestFiles.source("dialect_b/counts_with_lock"));
        assertThat(plugin.abi()).isEqualTo(PluginAbi.WESCALE_B);
        assertThat(errorBefore(plugin, "report")).isEqualTo("module 0; global 0");
    }

    /** WeScale's second SDK: a command, two arguments before and none after, locks that answer nothing. */
    @Test
    void pluginOfTheFirstSdksRunsUnchanged() {
        Plugin plugin = load("upstream/sdk_legacy");
        assertThat(errorBefore(plugin, "select 1")).isEmpty();
        assertThat(errorBefore(plugin, "select password from t")).isEqualTo("query 2 names a password");
        byte[] result = {0x10, 7};
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before("select 2".getBytes(UTF_8), 0, 8);
            lease.after("broken".getBytes(UTF_8), result);
            assertThat(lease.errorText()).isEqualTo("broken");
            assertThat(lease.result()).isEqualTo(result);
        }
        assertThat(errorBefore(plugin, "password")).isEqualTo("query 4 names a password");
    }

    /** The current SDK's compiler: a command, all of the C library's allocator exported, the error handed back only if there is one. */
    @Test
    void pluginOfTheCurrentSdkRunsUnchanged() {
        try (SqlLease lease = load("upstream/sdk_current").acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            lease.after(null, "2\u0012a secret, b secret".getBytes(UTF_8));
            assertThat(new String(lease.result(), UTF_8)).isEqualTo("2\u0012a ******, b ******");
            assertThat(lease.hasError()).isFalse();
        }
    }

    /** The design document's own list of functions, with the first host's spelling of one. */
    @Test
    void pluginOfTheDesignDocumentRunsUnchanged() throws PluginException {
        Plugin plugin = load("upstream/design_document");
        for (int i = 1; i <= 2; i++) {
            try (SqlLease lease = plugin.acquireSql()) {
                lease.before("select 1".getBytes(UTF_8), 0, 8);
                assertThat(new String(lease.query(), UTF_8))
                        .isEqualTo("select 1 /* " + i + " of this plugin, " + i + " of all */");
                lease.after(null, null);
            }
        }
    }
}
