package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sql.ConcurrencyControl;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterStatus;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A filter acts on a query that meets all its conditions, and on no other. */
class FilterIT extends HostedTest {
    private SqlFilter refusing(FilterPattern pattern) {
        return SqlFilter.of(host.plugin("refuses").orElseGet(() -> load("c/refuses")))
                .withPattern(pattern);
    }

    private boolean refuses(FilterPattern pattern, SqlRequest request) {
        return error(request, refusing(pattern)).contains("refused");
    }

    private boolean refuses(FilterPattern pattern, String sql) {
        return refuses(pattern, SqlRequest.of(sql).database("shop"));
    }

    /** The error that a chain ends in; empty for none. */
    private static String error(SqlRequest request, SqlFilter... filters) {
        try (QueryExecution execution = new QueryExecution()) {
            boolean execute = execution.before(FilterChain.of(filters), request);
            execution.after(null, execute ? QueryExecution.UNSEEN_RESULT : null);
            SqlError error = execution.error();
            return error == null ? "" : error.message();
        }
    }

    private static FilterPattern plans(String... names) {
        return FilterPattern.any().withPlans(Arrays.asList(names));
    }

    private static FilterPattern tables(String... names) {
        return FilterPattern.any().withFullyQualifiedTableNames(Arrays.asList(names));
    }

    @Test
    @Shows("plans")
    void plansNameTheKindOfStatement() {
        assertThat(refuses(plans("Select"), "select 1")).isTrue();
        assertThat(refuses(plans("Select"), "(select 1) union select 2")).isTrue();
        assertThat(refuses(plans("Select"), "delete from t")).isFalse();
        assertThat(refuses(plans("Insert", "Delete"), "delete from t where a = 1"))
                .isTrue();
        assertThat(refuses(plans("Update"), "update t set a = 1"))
                .as("with or without a limit")
                .isTrue();
        assertThat(refuses(plans("Update"), "update t set a = 1 limit 1")).isTrue();
    }

    @Test
    @Shows("fully_qualified_table_names")
    void tablesAreThoseThatTheStatementNames() {
        assertThat(refuses(tables("shop.orders"), "select * from orders")).isTrue();
        assertThat(refuses(tables("shop.orders"), "select * from shop.orders o join items i on o.id = i.id"))
                .isTrue();
        assertThat(refuses(tables("shop.orders"), "select * from (select * from orders) x"))
                .isTrue();
        assertThat(refuses(tables("shop.orders"), "select * from bank.orders")).isFalse();
        assertThat(refuses(tables("*.orders"), "select * from bank.orders")).isTrue();
        assertThat(refuses(tables("bank.*"), "delete from bank.items")).isTrue();
        assertThat(refuses(tables("shop.orders"), "select 'orders'")).isFalse();
    }

    @Test
    @Shows("query_regex")
    void queryRegexMatchesTheWholeText() {
        FilterPattern pattern = FilterPattern.any().withQueryRegex("(?i)select .*");
        assertThat(refuses(pattern, "SELECT a from t")).isTrue();
        assertThat(refuses(pattern, "/* x */ select a from t")).isFalse();
        assertThat(refuses(FilterPattern.any().withQueryRegex("select"), "select 1"))
                .isFalse();
    }

    @Test
    @Shows("query_template")
    void queryTemplateIsThatOfTheText() {
        FilterPattern pattern = FilterPattern.any().withQueryTemplate("select * from t where a = ? and b in (?)");
        assertThat(refuses(pattern, "SELECT  *  FROM t WHERE a = 'x' AND b IN (1, 2, 3)"))
                .isTrue();
        assertThat(refuses(pattern, "select * from t where a = 1 and b = 2")).isFalse();
    }

    @Test
    @Shows("request_ip_regex")
    void requestIpRegexMatchesTheClientsAddress() {
        FilterPattern pattern = FilterPattern.any().withRequestIpRegex("10\\..*");
        assertThat(refuses(pattern, SqlRequest.of("select 1").clientAddress("10.1.2.3")))
                .isTrue();
        assertThat(refuses(pattern, SqlRequest.of("select 1").clientAddress("192.168.10.1")))
                .isFalse();
    }

    @Test
    @Shows("user_regex")
    void userRegexMatchesTheUsersName() {
        FilterPattern pattern = FilterPattern.any().withUserRegex("batch_.*|root");
        assertThat(refuses(pattern, SqlRequest.of("select 1").user("batch_7"))).isTrue();
        assertThat(refuses(pattern, SqlRequest.of("select 1").user("ada"))).isFalse();
    }

