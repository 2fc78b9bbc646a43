package io.sluice.runtime;

import static io.sluice.runtime.ValueType.F32;
import static io.sluice.runtime.ValueType.F64;
import static io.sluice.runtime.ValueType.FUNCREF;
import static io.sluice.runtime.ValueType.I32;
import static io.sluice.runtime.ValueType.I64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "func (i32, i64) -> i32",
                "func () -> ()",
                "func (v128, funcref, externref) -> (f32, f64)",
                "memory 1",
                "memory 1 2",
                "global i32",
                "global mut f64",
                "table funcref 1",
                "table externref 1 2"
            })
    void typesAreWrittenAsTheyAreRead(String text) {
        ExternType type = TypeText.extern(text);
        String expected = type instanceof FuncType ? text.substring("func ".length()) : text;
        assertThat(type).hasToString(expected);
    }

    @Test
    void funcTypesAreEqualByParametersAndResults() {
        FuncType type = FuncType.of(List.of(I32, I64), List.of(I32));
        assertThat(type)
                .isEqualTo(TypeText.func("(i32, i64) -> i32"))
                .hasSameHashCodeAs(TypeText.func("(i32, i64) -> i32"));
        assertThat(type).isNotEqualTo(TypeText.func("(i32, i64) -> i64")).isNotEqualTo("(i32, i64) -> i32");
        assertThat(type.params()).containsExactly(I32, I64);
        assertThat(type.results()).containsExactly(I32);
        assertThat(type.slots()).isEqualTo(4);
    }

    @Test
    void typesHaveTheirParts() {
        assertThat(TypeText.extern("memory 1 2")).isEqualTo(new MemoryType(1, OptionalLong.of(2)));
        assertThat(TypeText.extern("global mut f32")).isEqualTo(new GlobalType(F32, true));
        assertThat(TypeText.extern("table funcref 3")).isEqualTo(new TableType(FUNCREF, 3, OptionalLong.empty()));
        assertThat(TypeText.func("(f64) -> ()").params()).containsExactly(F64);
    }

    @Test
    void unknownTypesAreRefused() {
        assertThatThrownBy(() -> TypeText.extern("tag 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type \"tag 1\" is not one of those known");
        assertThatThrownBy(() -> TypeText.func("(i31) -> ()"))
                .hasMessage("value type \"i31\" is not one of those known");
        assertThatThrownBy(() -> TypeText.func("()")).hasMessage("func type \"()\" has no arrow");
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> FuncType.of(null, List.of()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("params");
        assertThatThrownBy(() -> FuncType.of(List.of(), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("results");
        assertThatThrownBy(() -> new ExportType("a", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("type");
        assertThatThrownBy(() -> new ImportType(null, "a", new MemoryType(1, OptionalLong.empty())))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("module");
        assertThatThrownBy(() -> new LogRecord(null, ""))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("level");
        assertThatThrownBy(() -> new GuestFrame(null, 0))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("function");
    }

    @Test
    void framesNameFunctionAndOffset() {
        assertThat(new GuestFrame("inner", 255)).hasToString("inner at offset 0xff");
    }
}
