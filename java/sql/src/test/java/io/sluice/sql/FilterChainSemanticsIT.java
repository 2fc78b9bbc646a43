package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Guests;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.QueryProperty;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What built-in actions, codes of errors, properties, breakers and rewritten queries do to a chain of real plugins. */
class FilterChainSemanticsIT {
    private static final String BEFORE = "error from wasm plugin at before execution stage: ";
    private static final String AFTER = "error from wasm plugin at after execution stage: ";
    private static final SqlError DENIED = new SqlError(1142, "42000", "denied by the plugin");
    private static final SqlError DUPLICATE = new SqlError(1062, "23000", "Duplicate entry");

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

    private SqlFilter filter(String guest, int priority) {
        return filter(guest, priority, FailPolicy.CLOSED);
    }

    private SqlFilter filter(String guest, int priority, FailPolicy policy) {
        String name = guest.substring(guest.indexOf('/') + 1) + host.plugins().size();
        PluginConfig config = PluginConfig.of(name)
                .withFailPolicy(policy)
                .withLimits(PluginLimits.defaults().withFuelPerCall(1_000_000));
        return SqlFilter.of(host.load(config, Guests.source(guest))).withPriority(priority);
    }

    private @Nullable SqlError run(FilterChain chain, String query, @Nullable SqlError ofDatabase) {
        return run(execution, chain, SqlRequest.of(query), ofDatabase);
    }

    private static @Nullable SqlError run(
            QueryExecution execution, FilterChain chain, SqlRequest request, @Nullable SqlError ofDatabase) {
        if (!execution.before(chain, request)) {
            execution.after(null, null);
        } else if (ofDatabase != null) {
            execution.afterFailure(ofDatabase);
        } else {
            execution.after(null, QueryResultWriter.ofUpdate(1, 0));
        }
        return execution.error();
    }

    private static String messageOf(@Nullable SqlError error) {
        return error == null ? "" : error.message();
    }

    // ---- order

    @Test
    void refusalByABuiltInActionGoesThroughTheAfterOfPluginsCalledBefore() {
        FilterChain chain = FilterChain.of(
                filter("c/reports_error", 1),
                SqlFilter.of("stop", new FilterAction.Fail()).withPriority(2),
                filter("c/refuses", 3));

        assertThat(run(chain, "select 1", null)).isEqualTo(SqlError.of(AFTER + "seen: disallowed due to rule: stop"));
    }

    @Test
    void builtInRefusalBeforeAPluginNeverCallsIt() {
        SqlFilter plugin = filter("c/reports_error", 2);
        FilterChain chain =
                FilterChain.of(SqlFilter.of("stop", new FilterAction.Fail()).withPriority(1), plugin);

        assertThat(run(chain, "select 1", null)).isEqualTo(SqlError.of("disallowed due to rule: stop"));
        assertThat(host.plugins().iterator().next().counters().beforeCalls()).isZero();
    }

    @Test
    void placeOfConcurrencyControlIsHeldUntilTheExecutionEnds() {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        FilterChain chain = FilterChain.of(
                SqlFilter.of("ccl", control).withPriority(1), filter("c/allows_all", 2), filter("c/refuses", 3));

        assertThat(execution.before(chain, SqlRequest.of("select 1"))).isFalse();
        assertThat(control.size()).isEqualTo(1);
        execution.after(null, null);
        assertThat(control.size()).isZero();
    }

    // ---- errors with a code

    @Test
    void codedErrorReachesTheClientWithoutAPrefix() {
        FilterChain chain = FilterChain.of(filter("c/allows_all", 1), filter("sluice/sets_error", 2));

        assertThat(run(chain, "select 1", null)).isEqualTo(DENIED);
    }

    @Test
    void codedErrorIsReplacedByALaterPluginThatSetsItsOwn() {
        FilterChain plain = FilterChain.of(filter("c/reports_error", 1), filter("sluice/sets_error", 2));
        FilterChain coded = FilterChain.of(filter("sluice/replaces_error", 1), filter("sluice/sets_error", 2));

        assertThat(run(plain, "select 1", null)).isEqualTo(SqlError.of(AFTER + "seen: denied by the plugin"));
        assertThat(run(coded, "select 1", null)).isEqualTo(new SqlError(1213, "40001", "try again"));
    }

    @Test
    void codedErrorOfAfterReplacesTheDatabasesOwn() {
        FilterChain chain = FilterChain.of(filter("c/allows_all", 1), filter("sluice/replaces_error", 2));

        assertThat(run(chain, "select 1", DUPLICATE)).isEqualTo(new SqlError(1213, "40001", "try again"));
    }

    @Test
    void errorIsClearedInAfterAndTheResultOfThePluginCounts() {
        FilterChain chain = FilterChain.of(filter("sluice/clears_error", 1));

        assertThat(run(chain, "select 1", DUPLICATE)).isNull();
        byte[] result = execution.result();
        assertThat(result).isNotNull();
        assertThat(QueryResult.parse(result == null ? new byte[0] : result).rowsAffected())
                .isEqualTo(3);
    }

