package io.sluice.testkit;

import static io.sluice.testkit.PluginAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // the extension sets the fields
class PluginUnderTestIT {
    @PluginUnderTest("../../sdk/examples/reject_without_where/c/reject_without_where.wasm")
    private Desk reject;

    @PluginUnderTest("../../sdk/examples/mask_columns/rust/mask_columns.wasm")
    private Desk mask;

    @PluginUnderTest(
            value = "../../sdk/examples/authenticate/java/authenticate.wasm",
            configuration = "{\"token\":\"sesame\"}",
            pooled = true)
    private Desk authenticate;

    @Test
    void rejectionsAndPassagesAreTold() {
        assertThat(reject.query("delete from t"))
                .isRejectedWith("no where clause")
                .hasCode(1105, "HY000");
        assertThat(reject.query("delete from t where a = 1"))
                .executes("delete from t where a = 1")
                .answers(Rows.none())
                .logs()
                .usesLessFuelThan(50_000);
    }

    @Test
    void resultsAreCompared() {
        Rows secret = Rows.ofColumns("id", "password").withRow(1, "abc").withRow(2, null);
        Rows masked = Rows.ofColumns("id", "password").withRow(1, "****").withRow(2, null);
        assertThat(mask.query(Statement.of("select * from users").withResult(secret)))
                .answers(masked);
    }

    @Test
    void configurationReachesThePlugin() {
        assertThat(authenticate.query("/* token=sesame */select 1")).executes("select 1");
        assertThat(authenticate.query("select 1")).hasCode(1045, "28000");
    }

    @Test
    void anErrorWithACodeThatAfterLeavesAloneReachesTheClientAsItIs() {
        Outcome denied = authenticate.query("select 1");
        org.assertj.core.api.Assertions.assertThat(denied.clientError()).isEqualTo(denied.error());
    }

    @Test
    void aFailedAssertionSaysWhatWasFound() {
        assertThatThrownBy(() -> assertThat(reject.query("select 1")).isRejectedWith("no where clause"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(
                        "expected a rejection with \"no where clause\", but \"select 1\" was executed, with the result");
    }
}
