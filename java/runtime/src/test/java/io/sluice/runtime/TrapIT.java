package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrapIT {
    private static Sandbox box;
    private static Instance instance;

    @BeforeAll
    static void open() {
        box = Sandbox.of("traps");
        instance = box.instance();
    }

    @AfterAll
    static void close() {
        box.close();
    }

    private static TrapException trap(String func) {
        Func trapping = instance.func(func);
        return catchThrowableOfType(TrapException.class, trapping::callRaw);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"OTHER", "OUT_OF_FUEL", "DEADLINE_EXCEEDED", "HOST_FUNCTION"},
            mode = EnumSource.Mode.EXCLUDE)
    void eachKindOfTrapIsTold(TrapKind kind) {
        TrapException trap = trap(kind.name().toLowerCase(Locale.ROOT));
        assertThat(trap.kind()).isEqualTo(kind);
        assertThat(trap.getMessage()).startsWith("trap: ");
        assertThat(trap.frames()).isNotEmpty();
    }

    @Test
    void framesNameTheGuestsFunctions() {
        TrapException trap;
        try (Sandbox plain = Sandbox.of(Sandbox.ENGINE.withInlining(false), "traps", Sandbox.STORE)) {
            Func trapping = plain.func("unreachable");
            trap = catchThrowableOfType(TrapException.class, trapping::callRaw);
        }
        assertThat(trap.frames()).extracting(GuestFrame::function).containsExactly("innermost", "middle", "outermost");
        assertThat(trap.frames())
                .allSatisfy(frame -> assertThat(frame.moduleOffset()).isPositive());
        assertThat(trap)
                .hasMessage("trap: unreachable instruction executed, in innermost at offset 0x"
                        + Long.toHexString(trap.frames().get(0).moduleOffset()));
    }

    @Test
    void anInlinedFunctionHasNoFrameOfItsOwn() {
        assertThat(trap("unreachable").frames())
                .extracting(GuestFrame::function)
                .contains("outermost");
    }

    @Test
    void aDeepStackIsCutToAFewFrames() {
        assertThat(trap("stack_overflow").frames()).hasSizeBetween(1, 64);
    }

    @Test
    void aStoreGoesOnAfterATrap() {
        for (int i = 0; i < 100; i++) {
            assertThat(trap("memory_out_of_bounds").kind()).isEqualTo(TrapKind.MEMORY_OUT_OF_BOUNDS);
            assertThat(instance.func("fine").callRaw()).isEqualTo(1);
        }
    }

    @Test
    void slotsAreLeftAloneByATrap() {
        long[] slots = {7, 8};
        Func trapping = instance.func("memory_out_of_bounds");
        assertThatThrownBy(() -> trapping.callRaw(slots)).isInstanceOf(TrapException.class);
        assertThat(slots).containsExactly(7, 8);
    }

    @Test
    void aStartFunctionThatTrapsFailsTheInstantiation() {
        try (Sandbox bad = Sandbox.of("start_trap")) {
            assertThatThrownBy(bad::instance).isInstanceOfSatisfying(TrapException.class, trap -> {
                assertThat(trap.kind()).isEqualTo(TrapKind.UNREACHABLE);
                assertThat(trap.frames())
                        .containsExactly(
                                new GuestFrame("begin", trap.frames().get(0).moduleOffset()));
            });
        }
    }

    @Test
    void jvmGoesOnAfterEndlessRecursionOnThreadsOfAnySize() throws Exception {
        for (long stackBytes : new long[] {64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 4 << 20}) {
            Throwable[] caught = new Throwable[1];
            Thread thread = new Thread(
                    null,
                    () -> {
                        try (Sandbox other = Sandbox.of("traps")) {
                            other.func("stack_overflow").callRaw();
                        } catch (Throwable e) {
                            caught[0] = e;
                        }
                    },
                    "small",
                    stackBytes);
            thread.start();
            thread.join();
            assertThat(caught[0])
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(TrapException.class),
                            e -> assertThat(e).isInstanceOf(LimitException.class),
                            e -> assertThat(e).isInstanceOf(StackOverflowError.class));
            if (caught[0] instanceof LimitException limit) {
                assertThat(limit.limit()).isEqualTo(Limit.THREAD_STACK);
                assertThat(limit.requested()).isGreaterThan(256 << 10);
            }
        }
    }

    @Test
    void trapsCanBeSerialized() throws Exception {
        TrapException trap = trap("unreachable");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(trap);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            TrapException copy = (TrapException) in.readObject();
            assertThat(copy.kind()).isEqualTo(trap.kind());
            assertThat(copy.frames()).isEqualTo(trap.frames());
        }
    }
}
