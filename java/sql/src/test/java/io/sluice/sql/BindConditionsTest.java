package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindConditionsTest {
    private static final List<@Nullable Object> VALUES =
            Arrays.asList(42, "it's", null, new BigDecimal("1.50"), true, "7", new byte[] {'a', 'b'}, "1e999999999");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1 = 42",
                "v1 != 42",
                "v1 < 1 and v1 > 1",
                "v1 in ('a')",
                "v1 not in ('a')",
                "v1 matches 'a'",
                "v1 not matches 'a'",
                "v1 is not null"
            })
    void valueThatIsNotKnownMeetsEveryConditionOnItsText(String conditions) {
        assertThat(BindConditions.of(conditions).areMet(List.of(SqlRequest.UNKNOWN_VALUE)))
                .isTrue();
        assertThat(BindConditions.of("v1 is null").areMet(List.of(SqlRequest.UNKNOWN_VALUE)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1 = 42",
                ":v1 = 42.0",
                "?1 >= 42 AND V1 <= 42",
                "v1 > 41 and v1 < 43 and v1 != 1",
                "v2 = 'it''s'",
                "v2 = \"it's\"",
                "v2 matches 'it.*'",
                "v2 not matches 's'",
                "v2 not in ('a', 'b')",
                "v3 is null",
                "v1 is not null",
                "v4 = 1.5",
                "v5 = 1",
                "v6 in (1, 7)",
                "v6 = '7'",
                "v7 = 'ab'",
                "v8 != 5",
                "v2 != 5",
                "v2 <> 'x'",
                "v1=42and v6=7"
            })
    void conditionIsMet(String conditions) {
        assertThat(BindConditions.of(conditions).areMet(VALUES)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1 = 41",
                "v1 = 42 and v1 = 41",
                "v2 = 5",
                "v2 > 5",
                "v3 = 'x'",
                "v3 != 'x'",
                "v3 not in (1)",
                "v3 is not null",
                "v1 is null",
                "v9 is null",
                "v9 != 1",
                "v2 matches 't'",
                "v8 > 5"
            })
    void conditionIsNotMet(String conditions) {
        assertThat(BindConditions.of(conditions).areMet(VALUES)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "x|is not understood: expected a value such as v1 at character 1 and found 'x'",
                "v0 = 1|is not understood: expected a value such as v1, the first at character 1 and found 'v0 = 1'",
                "v1|is not understood: expected an operator (=, !=, <, <=, >, >=, in, not in, matches, not matches, is"
                        + " null, is not null) at character 3 and found the end",
                "v1 = x|is not understood: expected a string in quotes or a number at character 6 and found 'x'",
                "v1 = 1 or v2 = 2|is not understood: expected 'and' or the end at character 8 and found 'or v2 = 2'",
                "v1 in 1|is not understood: expected ( at character 7 and found '1'",
                "v1 in (1 2)|is not understood: expected , or ) at character 10 and found '2)'",
                "v1 is 5|is not understood: expected null at character 7 and found '5'",
                "v1 not 5|is not understood: expected in or matches at character 8 and found '5'",
                "v1 matches x|is not understood: expected a string in quotes at character 12 and found 'x'",
                "v1 = 'x|has a string that does not end",
            })
    void whatIsNotUnderstoodIsRefused(String conditions, String why) {
        assertThatThrownBy(() -> FilterPattern.any().withBindVarConds(conditions))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bind_var_conds " + why + "; write for example: v1 = 'x' and v2 in (1, 2)");
    }

    @Test
    void conditionsAreBounded() {
        assertThatThrownBy(() -> BindConditions.of("v1 = 1 and ".repeat(400) + "v1 = 1"))
                .hasMessage("bind_var_conds has 4406 characters; at most 4096 are taken");
        assertThatThrownBy(() -> BindConditions.of("v1 = 1 and ".repeat(40) + "v1 = 1"))
                .hasMessageStartingWith("bind_var_conds has more than 32 conditions");
        assertThatThrownBy(() -> BindConditions.of("v1 matches '('"))
                .hasMessageStartingWith("bind_var_conds '(' is not a regular expression of RE2: ");
    }
}