    @Test
    void compatibleTextsHaveWescalesPrefixAndCodeForTheDatabasesError() {
        FilterChain chain = FilterChain.of(filter("c/allows_all", 1), filter("c/allows_all", 2));

        assertThat(run(chain, "select 1", DUPLICATE)).isEqualTo(SqlError.of(AFTER + AFTER + "Duplicate entry"));
        assertThat(execution.errorChanged()).isTrue();
    }

    @Test
    void keptTextsAreTheDatabasesOwnUnlessAPluginTouchesThem() {
        try (QueryExecution kept = new QueryExecution(ErrorTexts.KEPT)) {
            FilterChain untouched = FilterChain.of(filter("c/allows_all", 1), filter("c/allows_all", 2));
            FilterChain touched = FilterChain.of(filter("c/reports_error", 1), filter("c/allows_all", 2));
            FilterChain rejected = FilterChain.of(filter("c/allows_all", 1), filter("c/refuses", 2));
            SqlRequest request = SqlRequest.of("select 1");

            assertThat(run(kept, untouched, request, DUPLICATE)).isEqualTo(DUPLICATE);
            assertThat(kept.errorChanged()).isFalse();
            assertThat(run(kept, touched, request, DUPLICATE)).isEqualTo(SqlError.of(AFTER + "seen: Duplicate entry"));
            assertThat(run(kept, rejected, request, null)).isEqualTo(SqlError.of(BEFORE + "refused"));
        }
    }

    // ---- properties

    private FilterChain reportingProperties(Set<QueryProperty> grants) {
        PluginConfig config =
                PluginConfig.of("properties" + host.plugins().size()).withGrants(grants);
        return FilterChain.of(SqlFilter.of(host.load(config, Guests.source("sluice/properties"))));
    }

    @Test
    void grantedPropertiesOfTheRequestReachThePlugin() {
        SqlRequest request = SqlRequest.of("delete from users where id = ? and a in (select a from db2.t)")
                .user("alice")
                .clientAddress("10.0.0.7")
                .database("shop")
                .bindValues(Arrays.asList(5, "x\"y", null, true, 1.5, Double.NaN));
        FilterChain chain = reportingProperties(EnumSet.allOf(QueryProperty.class));
        run(execution, chain, request, null);

        assertThat(messageOf(execution.error()))
                .contains(
                        "alice",
                        "10.0.0.7",
                        "shop",
                        "Delete",
                        "shop.users\ndb2.t",
                        "[5,\"x\\\"y\",null,true,1.5,\"NaN\"]");
    }

    @Test
    void propertyThatIsNotGrantedDoesNotReachThePlugin() {
        SqlRequest request = SqlRequest.of("select 1").user("alice").clientAddress("10.0.0.7");
        run(execution, reportingProperties(Set.of(QueryProperty.USER)), request, null);

        assertThat(messageOf(execution.error())).contains("alice").doesNotContain("10.0.0.7");
    }

    @Test
    void bindValueThatMakesTheTextTooLongIsOneThatIsNotKnown() {
        int most = RequestProperties.MOST_JSON_CHARS;
        SqlRequest request = SqlRequest.of("select ?")
                .bindValues(Arrays.asList("a\u0001\u001f", "x".repeat(most), "\0".repeat(most / 2), 7));

        assertThat(RequestProperties.textOf(QueryProperty.BIND_VALUES, request))
                .isEqualTo("[\"a\\u0001\\u001f\",{\"unknown\":true},{\"unknown\":true},7]");
    }

    @Test
    void kindAndTablesAreAbsentForATextThatIsNotUnderstood() {
        SqlRequest request = SqlRequest.of("frobnicate users");

        assertThat(RequestProperties.textOf(QueryProperty.KIND, request)).isEmpty();
        assertThat(RequestProperties.textOf(QueryProperty.TABLES, request)).isEmpty();
        assertThat(RequestProperties.textOf(QueryProperty.BIND_VALUES, request)).isEmpty();
        assertThat(RequestProperties.textOf(QueryProperty.KIND, SqlRequest.of("select 1; delete from t")))
                .isEmpty();
        assertThat(RequestProperties.textOf(QueryProperty.KIND, SqlRequest.of("select 1; select 2")))
                .isEqualTo("Select");
    }

    // ---- breaker

    @Test
    void breakerOfAFilterThatFailsClosedOpensAndNamesFilterAndPlugin() {
        SqlFilter failing = filter("hostile/loops_before", 1)
                .withName("guard")
                .withBreaker(BreakerConfig.defaults().withFailuresInARow(3));
        FilterChain chain = FilterChain.of(failing);
        for (int i = 0; i < 3; i++) {
            assertThat(messageOf(run(chain, "select 1", null))).startsWith("plugin 'loops_before0', before: ");
        }
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.OPEN);
        long calls = host.plugins().iterator().next().counters().beforeCalls();

