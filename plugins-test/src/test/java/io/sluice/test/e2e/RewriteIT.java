package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Whatever a guest makes of a query is what the database gets; what the database makes of that is the client's answer. */
class RewriteIT extends JdbcTest {
    private String rewritten(String sql) throws SQLException {
        return answer(sql, filter("c/rewrites_as_told"));
    }

    @Test
    @Shows("rewriting to an empty query")
    void emptyQueryIsExecutedAsOne() throws SQLException {
        assertThat(rewritten("delete from users => ")).isEqualTo("0 rows changed");
        assertThat(answer("select count(*) from users")).isEqualTo("(3)");
    }

    @Test
    @Shows("rewriting to an unparsable query")
    void unparsableQueryIsTheDatabasesErrorToTell() throws SQLException {
        assertThat(rewritten("select 1 => selekt 1"))
                .startsWith("1105 HY000 " + AT_AFTER)
                .contains("selekt");
    }

    @Test
    @Shows("rewriting to several statements")
    void severalStatementsAreExecutedAsTheDatabaseDoes() throws SQLException {
        rewritten("select 1 => insert into users values (4, 'dan'); delete from users where id = 1");
        assertThat(answer("select id from users order by id")).isEqualTo("(2) (3) (4)");
    }

    @Test
    @Shows("rewriting to a query of another kind")
    void queryOfAnotherKindIsExecutedAsWhatItIs() throws SQLException {
        assertThat(rewritten("select 1 => delete from users where id = 3")).isEqualTo("1 rows changed");
        assertThat(rewritten("delete from users => select id from users")).isEqualTo("(1) (2)");
    }

    @Test
    void methodForRowsRefusesARewrittenUpdate() throws SQLException {
        try (Connection connection = connect(filter("c/rewrites_as_told"));
                Statement statement = connection.createStatement()) {
            assertThat((Throwable) refused(() -> statement.executeQuery("select 1 => delete from users")))
                    .isNotNull();
            assertThat((Throwable) refused(() -> statement.executeUpdate("delete from users => select 1")))
                    .isNotNull();
        }
        assertThat(answer("select count(*) from users"))
                .as("the delete was not executed")
                .isEqualTo("(3)");
    }
}
