package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFunctionIT {
    @Test
    void hostFunctionsTakeAndGiveValues() {
        try (Sandbox box = Sandbox.host((caller, slots) -> slots[0] = -(int) slots[0])) {
            Instance instance = box.instance();
            assertThat(instance.func("call_unary").callRaw(5)).isEqualTo(-5);
            assertThat(instance.func("call_mixed").call(Value.i32(-1), Value.i64(2), Value.f32(0.5f), Value.f64(0.25)))
                    .containsExactly(Value.f64(1.75));
            assertThat(instance.func("call_pair").call(Value.i32(10))).containsExactly(Value.i64(11), Value.i32(12));
        }
    }

    @Test
    void slotsAreAsLongAsTheTypeNeeds() {
        int[] lengths = new int[1];
        try (Sandbox box = Sandbox.host((caller, slots) -> lengths[0] = slots.length)) {
            Instance instance = box.instance();
            instance.func("call_unary").callRaw(1);
            assertThat(lengths[0]).isEqualTo(2);
            instance.func("call_nothing").callRaw();
            assertThat(lengths[0]).isZero();
        }
    }

    @Test
    void anExceptionComesOutAsTheSameObject() {
        for (Throwable thrown : new Throwable[] {
            new IllegalStateException("mine"), new AssertionError("mine"), new OutOfMemoryError("mine")
        }) {
            try (Sandbox box = Sandbox.host((caller, slots) -> HostFunctionIT.<RuntimeException>sneak(thrown))) {
                Func call = box.func("call_unary");
                for (int i = 0; i < 10; i++) {
                    assertThat(catchThrowable(() -> call.callRaw(1))).isSameAs(thrown);
                    assertThat(catchThrowable(() -> call.call(Value.i32(1)))).isSameAs(thrown);
                }
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // throws a checked exception from where none may be
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Test
    void aCheckedExceptionComesOutToo() {
        Exception checked = new Exception("checked");
        try (Sandbox box = Sandbox.host((caller, slots) -> HostFunctionIT.<RuntimeException>sneak(checked))) {
            Func call = box.func("call_unary");
            assertThat(catchThrowable(() -> call.callRaw(1))).isSameAs(checked);
        }
    }

    @Test
    void aStackOverflowInAHostFunctionComesOutAndTheJvmGoesOn() {
        try (Sandbox box = Sandbox.host((caller, slots) -> slots[0] = recurse(1))) {
            Func call = box.func("call_unary");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> call.callRaw(1)).isInstanceOf(StackOverflowError.class);
            }
            assertThat(box.func("double").callRaw(4)).isEqualTo(8);
        }
    }

    @SuppressWarnings("InfiniteRecursion") // that is what is tested
    private static long recurse(long depth) {
        return recurse(depth + 1) + 1;
    }

    @Test
    void aHostFunctionDeepInTheGuestsStackRuns() {
        try (Sandbox box = Sandbox.host((caller, slots) -> slots[0] = 99)) {
            assertThat(box.func("recurse_then_call").callRaw(1000)).isEqualTo(99);
        }
    }

    @Test
    void theStoreIsUsableAfterAnException() {
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            if (slots[0] == 0) {
                throw new IllegalArgumentException("zero");
            }
        })) {
            Func call = box.func("call_unary");
            assertThatThrownBy(() -> call.callRaw(0)).hasMessage("zero");
            assertThat(call.callRaw(3)).isEqualTo(3);
        }
    }

    @Test
    void theCallerReadsAndWritesTheGuestsMemory() {
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            byte[] text = "grüße".getBytes(StandardCharsets.UTF_8);
            caller.writeMemory(100, text, 0, text.length);
            byte[] back = new byte[text.length + 2];
            caller.readMemory(100, back, 1, text.length);
            assertThat(Arrays.copyOfRange(back, 1, text.length + 1)).isEqualTo(text);
            caller.writeInt(200, -7);
            caller.writeLong(208, Long.MIN_VALUE);
            assertThat(caller.readInt(200)).isEqualTo(-7);
            assertThat(caller.readLong(208)).isEqualTo(Long.MIN_VALUE);
            slots[0] = caller.memoryByteSize();
        })) {
            Instance instance = box.instance();
            assertThat(instance.func("call_unary").callRaw(0)).isEqualTo(65_536);
            assertThat(instance.memory("memory").readUtf8(100, 7)).isEqualTo("grüße");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 65_533, 65_536, 0xFFFF_FFFFL, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void theCallerIsBoundedByTheMemory(long offset) {
        int[] calls = new int[1];
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            assertThatThrownBy(() -> caller.readInt(offset))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("memory: 4 bytes at offset " + offset + " do not lie inside its 65536 bytes");
            assertThatThrownBy(() -> caller.writeInt(offset, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> caller.readLong(offset)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> caller.writeLong(offset, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> caller.readMemory(offset, new byte[8], 0, 8))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> caller.writeMemory(offset, new byte[8], 0, 8))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            calls[0]++;
        })) {
            box.func("call_unary").callRaw(0);
            assertThat(calls[0]).isEqualTo(1);
        }
    }

    @Test
    void theCallerIsBoundedByTheArray() {
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            assertThatThrownBy(() -> caller.readMemory(0, new byte[4], 2, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("dst: 3 bytes at offset 2 do not lie inside its 4 bytes");
            assertThatThrownBy(() -> caller.writeMemory(0, new byte[4], -1, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("src: 3 bytes at offset -1 do not lie inside its 4 bytes");
        })) {
            box.func("call_unary").callRaw(0);
        }
    }

    @Test
    void theCallerCallsTheGuest() {
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            caller.call("double", slots);
            assertThatThrownBy(() -> caller.call("nope", slots))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the guest exports no func named \"nope\"");
            assertThatThrownBy(() -> caller.call("double", new long[1])).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> caller.call("trap", new long[0]))
                    .isInstanceOfSatisfying(
                            TrapException.class, e -> assertThat(e.kind()).isEqualTo(TrapKind.UNREACHABLE));
        })) {
            assertThat(box.func("call_unary").callRaw(21)).isEqualTo(42);
        }
    }

    @Test
    void nestedCallsShareTheBudget() {
        StoreConfig config = StoreConfig.defaults().noDeadline().withFuelPerCall(100_000);
        try (Sandbox box = Sandbox.of(
                "host",
                config,
                linker -> Sandbox.defineHost(linker, (caller, slots) -> caller.call("forever", new long[0])))) {
            Func call = box.func("call_unary");
            assertThatThrownBy(() -> call.callRaw(0))
                    .isInstanceOfSatisfying(
                            TrapException.class, e -> assertThat(e.kind()).isEqualTo(TrapKind.OUT_OF_FUEL));
            assertThat(box.store.fuelUsed()).isLessThan(101_000);
        }
    }

    @Test
    void nestedCallsThatTrapArePaidForWhenTheHostGoesOn() {
        StoreConfig config = StoreConfig.defaults().noDeadline().withFuelPerCall(1_000_000);
        int[] calls = new int[1];
        HostFunction swallows = (caller, slots) -> {
            calls[0]++;
            assertThatThrownBy(() -> caller.call("count_then_trap", new long[] {1_000, 0}))
                    .isInstanceOf(TrapException.class);
        };
        try (Sandbox box = Sandbox.of("host", config, linker -> Sandbox.defineHost(linker, swallows))) {
            Func call = box.func("call_unary_forever");
            assertThatThrownBy(() -> call.callRaw(0))
                    .isInstanceOfSatisfying(
                            TrapException.class, e -> assertThat(e.kind()).isEqualTo(TrapKind.OUT_OF_FUEL));
            assertThat(calls[0]).isLessThan(1_000_000 / 1_000);
            assertThat(box.store.fuelUsed()).isEqualTo(1_000_000);
        }
    }

    @Test
    void nestedHostCallsHaveCallersOfTheirOwn() {
        Caller[] outer = new Caller[1];
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            if (slots[0] == 0) {
                Caller below = outer[0];
                assertThatThrownBy(below::memoryByteSize)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("this Caller is not in use here");
                slots[0] = 1;
            } else {
                outer[0] = caller;
                long[] nested = {0, 0};
                caller.call("call_unary", nested);
                assertThat(caller.memoryByteSize()).isEqualTo(65_536);
                slots[0] = nested[0] + 1;
            }
        })) {
            assertThat(box.func("call_unary").callRaw(5)).isEqualTo(2);
        }
    }

    @Test
    void endlessNestingEndsInATypedError() {
        try (Sandbox box = Sandbox.host((caller, slots) -> caller.call("call_unary", slots))) {
            Func call = box.func("call_unary");
            Throwable thrown = catchThrowable(() -> call.callRaw(1));
            assertThat(thrown).isInstanceOfAny(LimitException.class, TrapException.class, StackOverflowError.class);
            assertThat(box.func("double").callRaw(2)).isEqualTo(4);
        }
    }

    @Test
    void aCallerIsGoodDuringItsCallOnly() {
        Caller[] kept = new Caller[1];
        try (Sandbox box = Sandbox.host((caller, slots) -> kept[0] = caller)) {
            box.func("call_unary").callRaw(1);
            assertThatThrownBy(() -> kept[0].readInt(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this Caller's host function call is over: use it only while that runs");
        }
    }

    @Test
    void aCallerIsGoodOnItsThreadOnly() {
        AtomicReference<Throwable> caught = new AtomicReference<>();
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            Thread other = new Thread(() -> caught.set(catchThrowable(caller::memoryByteSize)));
            other.start();
            join(other);
        })) {
            box.func("call_unary").callRaw(1);
            assertThat(caught.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this Caller is not in use here");
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aGuestWithoutMemoryIsToldSo() {
        try (Sandbox box = Sandbox.of(
                "no_memory",
                Sandbox.STORE,
                linker -> linker.defineFunction(
                        "env", "nothing", TypeText.func("() -> ()"), (caller, slots) -> caller.readInt(0)))) {
            Func call = box.func("call_nothing");
            assertThatThrownBy(call::callRaw)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the guest exports no memory named \"memory\"");
        }
    }

    @Test
    void aHostFunctionCannotUseTheStoreThatCalledIt() {
        Instance[] instance = new Instance[1];
        try (Sandbox box = Sandbox.host((caller, slots) -> instance[0].func("double"))) {
            instance[0] = box.instance();
            Func call = instance[0].func("call_unary");
            assertThatThrownBy(() -> call.callRaw(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("store is busy with a call on this thread: a host function may use its Caller, not the "
                            + "store that called it");
        }
    }

    @Test
    void aHostFunctionMayUseAnotherStore() {
        try (Sandbox inner = Sandbox.of("numbers")) {
            Func add = inner.func("add");
            try (Sandbox box = Sandbox.host((caller, slots) -> slots[0] = add.callRaw(slots[0], 1))) {
                assertThat(box.func("call_unary").callRaw(41)).isEqualTo(42);
            }
        }
    }

    @Test
    void aHostFunctionMayCloseEverything() {
        Sandbox[] box = new Sandbox[1];
        try (Sandbox opened = Sandbox.host((caller, slots) -> {
            box[0].close();
            slots[0] = caller.memoryByteSize();
        })) {
            box[0] = opened;
            Func call = opened.func("call_unary");
            assertThat(call.callRaw(1)).isEqualTo(65_536);
            assertThatThrownBy(() -> call.callRaw(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("store is closed");
        }
    }
}
