package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GlobalIT {
    private Sandbox box;
    private Instance instance;

    @BeforeEach
    void open() {
        box = Sandbox.of("globals");
        instance = box.instance();
    }

    @AfterEach
    void close() {
        box.close();
    }

    @Test
    void globalsOfEveryTypeAreReadAndSet() {
        check("i32", Value.i32(-1), Value.i32(Integer.MIN_VALUE));
        check("i64", Value.i64(1), Value.i64(Long.MAX_VALUE));
        check("f32", Value.f32(1.5f), Value.f32(Float.NaN));
        check("f64", Value.f64(-0.0), Value.f64(Double.MIN_VALUE));
        check("v128", Value.v128(1, 2), Value.v128(-1, -2));
        check("funcref", Value.funcref(null), Value.funcref(instance.func("f")));
    }

    private void check(String name, Value initial, Value other) {
        Global global = instance.global(name);
        assertThat(global.type()).isEqualTo(new GlobalType(initial.type(), true));
        assertThat(global.get()).isEqualTo(initial);
        global.set(other);
        assertThat(global.get()).isEqualTo(other);
    }

    @Test
    void theGuestSeesWhatTheHostSets() {
        instance.global("i32").set(Value.i32(77));
        assertThat(instance.func("get_i32").callRaw()).isEqualTo(77);
    }

    @Test
    void anImmutableGlobalCannotBeSet() {
        Global constant = instance.global("constant");
        assertThat(constant.type().mutable()).isFalse();
        assertThat(constant.get()).isEqualTo(Value.i32(42));
        assertThatThrownBy(() -> constant.set(Value.i32(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the global is immutable: only a mutable one can be set");
    }

    @Test
    void aValueOfAnotherTypeIsRefused() {
        Global global = instance.global("i64");
        assertThatThrownBy(() -> global.set(Value.i32(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the global is of type i64, got a i32");
    }

    @Test
    void aFuncOfAnotherStoreIsRefused() {
        try (Sandbox other = Sandbox.of("globals")) {
            Value foreign = Value.funcref(other.func("f"));
            Global global = instance.global("funcref");
            assertThatThrownBy(() -> global.set(foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the func belongs to another store: use it in the store that it came from");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        Global global = instance.global("i64");
        assertThatThrownBy(() -> global.set(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("value");
    }

    @Test
    void useAfterCloseThrows() {
        Global global = instance.global("i64");
        box.store.close();
        assertThatThrownBy(global::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("store is closed");
        assertThatThrownBy(() -> global.set(Value.i64(1))).hasMessage("store is closed");
        assertThat(global.type().value()).isEqualTo(ValueType.I64);
    }
}
