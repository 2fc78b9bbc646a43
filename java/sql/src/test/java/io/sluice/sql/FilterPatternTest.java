package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FilterPatternTest {
    @Test
    void patternWithoutConditionsMatchesEverything() {
        assertThat(FilterPattern.any().matches(SqlRequest.of(""))).isTrue();
        assertThat(FilterPattern.any().matches(SqlRequest.of("select 1"))).isTrue();
    }

    @Test
    void queryRegexWantsTheWholeText() {
        FilterPattern pattern = FilterPattern.any().withQueryRegex("delete|update .*");

        assertThat(pattern.matches(SqlRequest.of("update t set a=1"))).isTrue();
        assertThat(pattern.matches(SqlRequest.of("delete"))).isTrue();
        assertThat(pattern.matches(SqlRequest.of("delete from t"))).isFalse();
        assertThat(pattern.matches(SqlRequest.of("/* c */ update t set a=1"))).isFalse();
        assertThat(pattern.matches(SqlRequest.of("update t\nset a=1"))).isFalse();
    }

    @Test
    void queryRegexMatchesBytesThatAreNotUtf8() {
        byte[] bytes = {'s', (byte) 0xff, 'e'};

        assertThat(FilterPattern.any().withQueryRegex("s.e").matches(new SqlRequest().text(bytes, 0, 3)))
                .isTrue();
    }

    @Test
    void queryRegexMatchesPartOfAnArray() {
        byte[] bytes = "xxselect 1xx".getBytes(java.nio.charset.StandardCharsets.UTF_8);

        assertThat(FilterPattern.any().withQueryRegex("select \\d").matches(new SqlRequest().text(bytes, 2, 8)))
                .isTrue();
    }

    @Test
    void emptyQueryRegexIsNoCondition() {
        assertThat(FilterPattern.any().withQueryRegex("x").withQueryRegex("")).isEqualTo(FilterPattern.any());
    }

    @Test
    void badQueryRegexIsRefused() {
        assertThatThrownBy(() -> FilterPattern.any().withQueryRegex("(select"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("query_regex '(select' is not a regular expression of RE2: ");
        assertThatThrownBy(() -> FilterPattern.any().withQueryRegex("(a)\\1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("query_regex '(a)\\1' is not a regular expression of RE2: ");
        assertThatThrownBy(() -> FilterPattern.any().withQueryRegex("a".repeat(8193)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("query_regex has 8193 characters; at most 8192 are taken");
    }

    @Test
    void hostileTextIsMatchedInLinearTime() {
        FilterPattern pattern = FilterPattern.any().withQueryRegex("(a*)*b");
        SqlRequest request = SqlRequest.of("a".repeat(20_000));

        assertThat(pattern.matches(request)).isFalse();
    }

    @Test
    void repetitionsOfRepetitionsAreRefusedBeforeTheyAreBuilt() {
        assertThatThrownBy(() -> FilterPattern.any().withQueryRegex("((a{1000}){1000}){1000}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("query_regex '((a{1000}){1000}){1000}' has more than 100000 places with its repetitions"
                        + " written out; use smaller counts");
        assertThat(FilterPattern.any()
                        .withQueryRegex("(?i)insert .{1,1000} values \\([^)]{0,1000}\\)")
                        .matches(SqlRequest.of("INSERT into t values (1)")))
                .isTrue();
    }

    @Test
    void sizeOfARegexCountsWhatRepetitionsBecome() {
        assertThat(RegexSize.of("")).isZero();
        assertThat(RegexSize.of("abc")).isEqualTo(3);
        assertThat(RegexSize.of("a{3}b")).isEqualTo(4);
        assertThat(RegexSize.of("(ab){2,5}c")).isEqualTo(11);
        assertThat(RegexSize.of("((a{10}b){10}){10}")).isEqualTo(1100);
        assertThat(RegexSize.of("[]{}(]{4}")).isEqualTo(4);
        assertThat(RegexSize.of("\\({2}")).isEqualTo(2);
        assertThat(RegexSize.of("a{x}")).isEqualTo(3);
        assertThat(RegexSize.of("(((a")).isEqualTo(1);
        assertThat(RegexSize.of("a)){9}")).isPositive();
        assertThat(RegexSize.of("(".repeat(10) + "a" + "{999999})".repeat(10))).isEqualTo(Long.MAX_VALUE);
    }

    private static SqlRequest request(String text) {
        return SqlRequest.of(text).database("shop");
    }

    private static FilterPattern plans(String... names) {
        return FilterPattern.any().withPlans(List.of(names));
    }

    private static FilterPattern tables(String... names) {
        return FilterPattern.any().withFullyQualifiedTableNames(List.of(names));
    }

    @Test
    void planMatchesTheStatementsOfItsKind() {
        assertThat(plans("Delete").matches(request("delete from t"))).isTrue();
        assertThat(plans("Delete").matches(request("select 1"))).isFalse();
        assertThat(plans("Select", "Insert").matches(request("replace into t values (1)")))
                .isTrue();
    }

    @Test
    void planNamesAreTakenInAnyLetterCaseAndShownInTheirOwn() {
        assertThat(plans("insert", "SELECT", "ddl").plans().toString()).isEqualTo("[Insert, Select, DDL]");
    }

    @Test
    void planUpdateMatchesEveryUpdateWithAndWithoutLimit() {
        for (String name : List.of("Update", "UpdateLimit")) {
            assertThat(plans(name).matches(request("update t set a = 1"))).isTrue();
            assertThat(plans(name).matches(request("update t set a = 1 limit 1")))
                    .isTrue();
            assertThat(plans(name).matches(request("update t, u set t.a = 1"))).isTrue();
        }
        assertThat(plans("UpdateLimit").plans()).containsExactly(PlanKind.UPDATE_LIMIT);
    }

    @Test
    void unknownPlanIsRefusedWithTheNearest() {
        assertThatThrownBy(() -> plans("Selekt"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("plans has 'Selekt', which is no plan; the nearest is Select");
    }

    @Test
    void tableMatchesWithTheDatabaseOfTheTextOrOfTheSession() {
        assertThat(tables("shop.users").matches(request("select * from users"))).isTrue();
        assertThat(tables("shop.users").matches(request("select * from shop.users")))
                .isTrue();
        assertThat(tables("shop.users").matches(request("select * from other.users")))
                .isFalse();
        assertThat(tables("other.users").matches(request("select * from users")))
                .isFalse();
        assertThat(tables("a.b", "shop.users").matches(request("select * from x join users")))
                .isTrue();
    }

    @Test
    void tableNamesMayHaveAStarForEitherPart() {
        assertThat(tables("*.users").matches(request("delete from other.users")))
                .isTrue();
        assertThat(tables("shop.*").matches(request("delete from users"))).isTrue();
        assertThat(tables("shop.*").matches(request("delete from other.users"))).isFalse();
        assertThat(tables("*.*").matches(request("delete from other.users"))).isTrue();
        assertThat(tables("*.*").matches(request("select 1"))).isFalse();
    }

    @Test
    void tableNamesAreComparedWithoutLetterCaseAndQuotes() {
        assertThat(tables("Shop.`Users`").matches(request("select * from `USERS`")))
                .isTrue();
    }

    @Test
    void tableAloneDecidesWhereTheDatabaseIsNotKnown() {
        assertThat(tables("shop.users").matches(SqlRequest.of("select * from users")))
                .isTrue();
    }

    @Test
    void tableNameOfAnotherFormIsRefused() {
        for (String name : List.of("users", "a.b.c", ".b", "a.")) {
            assertThatThrownBy(() -> tables(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("fully_qualified_table_names has '" + name
                            + "', which is not database.table; write * for either part that does not matter");
        }
    }

    @Test
    void planAndTableAreThoseOfOneStatement() {
        FilterPattern pattern = tables("shop.users").withPlans(List.of("Delete"));

        assertThat(pattern.matches(request("delete from users"))).isTrue();
        assertThat(pattern.matches(request("select 1; delete from users"))).isTrue();
        assertThat(pattern.matches(request("delete from other; select * from users")))
                .isFalse();
    }

    @Test
    void textThatDoesNotParseMeetsPlansAndTablesAndNothingElse() {
        FilterPattern pattern = tables("shop.users").withPlans(List.of("Delete"));
        SqlRequest garbage = request("frobnicate the users").user("bob");

        assertThat(pattern.matches(garbage)).isTrue();
        assertThat(pattern.withQueryRegex("select.*").matches(garbage)).isFalse();
        assertThat(pattern.withQueryRegex("frob.*").matches(garbage)).isTrue();
        assertThat(pattern.withUserRegex("alice").matches(garbage)).isFalse();
        assertThat(pattern.withUserRegex("bob").matches(garbage)).isTrue();
    }

    @Test
    void wordsThatTheDatabaseReservesDoNotKeepATextFromMatching() {
        FilterPattern pattern = tables("shop.t").withPlans(List.of("Insert"));

        assertThat(pattern.matches(request("insert into t (int1, int2) values (1, 2)")))
                .isTrue();
        assertThat(plans("Select").matches(request("insert into t (int1, int2) values (1, 2)")))
                .isFalse();
    }

    @Test
    void statementInAnExecutableCommentIsSeen() {
        assertThat(plans("Delete").matches(request("/*! delete from t */"))).isTrue();
        assertThat(plans("Delete").matches(request("select 1 /*M! ; delete from t */")))
                .isFalse();
        assertThat(plans("Delete")
                        .matches(request("select 1 /*M! ; delete from t */").dialect(SqlDialect.mariaDb())))
                .isTrue();
    }

    @Test
    void queryTemplateMatchesWhatDiffersInLiteralsOnly() {
        FilterPattern pattern = FilterPattern.any().withQueryTemplate("select * from t where a = :v1 and b in ::v2");
        FilterPattern list = FilterPattern.any().withQueryTemplate("SELECT * FROM `t` WHERE a = 'x' AND b IN (?)");

        assertThat(pattern.queryTemplate()).isEqualTo("select * from t where a = :v1 and b in ::v2");
        assertThat(list.matches(request("/* c */ select  *\nfrom t where a=1 and b in (1, 2, 3) -- d")))
                .isTrue();
        assertThat(list.matches(request("select * from t where a=? and b in (?)")))
                .isTrue();
        assertThat(list.matches(request("select * from t where a=1 and c in (1)")))
                .isFalse();
        assertThat(list.matches(request("select * from t where a=1 and b in (1) limit 1")))
                .isFalse();
        assertThat(pattern.matches(request("select * from t where a = 1 and b in ?")))
                .isTrue();
    }

    @Test
    void queryTemplateThatDoesNotEndIsRefused() {
        assertThatThrownBy(() -> FilterPattern.any().withQueryTemplate("select 'a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("query_template 'select 'a' has a string, an identifier or a comment that does not end, or"
                        + " depends on a version");
    }

    @Test
    void userAndAddressAreMatchedAsAWhole() {
        SqlRequest request = request("select 1").user("admin").clientAddress("10.1.2.3");

        assertThat(FilterPattern.any().withUserRegex("adm.*").matches(request)).isTrue();
        assertThat(FilterPattern.any().withUserRegex("dmi").matches(request)).isFalse();
        assertThat(FilterPattern.any().withRequestIpRegex("10\\..*").matches(request))
                .isTrue();
        assertThat(FilterPattern.any().withRequestIpRegex("10").matches(request))
                .isFalse();
    }

    @Test
    void commentsAreMatchedAsAWhole() {
        SqlRequest request = request("/* app=web */ select 1 /* trace=7 */;");

        assertThat(FilterPattern.any().withLeadingCommentRegex(".*app=web.*").matches(request))
                .isTrue();
        assertThat(FilterPattern.any()
                        .withLeadingCommentRegex("/\\* app=web \\*/")
                        .matches(request))
                .isTrue();
        assertThat(FilterPattern.any().withLeadingCommentRegex("app=web").matches(request))
                .isFalse();
        assertThat(FilterPattern.any().withTrailingCommentRegex(".*trace=\\d.*").matches(request))
                .isTrue();
        assertThat(FilterPattern.any().withTrailingCommentRegex(".*app.*").matches(request))
                .isFalse();
    }

    @Test
    void badRegexIsRefusedByTheNameOfItsCondition() {
        assertThatThrownBy(() -> FilterPattern.any().withUserRegex("("))
                .hasMessageStartingWith("user_regex '(' is not a regular expression of RE2: ");
        assertThatThrownBy(() -> FilterPattern.any().withRequestIpRegex("("))
                .hasMessageStartingWith("request_ip_regex '(' is not a regular expression of RE2: ");
        assertThatThrownBy(() -> FilterPattern.any().withLeadingCommentRegex("("))
                .hasMessageStartingWith("leading_comment_regex '(' is not a regular expression of RE2: ");
        assertThatThrownBy(() -> FilterPattern.any().withTrailingCommentRegex("("))
                .hasMessageStartingWith("trailing_comment_regex '(' is not a regular expression of RE2: ");
    }

    @Test
    void everyConditionMustBeMet() {
        FilterPattern all = FilterPattern.any()
                .withPlans(List.of("Select"))
                .withFullyQualifiedTableNames(List.of("shop.t"))
                .withQueryRegex(".*t.*")
                .withQueryTemplate("select a from t where b = ?")
                .withRequestIpRegex("1.*")
                .withUserRegex("u")
                .withLeadingCommentRegex(".*l.*")
                .withTrailingCommentRegex(".*r.*")
                .withBindVarConds("v1 = 5");
        SqlRequest request = request("/* l */ select a from t where b = ? /* r */")
                .user("u")
                .clientAddress("127.0.0.1")
                .bindValues(List.of(5));

        assertThat(all.matches(request)).isTrue();
        assertThat(all.matches(request.user("v"))).isFalse();
        assertThat(all.matches(request.user("u").clientAddress("2"))).isFalse();
        assertThat(all.matches(request.clientAddress("1").bindValues(List.of(6))))
                .isFalse();
        assertThat(all.withPlans(List.of("Insert")).matches(request.bindValues(List.of(5))))
                .isFalse();
        assertThat(all.matches(request)).isTrue();
        assertThat(all)
                .isEqualTo(all.withUserRegex("u"))
                .isNotEqualTo(all.withUserRegex("w"))
                .hasToString("FilterPattern[plans=Select, fully_qualified_table_names=shop.t, query_regex=.*t.*,"
                        + " query_template=select a from t where b = ?, request_ip_regex=1.*, user_regex=u,"
                        + " leading_comment_regex=.*l.*, trailing_comment_regex=.*r.*, bind_var_conds=v1 = 5]");
    }

    @Test
    void matchingAKnownTemplateAllocatesNothing() {
        FilterPattern pattern =
                tables("shop.users").withPlans(List.of("Delete")).withQueryTemplate("select ?");
        byte[] bytes =
                "select a, b from t where c = 'x' and d in (1, 2)".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        SqlRequest request = new SqlRequest().database("shop");
        FilterPattern other = tables("shop.users").withPlans(List.of("Select"));
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        boolean any = matchOften(pattern, other, request, bytes);
        long before = threads.getCurrentThreadAllocatedBytes();
        any |= matchOften(pattern, other, request, bytes);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
        assertThat(any).isFalse();
    }

    private static boolean matchOften(FilterPattern one, FilterPattern two, SqlRequest request, byte[] bytes) {
        boolean any = false;
        for (int i = 0; i < 20_000; i++) {
            request.text(bytes, 0, bytes.length);
            any |= one.matches(request);
            any |= two.matches(request);
        }
        return any;
    }
}
