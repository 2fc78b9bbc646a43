package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableIT {
    private Sandbox box;
    private Instance instance;
    private Table table;

    @BeforeEach
    void open() {
        box = Sandbox.of("tables");
        instance = box.instance();
        table = instance.table("table");
    }

    @AfterEach
    void close() {
        box.close();
    }

    @Test
    void elementsAreReadAndSet() {
        assertThat(table.type()).isEqualTo(new TableType(ValueType.FUNCREF, 3, OptionalLong.of(5)));
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.get(0)).isEqualTo(instance.func("one"));
        assertThat(table.get(2)).isNull();
        table.set(2, instance.func("two"));
        assertThat(instance.func("call").callRaw(2)).isEqualTo(2);
        table.set(2, null);
        Func call = instance.func("call");
        assertThatThrownBy(() -> call.callRaw(2))
                .isInstanceOfSatisfying(
                        TrapException.class, e -> assertThat(e.kind()).isEqualTo(TrapKind.INDIRECT_CALL_TO_NULL));
    }

    @Test
    void growthIsBoundedByTheMaximum() {
        assertThat(table.grow(1, instance.func("one"))).isEqualTo(3);
        assertThat(instance.func("call").callRaw(3)).isEqualTo(1);
        assertThat(table.grow(1, null)).isEqualTo(4);
        assertThat(table.grow(1, null)).isEqualTo(-1);
        assertThat(table.grow(0, null)).isEqualTo(5);
        assertThat(table.grow(Long.MAX_VALUE, null)).isEqualTo(-1);
        assertThatThrownBy(() -> table.grow(-1, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("delta is -1, it must be 0 to 9223372036854775807");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 3, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void nothingOutsideIsReadOrSet(long index) {
        assertThatThrownBy(() -> table.get(index))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("table: index " + index + " does not lie inside its 3 elements");
        assertThatThrownBy(() -> table.set(index, null)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aFuncOfAnotherStoreIsRefused() {
        try (Sandbox other = Sandbox.of("tables")) {
            Func foreign = other.func("one");
            String message = "the func belongs to another store: use it in the store that it came from";
            assertThatThrownBy(() -> table.set(0, foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> table.grow(1, foreign)).hasMessage(message);
        }
    }

    @Test
    void useAfterCloseThrows() {
        box.store.close();
        assertThatThrownBy(table::size)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("store is closed");
        assertThatThrownBy(() -> table.get(0)).hasMessage("store is closed");
        assertThatThrownBy(() -> table.set(0, null)).hasMessage("store is closed");
        assertThatThrownBy(() -> table.grow(0, null)).hasMessage("store is closed");
    }
}
