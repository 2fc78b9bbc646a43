package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StatementSplitterTest {
    private static List<String> split(String text, SqlDialect dialect) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new SqlRequest()
                .text(bytes, 0, bytes.length).dialect(dialect).statements().stream()
                        .map(range ->
                                new String(bytes, range[0], range[1] - range[0], StandardCharsets.ISO_8859_1).strip())
                        .toList();
    }

    private static List<String> split(String text) {
        return split(text, SqlDialect.ofServer("10.11.6-MariaDB"));
    }

    @Test
    void semicolonsOutsideStringsAndCommentsPart() {
        assertThat(split("select ';'; select 2 /* ; */ -- ;\n; select `;`;;"))
                .containsExactly("select ';'", "select 2 /* ; */ -- ;", "select `;`");
        assertThat(split("select 1")).containsExactly("select 1");
        assertThat(split("select 1; -- done")).containsExactly("select 1");
        assertThat(split(" ; ;")).isEmpty();
    }

    @Test
    void meaningOfQuotesIsTheSessions() {
        String ansi = "select \"a\\\" ; select 2 -- \"";
        assertThat(split(ansi)).hasSize(1);
        assertThat(split(ansi, SqlDialect.ofServer("10.11.6-MariaDB").withAnsiQuotes(true)))
                .hasSize(2);
        String gbk = "select '\u00bf\\' ; select 2 -- '";
        assertThat(split(gbk)).hasSize(1);
        assertThat(split(gbk, SqlDialect.ofServer("10.11.6-MariaDB").withCharset(Charset.forName("GBK"))))
                .hasSize(2);
    }

    @Test
    void routinesAndBlocksAreNotCut() {
        String routine = "create procedure p() begin select 1; select 2; end; select 3";
        assertThat(split(routine)).containsExactly(routine);
        assertThat(split("select 0; " + routine)).containsExactly("select 0", routine);
        assertThat(split("create procedure p() comment '#1' begin select 1; select 2; end"))
                .hasSize(1);
        assertThat(split("create procedure p() select 1; select 3")).hasSize(2);
        assertThat(split("begin not atomic select 1; end")).hasSize(1);
        assertThat(split("begin; select 1; commit")).hasSize(3);
        assertThat(split("create trigger t before insert on a for each row set new.a = 1; select 2"))
                .hasSize(1);
    }

    @Test
    @Timeout(10)
    void commentsWithoutAnEndAreReadOnce() {
        for (String open : List.of("#", "-- ", "/* ")) {
            String text = "select '" + open.repeat((64 << 10) / open.length()) + "'; select 2";
            assertThat(split(text)).as(open).hasSize(2);
        }
    }

    @Test
    void textOfTooManyStatementsIsNotCut() {
        assertThat(split("a;".repeat(SqlTokenizer.MAX_ENDS))).hasSize(SqlTokenizer.MAX_ENDS);
        assertThat(split("a;".repeat(SqlTokenizer.MAX_ENDS + 1))).hasSize(1);
        assertThat(split(";".repeat(SqlTokenizer.MAX_ENDS + 1) + "a")).hasSize(1);
    }

    @Test
    void whatIsNotClearIsNotCut() {
        assertThat(split("/*!50000 select 1; select 2 */")).hasSize(1);
        assertThat(split("select 1; select 'open")).hasSize(1);
    }
}
