package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FuncIT {
    private static Sandbox box;
    private static Instance instance;

    @BeforeAll
    static void open() {
        box = Sandbox.of("numbers");
        instance = box.instance();
    }

    @AfterAll
    static void close() {
        box.close();
    }

    private static Func func(String name) {
        return instance.func(name);
    }

    @Test
    void rawCallsTakeUpToFourNumbers() {
        assertThat(func("none").callRaw()).isZero();
        assertThat(func("seven").callRaw()).isEqualTo(7);
        assertThat(func("echo_i64").callRaw(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(func("add").callRaw(40, 2)).isEqualTo(42);
        assertThat(func("sum3").callRaw(1, 2, 3)).isEqualTo(6);
        assertThat(func("sum4").callRaw(1, 2, 3, 4)).isEqualTo(10);
    }

    @Test
    void anIntIsInTheLow32BitsHoweverItIsExtended() {
        Func echo = func("echo_i32");
        assertThat((int) echo.callRaw(-1)).isEqualTo(-1);
        assertThat((int) echo.callRaw(0xFFFF_FFFFL)).isEqualTo(-1);
        assertThat((int) echo.callRaw(0x1234_5678_FFFF_FFFEL)).isEqualTo(-2);
        assertThat(func("minus_one").callRaw()).isEqualTo(-1L);
    }

    @Test
    void floatsCrossAsTheirBits() {
        assertThat(Float.intBitsToFloat((int) func("echo_f32").callRaw(Float.floatToRawIntBits(1.5f))))
                .isEqualTo(1.5f);
        assertThat(Double.longBitsToDouble(func("echo_f64").callRaw(Double.doubleToRawLongBits(-0.0))))
                .isEqualTo(-0.0);
        int nan = 0xFFA0_1234;
        assertThat((int) func("echo_f32").callRaw(nan)).isEqualTo(nan);
        long result = func("add_f64").callRaw(Double.doubleToRawLongBits(1.5), Double.doubleToRawLongBits(2.25));
        assertThat(Double.longBitsToDouble(result)).isEqualTo(3.75);
    }

    @Test
    void slotsCarryAnyNumberOfValues() {
        long[] sum = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0};
        func("sum5").callRaw(sum);
        assertThat(sum[0]).isEqualTo(15);
        long[] swapped = {7, 0, 1L << 40, 0};
        func("swap").callRaw(swapped);
        assertThat(swapped[0]).isEqualTo(1L << 40);
        assertThat(swapped[2]).isEqualTo(7);
        long[] vector = {1, 2};
        func("echo_v128").callRaw(vector);
        assertThat(vector).containsExactly(1, 2);
        func("none").callRaw(new long[0]);
    }

    @Test
    void callsTakeAndGiveValuesOfEveryType() {
        assertThat(func("none").call()).isEmpty();
        assertThat(func("swap").call(Value.i32(1), Value.i64(2))).containsExactly(Value.i64(2), Value.i32(1));
        assertThat(func("echo_v128").call(Value.v128(-1, 1))).containsExactly(Value.v128(-1, 1));
        assertThat(func("echo_f32").call(Value.f32(-0f))).containsExactly(Value.f32(-0f));
        assertThat(func("mixed").call(Value.i32(-1), Value.i64(2), Value.f32(0.5f), Value.f64(0.25)))
                .containsExactly(Value.f64(1.75));
        assertThat(func("echo_funcref").call(Value.funcref(null))).containsExactly(Value.funcref(null));
        Func seven = func("seven");
        Func same = func("echo_funcref").call(Value.funcref(seven))[0].asFunc();
        assertThat(same).isEqualTo(seven).hasSameHashCodeAs(seven);
        assertThat(same == null ? 0 : same.callRaw()).isEqualTo(7);
    }

    @Test
    void callsWithWrongValuesNameBothSides() {
        assertThatThrownBy(() -> func("add").call(Value.i32(1), Value.i64(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the func takes (i32, i32), got (i32, i64)");
        assertThatThrownBy(() -> func("add").call()).hasMessage("the func takes (i32, i32), got ()");
    }

    @Test
    void rawCallsOfAnotherShapeAreRefused() {
        assertThatThrownBy(() -> func("add").callRaw(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the func takes (i32, i32) -> i32, got 1 arguments: give as many as it takes");
        assertThatThrownBy(() -> func("sum5").callRaw(1, 2, 3, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got 4 arguments: use callRaw(long[]) or call(Value...)");
        assertThatThrownBy(() -> func("swap").callRaw(1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> func("echo_v128").callRaw(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> func("echo_funcref").callRaw(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> func("swap").callRaw(new long[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the func is (i32, i64) -> (i64, i32) and needs 4 slots, two for each parameter or result, "
                        + "got 3");
    }

    @Test
    void aFuncReferenceThatNobodyGaveIsRefused() {
        assertThatThrownBy(() -> func("echo_funcref").callRaw(new long[] {12345, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("func 12345 is not one of this store");
    }

    @Test
    void aFuncOfAnotherStoreIsRefused() {
        try (Sandbox other = Sandbox.of("numbers")) {
            Func foreign = other.func("seven");
            assertThatThrownBy(() -> func("echo_funcref").call(Value.funcref(foreign)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the func belongs to another store: use it in the store that it came from");
        }
    }

    @Test
    void exportsAreFoundByNameAndKind() {
        assertThat(func("add").type()).isEqualTo(TypeText.func("(i32, i32) -> i32"));
        assertThat(func("add")).hasToString("Func[(i32, i32) -> i32]").isEqualTo(func("add"));
        assertThat(instance.findFunc("add")).isPresent();
        assertThat(instance.findFunc("nope")).isEmpty();
        assertThat(instance.findFunc("memory")).isEmpty();
    }

    @Test
    void aMissingExportIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> instance.func("ad"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageStartingWith(
                        "func \"ad\" was asked for, the instance exports nothing of that name; its funcs: "
                                + "\"none\", \"seven\"");
        assertThatThrownBy(() -> instance.memory("add"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("memory \"add\" was asked for, the instance exports a func of that name; its memories: "
                        + "\"memory\"");
        assertThatThrownBy(() -> instance.table("t"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageEndingWith("nothing of that name; its tables: none");
        assertThatThrownBy(() -> instance.global("memory")).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> instance.func(null)).hasMessage("name");
        assertThatThrownBy(() -> func("none").callRaw((long[]) null)).hasMessage("slots");
        assertThatThrownBy(() -> func("none").call((Value[]) null)).hasMessage("arguments");
        assertThatThrownBy(() -> func("echo_i32").call((Value) null)).hasMessage("arguments");
        assertThatThrownBy(() -> box.store.instantiate(null)).hasMessage("pre");
    }

    @Test
    void severalInstancesOfAStoreAreApart() {
        Instance second = box.instance();
        second.memory("memory").writeInt(0, 5);
        assertThat(instance.memory("memory").readInt(0)).isZero();
        assertThat(second.func("add")).isNotEqualTo(func("add"));
    }
}
