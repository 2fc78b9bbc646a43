package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SqlRequestTest {
    @Test
    void textBecomesBytesAndBytesText() {
        assertThat(SqlRequest.of("é").bytes()).isEqualTo("é".getBytes(UTF_8));
        assertThat(new SqlRequest().text("xéx".getBytes(UTF_8), 1, 2).text()).isEqualTo("é");
    }

    @Test
    void requestIsFilledAnew() {
        SqlRequest request = SqlRequest.of("select 1");
        assertThat(request.bytes()).hasSize(8);

        request.text("select 22");

        assertThat(request.bytes()).hasSize(9);
        assertThat(request.length()).isEqualTo(9);
        assertThat(request).hasToString("select 22");
    }

    @Test
    void rangeOutsideTheArrayIsRefused() {
        assertThatThrownBy(() -> new SqlRequest().text(new byte[4], 2, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void textForgetsBindValuesAndKeepsTheSession() {
        SqlRequest request = SqlRequest.of("select ?")
                .user("u")
                .clientAddress("10.0.0.1")
                .database("db")
                .dialect(SqlDialect.mariaDb())
                .bindValues(java.util.Arrays.asList(1, null));

        assertThat(request.bindValues()).containsExactly(1, null);
        request.text("select 2");

        assertThat(request.bindValues()).isEmpty();
        assertThat(request.user()).isEqualTo("u");
        assertThat(request.clientAddress()).isEqualTo("10.0.0.1");
        assertThat(request.database()).isEqualTo("db");
        assertThat(request.dialect()).isEqualTo(SqlDialect.mariaDb());
    }

    @Test
    void bytesAreInTheCharacterSetOfTheDialect() {
        byte[] bytes = {'\'', (byte) 0xbf, '\\', '\''};
        SqlRequest request = new SqlRequest()
                .dialect(SqlDialect.mysql().withCharset(java.nio.charset.Charset.forName("GBK")))
                .text(bytes, 0, bytes.length);

        assertThat(request.text()).hasSize(3);
    }
}
