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
}
