package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Guests;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Phase;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("conformance")
class QueryExecutionIT {
    private static final String BEFORE = "error from wasm plugin at before execution stage: ";
    private static final String AFTER = "error from wasm plugin at after execution stage: ";
    private static final String REJECTED = "update t set a=1";

    private final QueryExecution execution = new QueryExecution();
    private PluginHost host;

    @BeforeEach
    void open() {
        host = PluginHost.create();
    }

    @AfterEach
    void close() {
        execution.close();
        host.close();
        assertThat(host.memoryUsedBytes()).isZero();
    }

    private Plugin load(PluginConfig config, String guest) {
        return host.load(config, Guests.source(guest));
    }

    private SqlFilter filter(String guest, int priority) {
        return filter(guest, priority, FailPolicy.CLOSED);
    }

    private SqlFilter filter(String guest, int priority, FailPolicy policy) {
        String name = guest.substring(guest.indexOf('/') + 1) + host.plugins().size();
        PluginConfig config = PluginConfig.of(name)
                .withFailPolicy(policy)
                .withLimits(PluginLimits.defaults().withFuelPerCall(1_000_000));
        return SqlFilter.of(load(config, guest)).withPriority(priority);
    }

    private boolean before(FilterChain chain, String query) {
        return execution.before(chain, SqlRequest.of(query));
    }

    private void rejectedAfter() {
        execution.after(null, null);
    }

    private @Nullable String error() {
        SqlError error = execution.error();
        return error == null ? null : error.message();
    }

    @Test
    void queryThatIsLeftAloneGoesThrough() {
        FilterChain chain = FilterChain.of(filter("c/reject_without_where", 1));
        byte[] result = QueryResultWriter.ofUpdate(1, 0);

        assertThat(before(chain, "update t set a=1 where b=2")).isTrue();
        assertThat(execution.queryChanged()).isFalse();
        assertThat(execution.queryText()).isEqualTo("update t set a=1 where b=2");
        assertThat(execution.isFiltered()).isTrue();
        assertThat(execution.wantsResult()).isFalse();
        long fuelBefore = execution.fuelUsed();
        assertThat(fuelBefore).isPositive();

        execution.after(null, result);

        assertThat(execution.error()).isNull();
        assertThat(execution.result()).isSameAs(result);
        assertThat(execution.resultChanged()).isFalse();
        assertThat(execution.errorChanged()).isFalse();
        assertThat(execution.fuelUsed()).isGreaterThan(fuelBefore);
    }

    @Test
    void emptyChainCallsNobody() {
        assertThat(before(FilterChain.empty(), "select 1")).isTrue();
        execution.after("db error".getBytes(UTF_8), null);

        assertThat(execution.isFiltered()).isFalse();
        assertThat(error()).isEqualTo("db error");
        assertThat(execution.errorChanged()).isFalse();
    }

    @Test
    void rejectionHasTheTextsOfWescaleByteForByte() {
        FilterChain chain = FilterChain.of(filter("c/reject_without_where", 1));

        assertThat(before(chain, REJECTED)).isFalse();
        assertThat(error()).isEqualTo(BEFORE + "no where clause");
        rejectedAfter();

        assertThat(execution.error())
                .isEqualTo(new SqlError(
                        1105,
                        "HY000",
                        "error from wasm plugin at after execution stage: error from wasm plugin at before execution"
                                + " stage: no where clause"));
        assertThat(execution.error())
                .hasToString("ERROR 1105 (HY000): error from wasm plugin at after execution stage: error from wasm"
                        + " plugin at before execution stage: no where clause");
    }

    @Test
    void errorOfTheDatabaseGoesThroughAfter() {
        FilterChain chain = FilterChain.of(filter("c/allows_all", 1));

        assertThat(before(chain, "select 1")).isTrue();
        execution.after("table not found".getBytes(UTF_8), null);

        assertThat(error()).isEqualTo(AFTER + "table not found");
        assertThat(execution.errorChanged()).isTrue();
    }

    @Test
    void noErrorAndNoResultIsAnUnknownError() {
        FilterChain chain = FilterChain.of(filter("c/clears_error", 1));

        assertThat(before(chain, "select 1")).isFalse();
        assertThat(error()).isEqualTo(BEFORE + "refused for now");
        rejectedAfter();

        assertThat(error()).isEqualTo("unknown error in wasm plugin");
    }

    @Test
    void laterFilterSeesTheRewrittenQuery() {
        FilterChain chain = FilterChain.of(filter("c/echo_query", 2), filter("c/rewrite_query", 1));

        assertThat(before(chain, "select 1")).isFalse();

        assertThat(error()).isEqualTo(BEFORE + "status 0; 17 bytes");
    }

    @Test
    void earlierFilterDoesNotSeeTheRewrittenQuery() {
        FilterChain chain = FilterChain.of(filter("c/echo_query", 1), filter("c/rewrite_query", 2));

        assertThat(before(chain, "select 1")).isFalse();

        assertThat(error()).isEqualTo(BEFORE + "status 0; 8 bytes");
    }

