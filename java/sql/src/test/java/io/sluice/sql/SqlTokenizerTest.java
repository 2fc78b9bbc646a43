package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTokenizerTest {
    private static final SqlDialect MYSQL_8 = SqlDialect.mysql().withVersion(80_403);
    private static final SqlDialect MARIADB_10 = SqlDialect.mariaDb().withVersion(101_106);

    private final SqlTokenizer tokenizer = new SqlTokenizer();

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private String scan(byte[] bytes, SqlDialect dialect, boolean inClientCharset) {
        tokenizer.scan(bytes, 0, bytes.length, dialect, inClientCharset);
        return new String(tokenizer.template(), 0, tokenizer.templateLength(), UTF_8)
                .replace((char) SqlTokenizer.STRING, '$')
                .replace((char) SqlTokenizer.NUMBER, '#');
    }

    private String template(String text) {
        return template(text, MYSQL_8);
    }

    private String template(String text, SqlDialect dialect) {
        return scan(bytes(text), dialect, false);
    }

    private boolean isClear(String text, SqlDialect dialect) {
        template(text, dialect);
        return tokenizer.isClear();
    }

    private String leading(String text) {
        template(text);
        return tokenizer.leadingStart() < 0
                ? ""
                : new String(
                        bytes(text),
                        tokenizer.leadingStart(),
                        tokenizer.leadingEnd() - tokenizer.leadingStart(),
                        UTF_8);
    }

    private String trailing(String text) {
        template(text);
        return tokenizer.trailingStart() < 0
                ? ""
                : new String(
                        bytes(text),
                        tokenizer.trailingStart(),
                        tokenizer.trailingEnd() - tokenizer.trailingStart(),
                        UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "select  1|select #",
                "SELECT a , b\tFROM t|SELECT a,b FROM t",
                "select 'a', \"b\", 1.5, .5, 1e5, 1.5e-3, 1E+3|select $,$,#,#,#,#,#",
                "select x'4D', X'4d', b'1', N'x', 0x1F, 0b01|select $,$,$,$,#,#",
                "select 1a, t.1a, t . x, t.1|select 1a,t.1a,t.x,t.1",
                "select 'it''s', 'it\\'s', \"a\"\"b\"|select $,$,$",
                "select 'a' 'b'|select $",
                "select `a b`, `c``d`|select `a b`,`c``d`",
                "select a=1,a = -1,a>=1,a<=>b,a->>'x',a := 1|select a=#,a= -#,a>=#,a<=>b,a->>$,a:=#",
                "select - -1, --1, 1 - -1|select- -#,- -#,#- -#",
                "select a/*c*/b|select a b",
                "select a -- c|select a",
                "select a# c|select a",
                "select a--b|select a- -b",
                "select ?, :v1, ::v2|select ?,?,?",
                "select @a, @@b|select @a,@@b",
                "select 1 ; ; select 2;;|select #;select #",
                "select * from t|select*from t",
                "insert into t values (1,'a'),(2,'b'),(-3,null)|insert into t values(#,$)",
                "insert into t values (1),(now()),(2)|insert into t values(#),(now()),(#)",
                "select * from t where a in (1,2,3)|select*from t where a in(#)",
                "select * from t where a in ('x',2) and f(1,2)|select*from t where a in($)and f(#,#)",
                "select * from t where (a,b) in ((1,2),(3,4))|select*from t where(a,b)in((#,#))",
                "select * from t where a in (b,1)|select*from t where a in(b,#)",
                "select f(1),(2)|select f(#),(#)",
                "~~|~~",
                "/* only */|~~",
            })
    void templateIsTheTextWithoutWhatDiffersFromCallToCall(String text, String template) {
        assertThat(template(text)).isEqualTo(template);
        assertThat(tokenizer.isClear()).isTrue();
    }

    @Test
    void leadingCommentsAreThoseBeforeTheFirstWord() {
        assertThat(leading("/* a */ -- b\n # c\n select 1")).isEqualTo("/* a */ -- b\n # c");
        assertThat(leading("  /* a */select /* b */ 1")).isEqualTo("/* a */");
        assertThat(leading("select 1")).isEmpty();
        assertThat(leading("/*! select */ 1")).isEmpty();
        assertThat(leading("-- a\r\nselect 1")).isEqualTo("-- a");
    }

    @Test
    void trailingCommentsAreThoseAfterTheLastWord() {
        assertThat(trailing("select 1 /* a */ -- b")).isEqualTo("/* a */ -- b");
        assertThat(trailing("select 1 /* a */ ;")).isEqualTo("/* a */");
        assertThat(trailing("select 1; /* a */ ")).isEqualTo("/* a */");
        assertThat(trailing("select 1 /* a */; select 2")).isEmpty();
        assertThat(trailing("/* a */ select 1")).isEmpty();
        assertThat(trailing("select '/* a */'")).isEmpty();
    }

    @Test
    void executableCommentIsText() {
        assertThat(template("/*! delete from t */")).isEqualTo("delete from t");
        assertThat(template("/*!50003 delete from t */ where a=1")).isEqualTo("delete from t where a=#");
        assertThat(template("select /*!40001 SQL_NO_CACHE */ * from t")).isEqualTo("select SQL_NO_CACHE*from t");
        assertThat(template("/*!delete /* inner */ from t */")).isEqualTo("delete from t");
        assertThat(isClear("/*! delete from t", MYSQL_8)).isFalse();
    }

    @Test
    void executableCommentIsACommentWhereTheServerDoesNotExecuteIt() {
        String newer = "select 1 /*!90000 , 2 /* x */ */";

        assertThat(template(newer, MYSQL_8)).isEqualTo("select #");
        assertThat(template("select 1 /*!80000 , 2 */", MARIADB_10)).isEqualTo("select #");
        assertThat(template("select 1 /*!50701 , 2 */", MARIADB_10)).isEqualTo("select #");
        assertThat(template("select 1 /*!50701 , 2 */", MYSQL_8)).isEqualTo("select #,#");
        assertThat(template("select 1 /*M! , 2 */", MARIADB_10)).isEqualTo("select #,#");
        assertThat(template("select 1 /*M! , 2 */", MYSQL_8)).isEqualTo("select #");
        assertThat(template("select 1 /*M!100100 , 2 */", MARIADB_10)).isEqualTo("select #,#");
        assertThat(template("select 1 /*!101107 , 2 */", MARIADB_10)).isEqualTo("select #");
        assertThat(template("select 1 /*!1 , 2 */", MYSQL_8)).isEqualTo("select # #,#");
    }

    @Test
    void versionThatIsNotKnownMakesTheTextUnclear() {
        assertThat(isClear("/*!40101 SET NAMES utf8 */", SqlDialect.mysql())).isTrue();
        assertThat(isClear("select 1 /*!80000 ' */", SqlDialect.mysql())).isFalse();
        assertThat(isClear("/*!101106 select */ 1", SqlDialect.mysql().withVersion(50_744)))
                .isFalse();
    }

    @Test
    void doubleQuotesAreAStringOrAnIdentifierAsTheSessionHasIt() {
        String text = "select \"a\\\" ; select 2 -- \"";

        assertThat(template(text, MYSQL_8)).isEqualTo("select $");
        assertThat(template(text, MYSQL_8.withAnsiQuotes(true))).isEqualTo("select `a\\`;select #");
        assertThat(template("select \"a\"\"`\"", MYSQL_8.withAnsiQuotes(true))).isEqualTo("select `a\"```");
    }

    @Test
    void backslashEscapesOrNotAsTheSessionHasIt() {
        String text = "select 'a\\' ; delete from t -- '";

        assertThat(template(text, MYSQL_8)).isEqualTo("select $");
        assertThat(template(text, MYSQL_8.withNoBackslashEscapes(true))).isEqualTo("select $;delete from t");
    }

    @Test
    void backslashMayBeHalfACharacter() {
        byte[] text = bytes("select '??' ; select 2 -- '");
        text[8] = (byte) 0xbf;
        text[9] = '\\';

        assertThat(scan(text, MYSQL_8.withCharset(Charset.forName("GBK")), true))
                .isEqualTo("select $;select #");
        assertThat(scan(text, MYSQL_8.withCharset(Charset.forName("GBK")), false))
                .isEqualTo("select $");
        assertThat(scan(text, MYSQL_8, true)).isEqualTo("select $");
    }

    @Test
    void whatDoesNotEndMakesTheTextUnclear() {
        assertThat(isClear("select 'a", MYSQL_8)).isFalse();
        assertThat(isClear("select `a", MYSQL_8)).isFalse();
        assertThat(isClear("select /* a", MYSQL_8)).isFalse();
        assertThat(isClear("select a\u0001b", MYSQL_8)).isFalse();
        assertThat(isClear("-- a\u0000\nselect 1", MYSQL_8)).isFalse();
        assertThat(isClear("select a -- b", MYSQL_8)).isTrue();
    }

    @Test
    void templateIsBoundedAndTheTextIsReadToItsEnd() {
        String text = "select " + "a+".repeat(40_000) + "1 /* end */";

        assertThat(isClear(text, MYSQL_8)).isFalse();
        assertThat(tokenizer.templateLength()).isLessThanOrEqualTo(SqlTokenizer.MAX_TEMPLATE_BYTES);
        assertThat(trailing(text)).isEqualTo("/* end */");
        assertThat(template("select 1")).isEqualTo("select #");
    }

    @Test
    void nestingIsCounted() {
        template("select ((1)) + (2)");

        assertThat(tokenizer.maxDepth()).isEqualTo(2);
    }

    @Test
    void everyTextIsReadToItsEndWhateverItHolds() {
        Random random = new Random(5);
        String alphabet = "'\"`\\/*!-# \n;()?:.,@M50701ax\u00e4\u0000=<>";
        SqlDialect[] dialects = {
            MYSQL_8,
            MARIADB_10,
            SqlDialect.mysql(),
            MYSQL_8.withAnsiQuotes(true),
            MYSQL_8.withCharset(Charset.forName("GB18030")),
            MYSQL_8.withCharset(Charset.forName("Big5"))
        };
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = random.nextInt(24); j >= 0; j--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = bytes(text.toString());
            SqlDialect dialect = dialects[i % dialects.length];
            tokenizer.scan(bytes, 0, bytes.length, dialect, true);
            assertThat(tokenizer.trailingEnd()).isLessThanOrEqualTo(bytes.length);
            assertThat(tokenizer.leadingEnd()).isLessThanOrEqualTo(bytes.length);
        }
    }

    @Test
    void scanningAllocatesNothing() {
        byte[] text = bytes("select a, b from t where c = 'some text' and d in (1, 2, 3) /* trace 1 */");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            tokenizer.scan(text, 0, text.length, MYSQL_8, false);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            tokenizer.scan(text, 0, text.length, MYSQL_8, false);
        }

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }
}
