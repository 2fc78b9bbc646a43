package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HiddenStatementsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "prepare s from 'delete from t'",
                "PREPARE s FROM @text",
                "execute s using @a",
                "execute immediate 'delete from t'",
                "/* a comment */ execute immediate concat('dele', 'te from t')",
                "/*!50000 execute */ immediate 'delete from t'",
                "select 1; execute s",
                "begin not atomic execute immediate 'delete from t'; end",
                "create procedure p() begin prepare s from 'delete from t'; execute s; end",
                "set statement max_statement_time=1 for execute s",
                "execute immediate 'unterminated"
            })
    void statementThatExecutesAnotherTextIsFound(String sql) {
        assertThat(request(sql).hidesStatement()).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'execute immediate'",
                "select execute from t",
                "insert into prepare(execute) values (1)",
                "create table `execute`(`prepare` int)",
                "grant execute on procedure p to u",
                "xa prepare 'x'",
                "select 1 /* execute s */",
                "/* prepare */ select 1",
                "set @a = 'prepare'",
                "deallocate prepare s",
                "call executed()",
                ""
            })
    void namesAndTextsAreNot(String sql) {
        assertThat(request(sql).hidesStatement()).as(sql).isFalse();
    }

    private static SqlRequest request(String sql) {
        return SqlRequest.of(sql).dialect(SqlDialect.ofServer("5.5.5-10.11.6-MariaDB"));
    }
}
