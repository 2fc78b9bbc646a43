package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sql.SqlRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSessionTest {
    private static final int NO_BACKSLASH_ESCAPES = 0x200;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set sql_mode=''",
                "SET NAMES gbk",
                "use other",
                "call p()",
                "/* a */ set @a=1",
                "/*!50000 set sql_mode='' */",
                "/*M! set sql_mode='' */ select 1",
                "-- line\nselect 1",
                "begin not atomic set sql_mode=''; end",
                "drop database d",
                "selects",
                "",
                "/* unterminated"
            })
    void statementThatMayChangeSessionMakesItStale(String sql) {
        assertThat(mayChange(sql)).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "  (SELECT 1)",
                "/* a */insert into t values(1)",
                "update t set a=1",
                "commit",
                "show tables"
            })
    void everydayStatementLeavesSessionAlone(String sql) {
        assertThat(mayChange(sql)).as(sql).isFalse();
    }

    private static boolean mayChange(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return ClientSession.mayChangeSession(text, 0, text.length);
    }

    @Test
    void flagsThatDifferFromWhatIsKnownMakeSessionStale() {
        ClientSession session = new ClientSession("127.0.0.1", "app", "", "5.5.5-10.11.6-MariaDB");
        assertThat(session.isStale()).isTrue();
        assertThat(answer(session, "", "utf8mb4")).isNull();
        assertThat(session.isStale()).isFalse();
        session.status(2);
        assertThat(session.isStale()).isFalse();
        session.status(2 | NO_BACKSLASH_ESCAPES);
        assertThat(session.isStale()).isTrue();
        assertThat(answer(session, "NO_BACKSLASH_ESCAPES", "gbk")).isNull();
        session.status(2 | NO_BACKSLASH_ESCAPES);
        assertThat(session.isStale()).isFalse();
    }

    @Test
    void whatIsNotUnderstoodIsNamed() {
        ClientSession session = new ClientSession("127.0.0.1", "app", "", "8.4.3");
        assertThat(answer(session, "", "swe7"))
                .isEqualTo(
                        "the session's character_set_client 'swe7' is one that the gateway does not read; connect with another");
        assertThat(session.isStale()).isTrue();
    }

    @Test
    void userIsTheServersNameForIt() {
        ClientSession session = new ClientSession("127.0.0.1", "app", "", "8.4.3");
        assertThat(answer(session, "", "utf8mb4", "at@work@10.0.0.1")).isNull();
        SqlRequest request = new SqlRequest();
        session.fill(request);
        assertThat(request.user()).isEqualTo("at@work");
        assertThat(answer(session, "", "utf8mb4", "nobody")).isEqualTo("the session does not answer who its user is");
        assertThat(answer(session, "", "utf8mb4", null)).isEqualTo("the session does not answer what its texts mean");
    }

    private static @Nullable String answer(ClientSession session, String mode, String charset) {
        return answer(session, mode, charset, "u@127.0.0.1");
    }

    private static @Nullable String answer(ClientSession session, String mode, String charset, @Nullable String user) {
        return session.answer(Arrays.asList(
                mode.getBytes(StandardCharsets.US_ASCII),
                charset.getBytes(StandardCharsets.US_ASCII),
                null,
                user == null ? null : user.getBytes(StandardCharsets.UTF_8)));
    }
}
