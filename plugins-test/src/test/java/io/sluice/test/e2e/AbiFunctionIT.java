package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.SqlLease;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each host function that the dialects share answers each of its statuses, whatever the dialect. */
class AbiFunctionIT extends HostedTest {
    private static final String HOST =
            "version 0 v1alpha1; runtime 0 wasmtime; version 10; runtime 10; " + "info 0; info 10; error 0; error 10; ";
    private static final String QUERY = "get query 0 select 1; get query 2; get query 10; set query 0; set query 2; "
            + "set query 10; get query 0 select 2; set query 0; get query 2; ";
    private static final String ERROR = "get error 2; set error 0; get error 0 an error; get error 2; get error 10; "
            + "set error 2; set error 10; set error 0; get error 2; ";
    private static final String RESULT = "get result 2; set result 0; get result 0; get result 2; get result 10; "
            + "set result 2; set result 10; set result 10; ";

    @ParameterizedTest
    @ValueSource(strings = {"dialect_a", "dialect_b", "c"})
    @Shows(
            dialects = "ABC",
            value = {
                "GetAbiVersionOnHost 0 10",
                "GetRuntimeTypeOnHost 0 10",
                "InfoLogOnHost 0 10",
                "ErrorLogOnHost 0 10",
                "GetQueryOnHost 0 2 10",
                "SetQueryOnHost 0 2 10",
                "GetErrorMessageOnHost 0 2 10",
                "SetErrorMessageOnHost 0 2 10",
                "GetQueryResultOnHost 0 2 10",
                "SetQueryResultOnHost 0 2 10"
            })
    @Shows({"the host asks the guest's allocator for memory", "a forged ctx is refused"})
    void everyFunctionAnswersEveryStatus(String folder) {
        String guest = folder + "/every_function";
        CapturedLog log = logOf(guest);
        try (SqlLease lease = load(guest, PluginConfig.of("every_function")).acquireSql()) {
            lease.before("select 1".getBytes(UTF_8), 0, 8);
            assertThat(lease.errorText()).isEqualTo(HOST + QUERY + ERROR);
            assertThat(lease.queryChanged()).isTrue();
            assertThat(lease.query()).isEmpty();
            assertThat(log.lines()).containsExactly("INFO an info", "ERROR an error");

            lease.after(null, null);
            assertThat(log.lines()).element(2).isEqualTo("INFO " + (ERROR + RESULT).strip());
            assertThat(lease.hasError()).isFalse();
            assertThat(lease.result()).containsExactly(0x10, 7);
        }
    }
}
