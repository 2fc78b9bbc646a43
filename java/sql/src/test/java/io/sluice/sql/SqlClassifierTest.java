package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sql.Classification.StatementClass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlClassifierTest {
    private final ClassificationCache cache = new ClassificationCache(64, 1 << 20);
    private final SqlClassifier classifier = new SqlClassifier(cache, new StatementParser(2_000));
    private final SqlTokenizer tokenizer = new SqlTokenizer();

    private Classification classify(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        tokenizer.scan(bytes, 0, bytes.length, SqlDialect.mysql().withVersion(80_403), false);
        return classifier.classify(tokenizer, UTF_8);
    }

    private String described(String text) {
        Classification found = classify(text);
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            StatementClass statement = found.get(i);
            List<TableName> tables = statement.tables();
            statements.add((statement.kind() == null ? "?" : statement.kind().planName())
                    + (tables == null
                            ? " ?"
                            : tables.stream()
                                    .map(table -> " " + table.qualified(""))
                                    .sorted()
                                    .collect(Collectors.joining())));
        }
        return String.join("; ", statements);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "select 1|Select",
                "select * from t|Select t",
                "SELECT * FROM `Db`.`My``T` x, v JOIN w USING (a)|Select Db.My`T v w",
                "insert into t (int1, int2) values (1, 2)|Insert t",
                "replace into t values (1)|Insert t",
                "insert into t select * from u|Insert t u",
                "insert into t set a = (select 1 from v)|Insert t v",
                "insert into t values (1) on duplicate key update a = (select 1 from v)|Insert t v",
                "update t set a = 1|Update t",
                "update t set a = 1 where b = 2 limit 1|Update t",
                "update t join u on t.a = u.a set t.b = 1|Update t u",
                "update t set a = 1 order by (select 1 from w)|Update t w",
                "delete from t where a = 1|Delete t",
                "delete a from t a join u on a.x = u.x|Delete t u",
                "delete from t order by (select 1 from w) limit 1|Delete t w",
                "with x as (select * from y) select * from x|Select y",
                "with secret as (select * from secret) select * from secret|Select secret",
                "with a as (select 1), b as (select * from a) select * from b|Select",
                "with a as (select * from b), b as (select 1) select * from a|Select b",
                "with recursive c as (select 1 union all select n + 1 from c) select * from c|Select",
                "with x as (select 1) select * from db.x|Select db.x",
                "select * from secret where a in (with secret as (select 1) select * from secret)|Select secret",
                "with x as (select 1) update t set a = 1|Update t",
                "with x as (select 1) delete from t|Delete t",
                "(select 1 from a) union (select 2 from b)|Select a b",
                "select t.* from db.u t|Select db.u",
                "table t|Select t",
                "values row(1, 2)|Select",
                "select (select 1 from s1), max(a) over (partition by (select 1 from s2)) from t|Select s1 s2 t",
                "select * from t having (select 1 from w) > 1|Select t w",
                "select * from t lock in share mode|Select t",
                "select straight_join high_priority a from t|Select t",
                "select a mod 3 from t|Select t",
                "select a into @x, @y from t|Select t",
                "select * from `x mod y`|Select x mod y",
                "create table t (a int)|DDL t",
                "create table t as select * from u|DDL t u",
                "alter table t add column a int|DDL t",
                "drop table t, u|DDL t u",
                "truncate table t|DDL t",
                "create view v as select * from t|DDL t v",
                "rename table a to b|DDL a b",
                "create user u|OtherAdmin",
                "set @a = 1|Set",
                "set names utf8mb4|Set",
                "set @a = (select 1 from t)|Set t",
                "show tables|Show",
                "show create table t|Show ?",
                "show columns from t|Show ?",
                "drop database d|DDL ?",
                "create trigger r before insert on t for each row set new.a = 1|DDL ?",
                "explain select * from t|OtherRead t",
                "desc t|OtherRead t",
                "use db|OtherRead",
                "do sleep(1)|OtherRead",
                "begin|Begin",
                "start transaction read only|Begin",
                "commit|Commit",
                "rollback|Rollback",
                "rollback to s|RollbackSavepoint",
                "rollback work to savepoint s|RollbackSavepoint",
                "savepoint s|Savepoint",
                "release savepoint s|Release",
                "load data infile 'x' into table t|Load ?",
                "flush privileges|Flush",
                "lock tables t read|LockTables ?",
                "unlock tables|UnlockTables",
                "call p(1)|CallProcedure",
                "optimize table t|OtherAdmin ?",
                "analyze table t|OtherAdmin t",
                "analyze delete from t|Delete t",
                "analyze format=json update t set a = 1|Update t",
                "kill 1|OtherAdmin",
                "/*!50003 delete from t */|Delete t",
                "select 1; delete from t; |Select; Delete t",
                "~~|~~",
                "/* nothing */|~~",
            })
    void kindAndTablesAreFound(String text, String expected) {
        assertThat(described(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "selec * from t",
                "select from where",
                "prepare s from 'delete from t'",
                "execute s",
                "execute immediate 'delete from t'",
                "set statement max_statement_time=1 for delete from t",
                "handler t open",
                "begin not atomic delete from t",
                "if 1 then delete from t",
                "delete from t where 'a",
                "select 'x' from",
                "l1: begin"
            })
    void whatIsNotUnderstoodIsUnknown(String text) {
        assertThat(described(text)).isEqualTo("? ?");
    }

    @Test
    void routineIsClassifiedByEveryStatementInIt() {
        assertThat(described("create procedure p() begin delete from t; end; drop table u"))
                .isEqualTo("DDL ?; ? ?; DDL u");
    }

    @Test
    void literalsDoNotChangeWhatIsLearned() {
        classify("select a as 'x' from t where b = 1");
        int before = cache.size();
        classify("select  a as \"other\" from t where b = 2.5 -- c");

        assertThat(before).isEqualTo(1);
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void knownTemplateGivesTheSameAnswer() {
        assertThat(classify("select * from t where a in (1)")).isSameAs(classify("select * from t where a in (2, 3)"));
        assertThat(classify("select * from t")).isNotSameAs(classify("select * from T"));
    }

    @Test
    @Timeout(60)
    void deepNestingIsRefusedBeforeItIsParsed() {
        String text = "select " + "(".repeat(10_000) + "1" + ")".repeat(10_000);

        assertThat(described(text)).isEqualTo("? ?");
        assertThat(cache.size()).isZero();
    }

    @ParameterizedTest
    @Timeout(60)
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void hostileTextIsBoundedInTime(int which) {
        String text = switch (which) {
            case 0 -> "select " + "not ".repeat(10_000) + "1";
            case 1 -> "select " + "(".repeat(90) + "1" + ")".repeat(90) + " from t";
            case 2 -> "select 1 where " + "a=1 and ".repeat(7_000) + "b=1";
            case 3 -> "select " + "case when ".repeat(5_000) + "1";
            case 4 -> "select * from " + "(select * from ".repeat(80) + "t" + ") x".repeat(80);
            default -> "select " + "f(".repeat(95) + "a" + ")".repeat(95) + " from t where";
        };
        SqlClassifier bounded = new SqlClassifier(cache, new StatementParser(250));
        byte[] bytes = text.getBytes(UTF_8);
        tokenizer.scan(bytes, 0, bytes.length, SqlDialect.mysql(), false);
        long start = System.nanoTime();
        Classification first = bounded.classify(tokenizer, UTF_8);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(first.size()).isEqualTo(1);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    @Timeout(60)
    void statementThatTakesTooLongIsGivenUpByItsThread() throws InterruptedException {
        StatementParser impatient = new StatementParser(1);
        SqlClassifier bounded = new SqlClassifier(cache, impatient);
        byte[] bytes = ("select 1 where " + "a=1 and ".repeat(7_000) + "b=1").getBytes(UTF_8);
        tokenizer.scan(bytes, 0, bytes.length, SqlDialect.mysql(), false);
        Classification found = bounded.classify(tokenizer, UTF_8);

        assertThat(found.get(0)).isEqualTo(StatementClass.UNKNOWN);
        while (impatient.running() > 0) {
            Thread.sleep(5);
        }
    }

    @Test
    void megabytesAreBounded() {
        StringBuilder rows = new StringBuilder("insert into t values (1, now())");
        rows.append(", (1, now())".repeat(100_000));

        assertThat(described(rows.toString())).isEqualTo("? ?");
        assertThat(described("insert into t values ('" + "x".repeat(4 << 20) + "')"))
                .isEqualTo("Insert t");
    }

    @Test
    void floodOfTemplatesLeavesTheCacheBounded() {
        for (int i = 0; i < 3_000; i++) {
            classify("commit and chain a" + i);
            classify("select * from hot");
        }

        assertThat(cache.size()).isLessThanOrEqualTo(64 * ClassificationCache.WAYS);
        assertThat(cache.bytes()).isLessThanOrEqualTo(1 << 20);
    }
}
