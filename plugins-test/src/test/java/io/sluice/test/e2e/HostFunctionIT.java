package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.TrapKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Host functions answer a status to whatever a guest passes them: 0, 2 for a bad argument, 10 for an address that is no good. */
@Tag("conformance")
class HostFunctionIT extends HostedTest {
    @Test
    void hostIsNamed() {
        assertThat(report("c/names_host")).isEqualTo("v1alpha1 wasmtime ");
    }

    @Test
    @Shows("an empty value is status 2 and allocates nothing")
    void emptyValueIsStatus2() {
        assertThat(errorBefore(load("c/empty_values"), ""))
                .isEqualTo("query 2; error 2; result 2; set 0; set empty 0; query 2; ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hostile/malloc_returns_0",
                "hostile/malloc_returns_address_past_memory",
                "hostile/malloc_returns_last_address"
            })
    @Shows("an allocator without memory is status 10")
    void badAddressFromMallocIsStatus10(String guest) {
        assertThat(report(guest)).isEqualTo("get 10; ");
    }

    @Test
    void oddAddressFromMallocIsGood() {
        assertThat(report("hostile/malloc_returns_odd_address")).isEqualTo("get 0; select 1");
    }

    @Test
    @Shows("memory may grow inside the allocator")
    void memoryMayGrowInsideMalloc() {
        assertThat(report("wat/malloc_grows_memory")).isEqualTo("select 1");
    }

    @Test
    void trapInsideMallocEndsTheCall() {
        PluginException failure = failureBefore(load("hostile/malloc_traps"), "select 1");
        assertThat(failure).hasMessageContaining("unreachable instruction executed");
        assertTrap(failure, TrapKind.UNREACHABLE);
    }

    @Test
    void loopInsideMallocEndsTheCall() {
        PluginException failure = failureBefore(load("hostile/loops_in_malloc"), "select 1");
        assertThat(failure).hasMessageContaining("limits of the call");
    }

    @Test
    void outPointersOutsideMemoryAreStatus10() {
        assertThat(report("hostile/out_pointers"))
                .isEqualTo("past 10; past length 10; across 10; last 10; version 10; ");
    }

    @Test
    void outPointersThatOverlapAreTheGuestsOwnAffair() {
        CapturedLog log = logOf("hostile/out_pointers");
        try (SqlLease lease = load("hostile/out_pointers").acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            lease.after("an error".getBytes(UTF_8), null);
        }
        assertThat(log.lines()).containsExactly("INFO one place 0; across each other 0;");
    }

    @Test
    void hugeLengthsAreStatus10() {
        assertThat(report("hostile/lengths"))
                .isEqualTo("query 10; query 10; query 10; error 10; error 10; result 10; result 10; "
                        + "info 10; info 10; last 10; nothing 10; ");
    }

    @Test
    @Shows("better: ctx is opaque and checked")
    void forgedContextIsStatus2() {
        Plugin plugin = load("hostile/forged_ctx");
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            assertThat(lease.errorText()).isEqualTo("get 2; set 2; ".repeat(6));
            assertThat(lease.queryChanged()).isFalse();
        }
    }

    @Test
    void contextOfAnEarlierQueryIsStatus2() {
        PluginConfig config =
                PluginConfig.of("kept_ctx").withIsolation(Isolation.pooled()).withMaxInstances(1);
        Plugin plugin = load("hostile/kept_ctx", config);
        assertThat(errorBefore(plugin, "select 1")).isEmpty();
        assertThat(errorBefore(plugin, "select 2")).isEqualTo("other 2; ");
    }

    @Test
    void resultThatIsNoProtobufIsStatus10() {
        CapturedLog log = logOf("hostile/garbage_result");
        try (SqlLease lease = load("hostile/garbage_result").acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            lease.after(null, null);
            assertThat(lease.hasResult()).isFalse();
        }
        assertThat(log.lines()).containsExactly("INFO result 10;");
    }

    @Test
    void exitDuringCallNamesTheCode() {
        Plugin plugin = load("hostile/exits_in_before");
        PluginException failure = failureBefore(plugin, "select 1");
        assertThat(failure).hasMessageContaining("3");
        assertThat(failure.phase()).isEqualTo(Phase.BEFORE);
        assertThat(plugin.counters().exits()).isEqualTo(1);
    }

    @Test
    void textThatIsNoUtf8IsShownReplaced() {
        CapturedLog log = logOf("hostile/text_not_utf8");
        assertThat(report("hostile/text_not_utf8")).isEqualTo("bad \ufffd\ufffd text\0end");
        assertThat(log.lines()).hasSize(1);
        assertThat(log.lines().get(0)).isEqualTo("INFO one\\u000aERROR forged\\u001b[2J\ufffd");
    }
}
