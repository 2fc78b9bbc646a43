package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that queries share: of one plugin, or of all plugins of the host. */
class SharedValueIT extends HostedTest {
    private static final PluginLimits ROOMY =
            PluginLimits.defaults().withFuelPerCall(10_000_000_000L).withDeadline(Duration.ofSeconds(30));

    private static final String MODULE_A =
            "missing 1; set 0; get 0 one; set empty 0; get empty 2; set no key 2; get no key 2; "
                    + "set forged 2; get forged 2; set key nowhere 10; set value nowhere 10; get key nowhere 10; get to nowhere 10; ";
    private static final String GLOBAL_A = MODULE_A.replace("set forged 2; get forged 2; ", "");
    private static final String SCOPE_B = MODULE_A.replace("get 0 one; ", "get 0 one; set again 0; get 0 number two; ");

    @Test
    @Shows(
            dialects = "B",
            value = {"SetValueByKeyOnHost 0 2 10", "GetValueByKeyOnHost 0 1 2 10"})
    @Shows("a forged module is refused")
    void valuesOfDialectBAnswerEveryStatus() {
        assertThat(report("dialect_b/shared_values"))
                .isEqualTo("module: " + SCOPE_B + "global: " + SCOPE_B + "scope 2: set 2; get 2; ");
    }

    @Test
    @Shows(
            dialects = "A",
            value = {
                "SetModuleValueByKeyOnHost 0 2 10",
                "GetModuleValueByKeyOnHost 0 1 2 10",
                "SetGlobalValueByKeyOnHost 0 2 10",
                "GetGlobalValueByKeyOnHost 0 1 2 10"
            })
    void valuesOfDialectAAnswerEveryStatus() {
        assertThat(report("dialect_a/shared_values")).isEqualTo("module: " + MODULE_A + "global: " + GLOBAL_A);
    }

    @Test
    @Shows(
            dialects = "C",
            value = {"SetValueByKeyOnHost 0 2", "GetValueByKeyOnHost 0 1 2", "LockOnHost 0 2", "UnlockOnHost 0 2"})
    void dialectCSharesValuesToo() {
        String scope = "missing 1; lock 0; set 0; get 0 one; unlock 0; lock 1 2; set 1 2; get 1 2; unlock 1 2; ";
        assertThat(report("c/shares_values")).isEqualTo("module: " + scope + "global: " + scope);
    }

    @Test
    @Shows("an allocator without memory is status 10")
    @Shows("an empty value is status 2 and allocates nothing")
    void allocatorWithoutMemoryIsStatus10() {
        String status10 = String.valueOf((char) ('0' + 10));
        assertThat(report("dialect_b/allocator_answers_0"))
                .isEqualTo("query N; version N; empty 2; value N".replace("N", status10));
    }

    private static String counts(Plugin plugin) {
        return errorBefore(plugin, "report");
    }

    private Plugin counter(String folder, String name) {
        return load(folder + "/counts_with_lock", PluginConfig.of(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a", "dialect_b"})
    @Shows({
        "module values live across queries",
        "module values live across replacements",
        "module values are the plugin's own",
        "global values are every plugin's"
    })
    void moduleValuesStayWithThePluginAndGlobalOnesWithTheHost(String folder) {
        Plugin one = counter(folder, "one");
        Plugin other = counter("dialect_b", "other");
        for (int i = 0; i < 3; i++) {
            assertThat(errorBefore(one, "count")).isEmpty();
        }
        assertThat(errorBefore(other, "count")).isEmpty();
        assertThat(counts(one)).isEqualTo("module 3; global 4");
        assertThat(counts(other)).isEqualTo("module 1; global 4");

        one.replace(GuestFiles.source("dialect_b/counts_with_lock"));
        assertThat(counts(one)).isEqualTo("module 3; global 4");

        one.close();
        assertThat(counts(counter(folder, "one")))
                .as("a plugin loaded anew under the same name")
                .isEqualTo("module 0; global 4");
    }

    private Plugin store(String name) {
        return load("dialect_b/stores_bytes", PluginConfig.of(name).withLimits(ROOMY));
    }

    @Test
    @Shows("a key of 1 MiB is refused and logged")
    void keyOfAMebibyteIsRefusedAndLogged() {
        CapturedLog log = logOf("dialect_b/stores_bytes");
        Plugin plugin = store("stores_bytes");
        assertThat(errorBefore(plugin, "key 0")).isEqualTo("key 2; ");
        assertThat(errorBefore(plugin, "key 1024")).isEqualTo("key 0; ");
        assertThat(log.lines()).isEmpty();
        assertThat(errorBefore(plugin, "key 1048576")).isEqualTo("key 10; ");
        assertThat(log.lines()).singleElement().asString().startsWith("ERROR ").contains("1048576");
    }

    @Test
    @Shows(
            dialects = "C",
            value = {"SetValueByKeyOnHost 10", "GetValueByKeyOnHost 10"})
    void addressesOfDialectCAreCheckedAsThoseOfB() {
        assertThat(report("c/shares_values_nowhere")).isEqualTo("set 10; set 10; get 10; get 10; ");
    }

    @Test
    @Shows("a value above its limit is refused and logged")
    void valueAboveItsLimitIsRefusedAndLogged() {
        CapturedLog log = logOf("dialect_b/stores_bytes");
        Plugin plugin = store("stores_bytes");
        assertThat(errorBefore(plugin, "value 65536")).isEqualTo("value 0; ");
        assertThat(log.lines()).isEmpty();
        assertThat(errorBefore(plugin, "value 33554432")).isEqualTo("value 10; ");
        assertThat(log.lines()).singleElement().asString().startsWith("ERROR ").contains("33554432");
    }

    @Test
    @Shows("a scope that is full is refused and logged")
    void fullScopeIsRefusedAndLogged() {
        CapturedLog log = logOf("dialect_b/stores_bytes");
        assertThat(errorBefore(store("stores_bytes"), "fill 65536")).matches("after [1-9]\\d* values 10; ");
        assertThat(log.lines()).singleElement().asString().startsWith("ERROR ");
    }
}
