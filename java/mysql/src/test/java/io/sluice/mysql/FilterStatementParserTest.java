package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.mysql.FilterStatementParser.SyntaxException;
import io.sluice.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterStatementParserTest {
    private static FilterStatement parse(String text) throws SyntaxException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(FilterStatementParser.mayBe(bytes, 0, bytes.length)).as(text).isTrue();
        return FilterStatementParser.parse(bytes, 0, bytes.length, SqlDialect.mariaDb());
    }

    @Test
    void statementsComeInAnyCaseWithBlanksCommentsAndSemicolon() throws SyntaxException {
        FilterStatement statement = parse(
                "/* mine */ CREATE\n\tFilter IF not EXISTS `my-filter` (\n desc = 'it''s \\'quoted\\'',"
                        + "\tPRIORITY=\"7\" )\nWITH_PATTERN(plans='Select,Insert')\n EXECUTE ( action='FAIL', action_args='' ) ; ");
        assertThat(statement).isInstanceOfSatisfying(FilterStatement.Create.class, create -> {
            assertThat(create.name()).isEqualTo("my-filter");
            assertThat(create.ifNotExists()).isTrue();
            assertThat(create.values())
                    .containsEntry("desc", "it's 'quoted'")
                    .containsEntry("priority", "7")
                    .containsEntry("plans", "Select,Insert")
                    .containsEntry("action", "FAIL");
        });
        assertThat(parse("alter filter a (status='INACTIVE')")).isInstanceOf(FilterStatement.Alter.class);
        assertThat(parse("DROP FILTER a;")).isEqualTo(new FilterStatement.Drop("a"));
        assertThat(parse("show filters")).isEqualTo(new FilterStatement.Show(""));
        assertThat(parse("show filter a")).isEqualTo(new FilterStatement.Show("a"));
        assertThat(parse("show create filter a")).isEqualTo(new FilterStatement.ShowCreate("a"));
        assertThat(parse("reload filters")).isEqualTo(new FilterStatement.Reload());
        assertThat(parse("show plugin status")).isEqualTo(new FilterStatement.ShowPluginStatus());
        assertThat(parse(" /*EXPLAIN  filter*/ select 1")).isEqualTo(new FilterStatement.Explain("select 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create table filter (a int)",
                "create filters",
                "show filters_of",
                "show plugins soname 'x'",
                "/*! create filter a */",
                "/*M! create filter a */",
                "select 'create filter'",
                "show create table filter",
                "drop filterx a",
                "explain filter",
                ""
            })
    void otherTextsAreTheServers(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(FilterStatementParser.mayBe(bytes, 0, bytes.length)).isFalse();
    }

    @Test
    void errorsSayWhereAndWhatIsExpected() {
        assertThatThrownBy(() -> parse("create filter a (priorty='1') execute(action='FAIL')"))
                .hasMessage(
                        "syntax error at position 18 near 'priorty='1') execute(action='FAIL')': one of desc, priority,"
                                + " status, of which priority is the nearest is expected in a statement about filters");
        assertThatThrownBy(() -> parse("create filter a (priority=1) execute(action='FAIL')"))
                .hasMessageContaining("near '1) execute(action='FAIL')': a value in quotes is expected");
        assertThatThrownBy(() -> parse("create filter a (desc='')"))
                .hasMessageContaining("execute(action='…') is expected");
        assertThatThrownBy(() -> parse("create filter a execute(action='FAIL')) x"))
                .hasMessageContaining("near ') x': the end is expected");
        assertThatThrownBy(() -> parse("create filter a execute(action='FAIL"))
                .hasMessageContaining("a closing ' is expected");
        assertThatThrownBy(() -> parse("create filter a (desc='a', desc='b') execute(action='FAIL')"))
                .hasMessageContaining("another key than desc, which is there already");
        assertThatThrownBy(() -> parse("alter filter a")).hasMessageContaining("is expected");
    }
}
