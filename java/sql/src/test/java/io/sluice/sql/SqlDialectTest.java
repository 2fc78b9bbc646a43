package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;

class SqlDialectTest {
    @Test
    void serverNamesItsDialect() {
        assertThat(SqlDialect.ofServer("8.4.3")).isEqualTo(SqlDialect.mysql().withVersion(80_403));
        assertThat(SqlDialect.ofServer("5.5.5-10.11.6-MariaDB"))
                .isEqualTo(SqlDialect.mariaDb().withVersion(101_106));
        assertThat(SqlDialect.ofServer("10.11.6-MariaDB-1-log"))
                .isEqualTo(SqlDialect.mariaDb().withVersion(101_106));
        assertThat(SqlDialect.ofServer("unknown").version()).isZero();
    }

    @Test
    void sqlModeSetsTheTwoFlags() {
        SqlDialect dialect = SqlDialect.mysql().withSqlMode("STRICT_TRANS_TABLES, ansi_quotes,NO_BACKSLASH_ESCAPES");

        assertThat(dialect.ansiQuotes()).isTrue();
        assertThat(dialect.noBackslashEscapes()).isTrue();
        assertThat(dialect.withSqlMode("")).isEqualTo(SqlDialect.mysql());
        assertThat(SqlDialect.mysql().withSqlMode("ANSI").ansiQuotes()).isTrue();
        assertThat(dialect).hasToString("SqlDialect[MYSQL 0, ANSI_QUOTES, NO_BACKSLASH_ESCAPES, UTF-8]");
    }

    @Test
    void charactersOfTwoBytesAreTheServersOwn() {
        byte[] text = {(byte) 0xbf, '\\', (byte) 0xbf, '\''};

        assertThat(DoubleBytes.of(Charset.forName("GBK")).lengthAt(text, 0, 4)).isEqualTo(2);
        assertThat(DoubleBytes.of(Charset.forName("GBK")).lengthAt(text, 2, 4)).isEqualTo(1);
        assertThat(DoubleBytes.of(Charset.forName("Big5")).lengthAt(text, 0, 4)).isEqualTo(2);
        assertThat(DoubleBytes.of(Charset.forName("Shift_JIS")).lengthAt(text, 0, 4))
                .isEqualTo(1);
        assertThat(DoubleBytes.of(Charset.forName("GB18030"))
                        .lengthAt(new byte[] {(byte) 0x81, '0', (byte) 0x81, '0'}, 0, 4))
                .isEqualTo(4);
        assertThat(DoubleBytes.of(Charset.forName("UTF-8")).lengthAt(text, 0, 4))
                .isEqualTo(1);
        assertThat(DoubleBytes.of(Charset.forName("GBK")).lengthAt(text, 0, 1)).isEqualTo(1);
    }
}
