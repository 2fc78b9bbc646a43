package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResultTypeTest {
    @ParameterizedTest
    @EnumSource(ResultType.class)
    void typeIsFoundByItsNumber(ResultType type) {
        assertThat(ResultType.ofCode(type.code())).isEqualTo(type);
    }
}
