package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
