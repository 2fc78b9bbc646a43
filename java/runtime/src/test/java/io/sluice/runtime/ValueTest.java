package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ValueTest {
    @Test
    void valuesAreWhatTheyWereMadeOf() {
        assertThat(Value.i32(-1).asInt()).isEqualTo(-1);
        assertThat(Value.i64(Long.MIN_VALUE).asLong()).isEqualTo(Long.MIN_VALUE);
        assertThat(Value.f32(-0f).asFloat()).isEqualTo(-0f);
        assertThat(Value.f64(Double.MAX_VALUE).asDouble()).isEqualTo(Double.MAX_VALUE);
        assertThat(Value.v128(1, 2).asLowBits()).isEqualTo(1);
        assertThat(Value.v128(1, 2).asHighBits()).isEqualTo(2);
        assertThat(Value.funcref(null).asFunc()).isNull();
        assertThat(Value.i32(1).type()).isEqualTo(ValueType.I32);
    }

    @Test
    void nanKeepsItsBits() {
        float nan = Float.intBitsToFloat(0xFFA0_1234);
        assertThat(Float.floatToRawIntBits(Value.f32(nan).asFloat())).isEqualTo(Float.floatToRawIntBits(nan));
    }

    @Test
    void aValueIsReadAsItsOwnTypeOnly() {
        assertThatThrownBy(() -> Value.i64(1).asInt())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the value is of type i64, it was asked for as i32");
        assertThatThrownBy(() -> Value.i32(1).asFunc())
                .hasMessage("the value is of type i32, it was asked for as funcref");
    }

    @Test
    void valuesAreEqualByTypeAndBits() {
        assertThat(Value.f64(Double.NaN)).isEqualTo(Value.f64(Double.NaN)).hasSameHashCodeAs(Value.f64(Double.NaN));
        assertThat(Value.f64(0.0)).isNotEqualTo(Value.f64(-0.0));
        assertThat(Value.i32(1)).isNotEqualTo(Value.i64(1)).isNotEqualTo(1);
    }

    @Test
    void textShowsTypeAndValue() {
        assertThat(Value.i32(-5)).hasToString("i32 -5");
        assertThat(Value.f64(1.5)).hasToString("f64 1.5");
        assertThat(Value.f32(0.5f)).hasToString("f32 0.5");
        assertThat(Value.v128(0x0F, 1)).hasToString("v128 0x0000000000000001000000000000000f");
        assertThat(Value.funcref(null)).hasToString("funcref null");
    }
}
