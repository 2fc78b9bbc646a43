package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.SqlLease;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a guest may do after the query: see and replace the error and the result. */
@Tag("conformance")
class AfterIT extends HostedTest {
    /** A QueryResult with the one field info = "a secret, b secret". */
    private static final byte[] RESULT = "2\u0012a secret, b secret".getBytes(UTF_8);

    private SqlLease afterBefore(String guest) {
        SqlLease lease = load(guest).acquireSql();
        lease.before("select 1".getBytes(UTF_8), 0, 8);
        return lease;
    }

    @Test
    void errorAndResultStayWhenTheGuestLeavesThem() {
        try (SqlLease lease = afterBefore("c/allows_all")) {
            lease.after("broken".getBytes(UTF_8), RESULT);
            assertThat(lease.errorText()).isEqualTo("broken");
            assertThat(lease.hasResult()).isTrue();
            assertThat(lease.resultChanged()).isFalse();
        }
    }

    @Test
    void guestSeesTheError() {
        try (SqlLease lease = afterBefore("c/reports_error")) {
            lease.after("broken".getBytes(UTF_8), null);
            assertThat(lease.errorText()).isEqualTo("seen: broken");
        }
    }

    @Test
    void guestSeesThatThereIsNoError() {
        CapturedLog log = logOf("c/reports_error");
        try (SqlLease lease = afterBefore("c/reports_error")) {
            lease.after(null, null);
            assertThat(lease.hasError()).isFalse();
        }
        assertThat(log.lines()).containsExactly("INFO error 2;");
    }

    @Test
    @Shows("an error message of length 0 clears the error")
    void guestClearsTheError() {
        try (SqlLease lease = afterBefore("c/clears_error")) {
            assertThat(lease.errorText()).isEqualTo("refused for now");
            lease.after(lease.error(), null);
            assertThat(lease.hasError()).isFalse();
        }
    }

    @Test
    void guestGetsAndSetsTheResult() {
        CapturedLog log = logOf("c/echo_result");
        try (SqlLease lease = afterBefore("c/echo_result")) {
            lease.after(null, RESULT);
            assertThat(lease.resultChanged()).isTrue();
            assertThat(lease.result()).isEqualTo(RESULT);
        }
        assertThat(log.lines()).containsExactly("INFO result 0;");
    }

    @Test
    void guestSeesThatThereIsNoResult() {
        CapturedLog log = logOf("c/echo_result");
        try (SqlLease lease = afterBefore("c/echo_result")) {
            lease.after(null, null);
            assertThat(lease.hasResult()).isFalse();
        }
        assertThat(log.lines()).containsExactly("INFO result 2;");
    }

    @Test
    void guestMasksTheResult() {
        try (SqlLease lease = afterBefore("c/mask_result")) {
            lease.after(null, RESULT);
            assertThat(new String(lease.result(), UTF_8)).isEqualTo("2\u0012a ******, b ******");
        }
    }

    @Test
    @Shows("better: logs name plugin and level, and are limited")
    void logsNamePluginAndLevel() {
        CapturedLog log = logOf("c/log_lines");
        try (SqlLease lease = afterBefore("c/log_lines")) {
            lease.after(null, null);
        }
        assertThat(log.lines()).containsExactly("INFO select 1", "ERROR seen before", "INFO seen after");
    }
}