    @Test
    @Shows({"leading_comment_regex", "trailing_comment_regex"})
    void commentRegexesMatchWhatStandsBeforeAndBehindTheStatement() {
        FilterPattern leading = FilterPattern.any().withLeadingCommentRegex(".*app=x.*");
        assertThat(refuses(leading, "/* app=x */ select 1")).isTrue();
        assertThat(refuses(leading, "select 1 /* app=x */")).isFalse();
        FilterPattern trailing = FilterPattern.any().withTrailingCommentRegex(".*app=x.*");
        assertThat(refuses(trailing, "select 1 /* app=x */")).isTrue();
        assertThat(refuses(trailing, "/* app=x */ select 1")).isFalse();
        assertThat(refuses(trailing, "select '/* app=x */'")).isFalse();
    }

    @Test
    @Shows("bind_var_conds")
    void bindVarCondsLookAtTheBoundValues() {
        FilterPattern pattern = FilterPattern.any().withBindVarConds("v1 > 100 and v2 = 'eur'");
        String sql = "select * from t where a > ? and c = ?";
        assertThat(refuses(pattern, SqlRequest.of(sql).bindValues(List.of(101, "eur"))))
                .isTrue();
        assertThat(refuses(pattern, SqlRequest.of(sql).bindValues(List.of(99, "eur"))))
                .isFalse();
        assertThat(refuses(pattern, SqlRequest.of(sql))).as("without values").isFalse();
    }

    @Test
    @Shows("every condition that is given must be met")
    void everyConditionMustBeMet() {
        FilterPattern pattern = plans("Delete").withUserRegex("ada").withLeadingCommentRegex(".*x.*");
        assertThat(refuses(pattern, SqlRequest.of("/* x */ delete from t").user("ada")))
                .isTrue();
        assertThat(refuses(pattern, SqlRequest.of("/* x */ delete from t").user("bob")))
                .isFalse();
        assertThat(refuses(pattern, SqlRequest.of("delete from t").user("ada"))).isFalse();
        assertThat(refuses(pattern, SqlRequest.of("/* x */ select 1").user("ada")))
                .isFalse();
    }

    @Test
    @Shows("an unparsable query meets plans and tables")
    void unparsableQueryMeetsPlansAndTables() {
        assertThat(refuses(plans("Delete"), "this is not sql")).isTrue();
        assertThat(refuses(tables("shop.orders"), "this is not sql")).isTrue();
        assertThat(refuses(plans("Delete").withQueryRegex("select.*"), "this is not sql"))
                .isFalse();
    }

    @Test
    @Shows("a filter that is inactive does not match")
    void inactiveFilterDoesNotMatch() {
        SqlFilter filter = refusing(FilterPattern.any());
        assertThat(error(SqlRequest.of("select 1"), filter)).contains("refused");
        assertThat(error(SqlRequest.of("select 1"), filter.withStatus(FilterStatus.INACTIVE)))
                .isEmpty();
    }

    private static SqlFilter builtIn(FilterAction action) {
        return SqlFilter.of("no_tables", action);
    }

    @Test
    @Shows({"CONTINUE", "BUFFER"})
    void continueAndBufferLetThrough() {
        assertThat(error(SqlRequest.of("select 1"), builtIn(new FilterAction.Continue())))
                .isEmpty();
        assertThat(error(SqlRequest.of("select 1"), builtIn(new FilterAction.Buffer())))
                .isEmpty();
    }

    @Test
    @Shows({"FAIL", "FAIL_RETRY", "disallowed due to rule: <name>"})
    void failRefusesByItsName() {
        for (FilterAction action : List.of(new FilterAction.Fail(), new FilterAction.FailRetry())) {
            try (QueryExecution execution = new QueryExecution()) {
                assertThat(execution.before(FilterChain.of(builtIn(action)), SqlRequest.of("drop table t")))
                        .isFalse();
                execution.after(null, null);
                SqlError error = Objects.requireNonNull(execution.error());
                assertThat(error.message()).isEqualTo("disallowed due to rule: no_tables");
                assertThat(execution.isRetryable()).isEqualTo(action instanceof FilterAction.FailRetry);
            }
        }
    }

    @Test
    @Shows("CONCURRENCY_CONTROL")
    void concurrencyControlBoundsWhatRunsAndWhatWaits() {
        SqlFilter filter = builtIn(ConcurrencyControl.of(1, 1).withMaxWait(Duration.ofMillis(10)));
        try (QueryExecution running = new QueryExecution()) {
            assertThat(running.before(FilterChain.of(filter), SqlRequest.of("select 1")))
                    .isTrue();
            assertThat(error(SqlRequest.of("select 2"), filter)).contains("concurrency control protection: ");
            running.after(null, QueryExecution.UNSEEN_RESULT);
        }
        assertThat(error(SqlRequest.of("select 3"), filter)).isEmpty();
    }
}
