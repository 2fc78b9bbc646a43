package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.PluginConfig;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order of a chain: before in ascending priority, after the other way round, each stage with what the one before it left. */
class ChainIT extends JdbcTest {
    private static final Logger PLUGINS = Logger.getLogger("io.sluice.plugin");

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord record) {
            String name = record.getLoggerName();
            calls.add(name.substring(name.lastIndexOf('.') + 1) + ": " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void recordCalls() {
        PLUGINS.setUseParentHandlers(false);
        PLUGINS.addHandler(recorder);
    }

    @AfterEach
    void stopRecording() {
        PLUGINS.removeHandler(recorder);
        PLUGINS.setUseParentHandlers(true);
    }

    /** A filter that logs the query before, "seen before", and "seen after". */
    private SqlFilter logging(String name, int priority) {
        return SqlFilter.of(load("c/log_lines", PluginConfig.of(name))).withPriority(priority);
    }

    private SqlFilter filter(String guest, int priority) {
        return filter(guest).withPriority(priority);
    }

    private List<String> stages() {
        return calls.stream().filter(call -> call.contains("seen")).toList();
    }

    @Test
    @Shows({"before: ascending priority", "after: reverse order of those called before", "WASM_PLUGIN"})
    void beforeGoesUpByPriorityAndAfterBackDown() throws SQLException {
        String answer = answer("select 1", logging("third", 30), logging("first", 10), logging("second", 20));
        assertThat(answer).isEqualTo("(1)");
        assertThat(stages())
                .containsExactly(
                        "first: seen before",
                        "second: seen before",
                        "third: seen before",
                        "third: seen after",
                        "second: seen after",
                        "first: seen after");
    }

    @Test
    @Shows({
        "before: the first error stops the stage",
        "before: a rejected query is not executed",
        "after: a filter not called before is not called",
        "after: the error that one leaves is the next one's",
        "error from wasm plugin at before execution stage: <msg>",
        "error 1105, SQLSTATE HY000"
    })
    void firstErrorStopsTheStageAndGoesBackThroughThoseCalled() throws SQLException {
        String answer =
                answer("delete from users", logging("first", 10), filter("c/refuses", 20), logging("third", 30));
        assertThat(answer).isEqualTo("1105 HY000 " + AT_AFTER + AT_AFTER + AT_BEFORE + "refused");
        assertThat(stages()).containsExactly("first: seen before", "first: seen after");
        assertThat(answer("select count(*) from users")).isEqualTo("(3)");
    }

    @Test
    @Shows("both prefixes for an error of before")
    void errorOfBeforeHasBothPrefixes() throws SQLException {
        assertThat(answer("update users set name = 'x'", filter(GuestFiles.REJECT)))
                .isEqualTo("1105 HY000 error from wasm plugin at after execution stage: "
                        + "error from wasm plugin at before execution stage: no where clause");
    }

    @Test
    @Shows({"after: an error replaces a result", "error from wasm plugin at after execution stage: <msg>"})
    void errorOfAfterReplacesTheResult() throws SQLException {
        assertThat(answer("delete from users where id = 3", filter("c/refuses_after")))
                .isEqualTo("1105 HY000 error from wasm plugin at after execution stage: refused after");
        assertThat(answer("select count(*) from users")).as("it was executed").isEqualTo("(2)");
    }

    @Test
    void errorOfTheDatabaseGoesThroughEveryAfter() throws SQLException {
        assertThat(answer("select nothing from users", filter("c/reports_error", 10), logging("second", 20)))
                .startsWith("1105 HY000 " + AT_AFTER + "seen: " + AT_AFTER)
                .contains("NOTHING");
    }

    @Test
    void errorThatOneLeavesIsSeenByTheNext() throws SQLException {
        assertThat(answer("select 1", filter("c/reports_error", 10), filter("c/refuses_after", 20)))
                .isEqualTo("1105 HY000 " + AT_AFTER + "seen: " + AT_AFTER + "refused after");
    }

    @Test
    @Shows("after: the result that one leaves is the next one's")
    void resultThatOneLeavesIsTheNextOnes() throws SQLException {
        SqlFilter made = filter("c/answers_itself", 20);
        assertThat(answer("select 1", made)).isEqualTo("(a secret, null)");
        assertThat(answer("select 1", filter("c/mask_result", 10), made)).isEqualTo("(a ******, null)");
        assertThat(answer("select 1", filter("c/mask_result", 30), made))
                .as("the mask's after comes first here")
                .isEqualTo("(a secret, null)");
    }

    @Test
    @Shows({"after: a result of the guest's own replaces an error", "after: an error is cleared"})
    void resultOfTheGuestsOwnReplacesAnError() throws SQLException {
        assertThat(answer("select nothing from users", filter("c/answers_itself")))
                .isEqualTo("(a secret, null)");
        assertThat(answer("select 1", filter("c/answers_itself", 10), filter("c/refuses", 20)))
                .isEqualTo("(a secret, null)");
    }

    @Test
    @Shows("unknown error in wasm plugin")
    void noErrorAndNoResultIsAnUnknownError() throws SQLException {
        assertThat(answer("select 1", filter("c/clears_error"))).isEqualTo("1105 HY000 unknown error in wasm plugin");
    }

    @Test
    @Shows({
        "after: a plugin that trapped before is not called, the others are",
        "a trap's text names plugin, phase and kind",
        "better: an instance that trapped is dropped, its cause kept"
    })
    void pluginThatTrappedBeforeIsNotCalledAfter() throws SQLException {
        SqlFilter trapping = SqlFilter.of(load("dialect_b/locks_and_traps")).withPriority(20);
        String answer = answer("select 1", logging("first", 10), trapping, logging("third", 30));
        assertThat(answer)
                .startsWith("1105 HY000 " + AT_AFTER + "plugin 'locks_and_traps', before: ")
                .contains("unreachable instruction executed");
        assertThat(stages()).containsExactly("first: seen before", "first: seen after");
    }

    @Test
    @Shows("before: the query that one leaves is the next one's")
    void queryThatOneLeavesIsTheNextOnes() throws SQLException {
        SqlFilter limit = filter("assemblyscript/rewrite_query", 10);
        assertThat(answer("select id from users order by id", limit, logging("second", 20)))
                .isEqualTo("(1) (2) (3)");
        assertThat(calls).contains("second: select id from users order by id LIMIT 100");
    }

    @Test
    @Shows("a rewritten query is not matched again")
    void rewrittenQueryIsNotMatchedAgain() throws SQLException {
        SqlFilter rewrite = filter("c/rewrites_as_told", 10);
        SqlFilter refuseDelete =
                filter("c/refuses", 20).withPattern(FilterPattern.any().withQueryRegex("(?i)delete.*"));
        SqlFilter refuseSelect =
                filter("c/refuses_after", 30).withPattern(FilterPattern.any().withQueryRegex("(?i)select.*"));
        assertThat(answer("select 1 => delete from users where id = 3", rewrite, refuseDelete, refuseSelect))
                .isEqualTo("1105 HY000 " + AT_AFTER + AT_AFTER + "refused after");
        assertThat(answer("select count(*) from users")).isEqualTo("(2)");
    }
}