        assertThat(messageOf(run(chain, "select 1", null)))
                .matches("filter 'guard', plugin 'loops_before0': not called after 3 failures in a row; tried again in"
                        + " \\d+ ms");
        assertThat(host.plugins().iterator().next().counters().beforeCalls()).isEqualTo(calls);
    }

    @Test
    void breakerOfAFilterThatFailsOpenLetsQueriesPass() {
        SqlFilter failing = filter("hostile/loops_before", 1, FailPolicy.OPEN)
                .withBreaker(BreakerConfig.defaults().withFailuresInARow(1));
        FilterChain chain = FilterChain.of(failing);

        assertThat(run(chain, "select 1", null)).isNull();
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.OPEN);
        assertThat(run(chain, "select 1", null)).isNull();
        assertThat(execution.isFiltered()).isFalse();
    }

    @Test
    void failureInAfterCountsThoughBeforeWentWell() {
        SqlFilter failing = filter("hostile/loops_after", 1)
                .withBreaker(BreakerConfig.defaults().withFailuresInARow(2));
        run(FilterChain.of(failing), "select 1", null);
        run(FilterChain.of(failing), "select 1", null);

        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.OPEN);
    }

    @Test
    void rejectionIsNoFailure() {
        SqlFilter rejecting =
                filter("c/refuses", 1).withBreaker(BreakerConfig.defaults().withFailuresInARow(1));
        for (int i = 0; i < 5; i++) {
            assertThat(run(FilterChain.of(rejecting), "select 1", null))
                    .isEqualTo(SqlError.of(AFTER + BEFORE + "refused"));
        }

        assertThat(rejecting.breaker().state()).isEqualTo(FilterBreaker.State.CLOSED);
    }

    @Test
    void breakerClosesAgainWhenTheTrialGoesWell() throws InterruptedException {
        SqlFilter failing = filter("hostile/loops_before", 1)
                .withBreaker(BreakerConfig.defaults()
                        .withFailuresInARow(1)
                        .withBackOff(Duration.ofMillis(20), Duration.ofMillis(20)));
        FilterChain chain = FilterChain.of(failing);
        run(chain, "select 1", null);
        host.plugins().iterator().next().replace(Guests.source("c/allows_all"));
        while (!failing.breaker().nextTry().isZero()) {
            Thread.sleep(5);
        }

        assertThat(run(chain, "select 1", null)).isNull();
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.CLOSED);
    }

    @Test
    void trialThatIsBrokenOffLeavesTheBreakerToTheNextQuery() throws InterruptedException {
        SqlFilter failing = filter("hostile/loops_before", 1)
                .withBreaker(BreakerConfig.defaults()
                        .withFailuresInARow(1)
                        .withBackOff(Duration.ofMillis(1), Duration.ofMillis(1)));
        FilterChain chain = FilterChain.of(failing);
        run(chain, "select 1", null);
        host.plugins().iterator().next().replace(Guests.source("c/allows_all"));
        Thread.sleep(5);

        assertThat(execution.before(chain, SqlRequest.of("select 1"))).isTrue();
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.HALF_OPEN);
        execution.close();
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.OPEN);
        assertThat(run(chain, "select 1", null)).isNull();
        assertThat(failing.breaker().state()).isEqualTo(FilterBreaker.State.CLOSED);
    }

    // ---- rewritten queries

    @ParameterizedTest
    @ValueSource(strings = {"", "selec nonsense 'x", "select 1; drop table users", "delete from users"})
    void rewrittenQueryIsExecutedAsItIsAndNotMatchedAgain(String rewritten) {
        FilterChain chain = FilterChain.of(
                filter("c/rewrites_as_told", 1),
                SqlFilter.of("no_deletes", new FilterAction.Fail())
                        .withPriority(2)
                        .withPattern(FilterPattern.any().withPlans(List.of("Delete", "DDL"))));

        assertThat(execution.before(chain, SqlRequest.of("select 1 -- => " + rewritten)))
                .isTrue();
        assertThat(execution.queryChanged()).isTrue();
        assertThat(execution.queryText()).isEqualTo(rewritten);
        execution.after("syntax error".getBytes(UTF_8), null);
        assertThat(execution.error()).isEqualTo(SqlError.of(AFTER + "syntax error"));
    }

    // ---- results

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void resultOfThatManyRowsIsThePlugins(int rows) {
        FilterChain chain = FilterChain.of(filter("c/makes_rows", 1));

        assertThat(run(chain, "select " + rows, null)).isNull();
        byte[] result = execution.result();
        assertThat(QueryResult.parse(result == null ? new byte[0] : result).rowCount())
                .isEqualTo(rows);
    }

    @Test
    void rowsThatCannotBeCutAreRefusedOneByOneAndLeaveTheResult() {
        FilterChain chain = FilterChain.of(filter("hostile/bad_rows", 1));

        assertThat(run(chain, "select 1", null)).isNull();
        byte[] result = execution.result();
        assertThat(QueryResult.parse(result == null ? new byte[0] : result).rowsAffected())
                .isEqualTo(7);
    }
}