    @Test
    void queryIsRewrittenByEveryFilterInTurn() {
        FilterChain chain = FilterChain.of(filter("c/rewrite_query", 1), filter("c/rewrite_query", 2));

        assertThat(before(chain, "select 1")).isTrue();

        assertThat(execution.queryChanged()).isTrue();
        assertThat(execution.queryText()).isEqualTo("select 1 limit 10 limit 10");
        assertThat(new String(execution.viewQuery(), execution.queryOffset(), execution.queryLength(), UTF_8))
                .isEqualTo("select 1 limit 10 limit 10");
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        assertThat(execution.error()).isNull();
    }

    @Test
    void emptyQueryReachesThePlugin() {
        FilterChain chain = FilterChain.of(filter("c/rewrite_query", 1));

        assertThat(before(chain, "")).isTrue();

        assertThat(execution.queryText()).isEqualTo("select 1");
    }

    @Test
    void afterGoesInReverseAndEachGetsThePreviousError() {
        FilterChain chain = FilterChain.of(filter("c/reports_error", 1), filter("c/reject_without_where", 2));

        assertThat(before(chain, REJECTED)).isFalse();
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + "seen: " + AFTER + BEFORE + "no where clause");
    }

    @Test
    void filterBehindARejectionIsNeverCalled() {
        FilterChain chain = FilterChain.of(filter("c/reports_error", 3), filter("c/reject_without_where", 2));

        assertThat(before(chain, REJECTED)).isFalse();
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + BEFORE + "no where clause");
        assertThat(host.plugins().iterator().next().counters().beforeCalls()).isPositive();
        assertThat(host.plugins().stream()
                        .filter(plugin -> plugin.name().startsWith("reports_error"))
                        .mapToLong(plugin -> plugin.counters().afterCalls()))
                .containsExactly(0L);
    }

    @Test
    void filterThatRejectsIsCalledAfter() {
        FilterChain chain = FilterChain.of(filter("c/counts_calls", 1));

        assertThat(before(chain, "select 1")).isFalse();
        assertThat(error()).isEqualTo(BEFORE + "before 1");
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + "after 2");
    }

    @Test
    void resultIsRewrittenAfter() {
        FilterChain chain = FilterChain.of(filter("c/mask_result", 1), filter("c/echo_result", 2));
        QueryResultWriter writer = QueryResultWriter.of(List.of(ResultField.of("c", ResultType.VARCHAR)), 1000);
        writer.row(new byte[][] {"my secret".getBytes(UTF_8)});

        assertThat(before(chain, "select c from t")).isTrue();
        assertThat(execution.wantsResult()).isTrue();
        assertThat(execution.maxResultBytes()).isEqualTo(16 << 20);
        execution.after(null, writer.finish());

        assertThat(execution.resultChanged()).isTrue();
        byte[] result = Objects.requireNonNull(execution.result());
        assertThat(QueryResult.parse(result).row(0).text(0)).isEqualTo("my ******");
    }

    @Test
    void garbageForAResultLeavesTheOneThereIs() {
        FilterChain chain = FilterChain.of(filter("hostile/garbage_result", 1));
        byte[] result = QueryResultWriter.ofUpdate(5, 0);

        assertThat(before(chain, "select 1")).isTrue();
        execution.after(null, result);

        assertThat(execution.error()).isNull();
        assertThat(execution.result()).isEqualTo(result);
    }

    @Test
    void patternDecidesWhoIsCalled() {
        SqlFilter filter = filter("c/reject_without_where", 1)
                .withPattern(FilterPattern.any().withQueryRegex("(?i)delete .*"));
        FilterChain chain = FilterChain.of(filter);

        assertThat(before(chain, REJECTED)).isTrue();
        assertThat(execution.isFiltered()).isFalse();
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        assertThat(before(chain, "DELETE from t")).isFalse();
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + BEFORE + "no where clause");
    }

    @Test
    void failingPluginFailsTheQueryAndIsNotCalledAfter() {
        FilterChain chain = FilterChain.of(filter("c/reports_error", 1), filter("hostile/loops_before", 2));

        assertThat(before(chain, "select 1")).isFalse();
        String failure = error();
        assertThat(failure).startsWith("plugin 'loops_before1', before: ");
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + "seen: " + failure);
        assertThat(execution.failure())
                .isInstanceOfSatisfying(
                        PluginException.class,
                        thrown -> assertThat(thrown.phase()).isEqualTo(Phase.BEFORE));
        assertThat(execution.fuelUsed()).isGreaterThan(900_000);
    }

    @Test
    void failingPluginThatFailsOpenIsAsIfItWasNotThere() {
        FilterChain chain =
                FilterChain.of(filter("hostile/loops_before", 1, FailPolicy.OPEN), filter("c/rewrite_query", 2));
        byte[] result = QueryResultWriter.ofUpdate(5, 0);

        assertThat(before(chain, "select 1")).isTrue();
        assertThat(execution.queryText()).isEqualTo("select 1 limit 10");
        execution.after(null, result);

        assertThat(execution.error()).isNull();
        assertThat(execution.result()).isSameAs(result);
        assertThat(execution.failure()).isNotNull();
    }

    @Test
    void failureInAfterReplacesTheResult() {
        FilterChain chain = FilterChain.of(filter("c/reports_error", 1), filter("hostile/loops_after", 2));

        assertThat(before(chain, "select 1")).isTrue();
        execution.after(null, QueryResultWriter.ofUpdate(5, 0));

        assertThat(error()).startsWith(AFTER + "seen: plugin 'loops_after1', after: ");
        assertThat(execution.result()).isNull();
    }

    @Test
    void failureInAfterThatFailsOpenKeepsTheResult() {
        FilterChain chain = FilterChain.of(filter("hostile/loops_after", 1, FailPolicy.OPEN));
        byte[] result = QueryResultWriter.ofUpdate(5, 0);

        assertThat(before(chain, "select 1")).isTrue();
        execution.after(null, result);

        assertThat(execution.error()).isNull();
        assertThat(execution.result()).isSameAs(result);
    }

    @Test
    void pluginWithoutAFreeInstanceFailsByItsPolicy() {
        PluginConfig config = PluginConfig.of("busy").withMaxInstances(1).withMaxWait(java.time.Duration.ZERO);
        Plugin plugin = load(config, "c/allows_all");
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        try (var lease = plugin.acquireSql()) {
            assertThat(lease.readsResults()).isFalse();
            assertThat(before(chain, "select 1")).isFalse();
            assertThat(error()).startsWith("plugin 'busy', acquire: all 1 instances stayed on lease for 0 ms;");
            rejectedAfter();

            plugin.replace(config.withFailPolicy(FailPolicy.OPEN), Guests.source("c/allows_all"));
        }
        try (var lease = plugin.acquireSql()) {
            assertThat(lease.pluginName()).isEqualTo("busy");
            assertThat(before(chain, "select 1")).isTrue();
            execution.after(null, QueryExecution.UNSEEN_RESULT);
            assertThat(execution.error()).isNull();
            assertThat(execution.isFiltered()).isFalse();
        }
    }

    @Test
    void pluginReplacedBetweenBeforeAndAfterFinishesOnTheOldVersion() {
        PluginConfig config = PluginConfig.of("p");
        Plugin plugin = load(config, "c/counts_calls");
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));

        assertThat(before(chain, "select 1")).isFalse();
        plugin.replace(config, Guests.source("c/allows_all"));
        rejectedAfter();

        assertThat(error()).isEqualTo(AFTER + "after 2");
        assertThat(plugin.liveVersions()).isEqualTo(1);
        assertThat(before(chain, "select 1")).isTrue();
    }

    @Test
    void stagesOutOfOrderAreRefused() {
        FilterChain chain = FilterChain.of(filter("c/reject_without_where", 1));

        assertThatThrownBy(() -> execution.after(null, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no query is in execution; call before first");
        assertThat(before(chain, "select 1")).isTrue();
        assertThatThrownBy(() -> before(chain, "select 2"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a query is in execution; call after or close before the next one begins");
        execution.close();
        assertThat(before(chain, REJECTED)).isFalse();
        assertThatThrownBy(() -> execution.after(null, QueryExecution.UNSEEN_RESULT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the query was rejected, yet after was given what came of executing it");
        assertThat(before(chain, "select 3")).isTrue();
    }

    @Test
    void moreFiltersThanExpectedAreAllCalled() {
        FilterChain chain = FilterChain.of(
                filter("c/rewrite_query", 1),
                filter("c/rewrite_query", 2),
                filter("c/rewrite_query", 3),
                filter("c/rewrite_query", 4),
                filter("c/rewrite_query", 5));

        assertThat(before(chain, "q")).isTrue();
        assertThat(execution.queryText()).isEqualTo("q" + " limit 10".repeat(5));
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        assertThat(execution.error()).isNull();
    }

    @Test
    void queryThatIsLeftAloneAllocatesNothing() {
        Plugin plugin = load(PluginConfig.of("p").withIsolation(Isolation.pooled()), "c/reject_without_where");
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        byte[] query = "update t set a=1 where b=2".getBytes(UTF_8);
        SqlRequest request = new SqlRequest();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        runOften(chain, request, query, 50_000);

        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        runOften(chain, request, query, 50_000);
        long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        assertThat(allocated).isLessThan(50_000);
    }

    private void runOften(FilterChain chain, SqlRequest request, byte[] query, int times) {
        for (int i = 0; i < times; i++) {
            if (!execution.before(chain, request.text(query, 0, query.length))) {
                throw new AssertionError("rejected");
            }
            execution.after(null, QueryExecution.UNSEEN_RESULT);
        }
    }
}
