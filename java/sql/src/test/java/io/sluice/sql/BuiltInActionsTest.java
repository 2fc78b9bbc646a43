package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BuiltInActionsTest {
    private static final SqlRequest QUERY = SqlRequest.of("select 1");

    private final QueryExecution execution = new QueryExecution();

    @Test
    void continueAndBufferLetTheQueryPass() {
        FilterChain chain = FilterChain.of(
                SqlFilter.of("c", new FilterAction.Continue()), SqlFilter.of("b", new FilterAction.Buffer()));

        assertThat(execution.before(chain, QUERY)).isTrue();
        assertThat(execution.isFiltered()).isFalse();
        execution.after("db".getBytes(UTF_8), null);

        assertThat(execution.error()).isEqualTo(SqlError.of("db"));
    }

    @Test
    void failRefusesTheQueryWithTheTextOfWescale() {
        FilterChain chain = FilterChain.of(SqlFilter.of("no_deletes", new FilterAction.Fail()));

        assertThat(execution.before(chain, QUERY)).isFalse();
        assertThat(execution.isFiltered()).isTrue();
        execution.after(null, null);

        assertThat(execution.error()).isEqualTo(new SqlError(1105, "HY000", "disallowed due to rule: no_deletes"));
        assertThat(execution.isRetryable()).isFalse();
    }

    @Test
    void failRetryRefusesTheQueryAndSaysThatItMayBeTriedAgain() {
        FilterChain chain = FilterChain.of(SqlFilter.of("later", new FilterAction.FailRetry()));

        assertThat(execution.before(chain, QUERY)).isFalse();
        execution.after(null, null);

        assertThat(execution.error()).isEqualTo(new SqlError(1105, "HY000", "disallowed due to rule: later"));
        assertThat(execution.isRetryable()).isTrue();
        assertThat(execution.before(FilterChain.empty(), QUERY)).isTrue();
        assertThat(execution.isRetryable()).isFalse();
    }

    @Test
    void firstRefusalByPriorityCounts() {
        FilterChain chain = FilterChain.of(
                SqlFilter.of("second", new FilterAction.Fail()).withPriority(2),
                SqlFilter.of("first", new FilterAction.Fail()).withPriority(1));

        assertThat(execution.before(chain, QUERY)).isFalse();
        assertThat(execution.error()).isEqualTo(SqlError.of("disallowed due to rule: first"));
    }

    @Test
    void explainListsWhatWouldApplyButNotWhatOnlyContinues() {
        SqlFilter fail = SqlFilter.of("fail", new FilterAction.Fail()).withPriority(5);
        FilterChain chain = FilterChain.of(
                fail,
                SqlFilter.of("buffer", new FilterAction.Buffer()).withPriority(1),
                SqlFilter.of("continue", new FilterAction.Continue()),
                SqlFilter.of("inactive", new FilterAction.Fail()).withStatus(FilterStatus.INACTIVE),
                SqlFilter.of("other", new FilterAction.Fail())
                        .withPattern(FilterPattern.any().withPlans(List.of("Delete"))));

        assertThat(chain.explain(QUERY)).extracting(SqlFilter::name).containsExactly("buffer", "fail");
        assertThat(chain.explain(QUERY).get(1).action().actionName()).isEqualTo("FAIL");
    }

    @Test
    void errorOfTheDatabaseKeepsItsCodeWhereNoPluginTouchesIt() {
        SqlError duplicate = new SqlError(1062, "23000", "Duplicate entry");
        execution.before(FilterChain.empty(), QUERY);
        execution.afterFailure(duplicate);

        assertThat(execution.error()).isEqualTo(duplicate);
        assertThat(execution.errorChanged()).isFalse();
    }

    @Test
    void actionsHaveTheNamesOfTheStatements() {
        assertThat(List.of(
                        new FilterAction.Continue().actionName(),
                        new FilterAction.Fail().actionName(),
                        new FilterAction.FailRetry().actionName(),
                        new FilterAction.Buffer().actionName(),
                        ConcurrencyControl.of(1, 1).actionName()))
                .containsExactlyElementsOf(FilterDefinition.ACTIONS.subList(0, 5));
    }
}
