package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Fuel and deadline. */
class BudgetIT {
    private static final StoreConfig FUEL_ONLY = StoreConfig.defaults().noDeadline();
    private static final StoreConfig TIME_ONLY = StoreConfig.defaults().unlimitedFuel();

    @Test
    void fuelStopsAnInfiniteLoop() {
        try (Sandbox box = Sandbox.of("loops", FUEL_ONLY.withFuelPerCall(1_000_000))) {
            Func forever = box.func("forever");
            assertThatThrownBy(forever::callRaw)
                    .hasMessageContaining("out of fuel")
                    .hasMessageContaining("1000000")
                    .isInstanceOfSatisfying(TrapException.class, trap -> {
                        assertThat(trap.kind()).isEqualTo(TrapKind.OUT_OF_FUEL);
                        assertThat(trap.frames())
                                .extracting(GuestFrame::function)
                                .containsExactly("forever");
                    });
            assertThat(box.store.fuelUsed()).isBetween(999_000L, 1_001_000L);
        }
    }

    @Test
    void theSameWorkUsesTheSameFuel() {
        try (Sandbox box = Sandbox.of("loops", FUEL_ONLY)) {
            Func count = box.func("count");
            count.callRaw(1000);
            long first = box.store.fuelUsed();
            count.callRaw(1000);
            assertThat(box.store.fuelUsed()).isEqualTo(first).isGreaterThan(1000);
            count.callRaw(2000);
            assertThat(box.store.fuelUsed()).isGreaterThan(2 * first - 100).isLessThan(2 * first + 100);
        }
    }

    @Test
    void everyCallHasAFullBudget() {
        try (Sandbox box = Sandbox.of("loops", FUEL_ONLY.withFuelPerCall(100_000))) {
            Func count = box.func("count");
            for (int i = 0; i < 100; i++) {
                assertThat(count.callRaw(1000)).isEqualTo(1000);
            }
        }
    }

    @Test
    void fuelUsedIsZeroBeforeTheFirstCall() {
        try (Sandbox box = Sandbox.of("loops")) {
            assertThat(box.store.fuelUsed()).isZero();
        }
    }

    @Test
    void deadlineStopsAnInfiniteLoop() {
        try (Sandbox box = Sandbox.of("loops", TIME_ONLY.withDeadline(Duration.ofMillis(50)))) {
            Func forever = box.func("forever");
            long begin = System.nanoTime();
            assertThatThrownBy(forever::callRaw)
                    .hasMessageContaining("deadline exceeded")
                    .isInstanceOfSatisfying(
                            TrapException.class, trap -> assertThat(trap.kind()).isEqualTo(TrapKind.DEADLINE_EXCEEDED));
            long took = System.nanoTime() - begin;
            assertThat(took)
                    .isBetween(
                            Duration.ofMillis(45).toNanos(),
                            Duration.ofSeconds(10).toNanos());
        }
    }

    @Test
    void timeInHostFunctionsCounts() {
        StoreConfig config = TIME_ONLY.withDeadline(Duration.ofMillis(30));
        try (Sandbox box =
                Sandbox.of("host", config, linker -> Sandbox.defineHost(linker, (caller, slots) -> sleep(60)))) {
            Func call = box.func("call_unary");
            assertThatThrownBy(() -> call.callRaw(1))
                    .isInstanceOfSatisfying(
                            TrapException.class, trap -> assertThat(trap.kind()).isEqualTo(TrapKind.DEADLINE_EXCEEDED));
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void limitsCanBeSetBetweenCalls() {
        try (Sandbox box = Sandbox.of("loops", FUEL_ONLY)) {
            Func forever = box.func("forever");
            box.store.setLimits(10_000, Duration.ofSeconds(10));
            assertThat(catchThrowableOfType(TrapException.class, forever::callRaw)
                            .kind())
                    .isEqualTo(TrapKind.OUT_OF_FUEL);
            box.store.setLimits(Long.MAX_VALUE, Duration.ofMillis(20));
            assertThat(catchThrowableOfType(TrapException.class, forever::callRaw)
                            .kind())
                    .isEqualTo(TrapKind.DEADLINE_EXCEEDED);
            assertThatThrownBy(() -> box.store.setLimits(-1, Duration.ofMillis(20)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("fuelPerCall is -1, it must be 0 to 9223372036854775807");
            assertThatThrownBy(() -> box.store.setLimits(1, Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("deadline is PT0S, it must be 1 ns to 292 years");
        }
    }

    @Test
    void aStartFunctionHasTheBudgetOfACall() {
        try (Sandbox box = Sandbox.of("start_loop", FUEL_ONLY.withFuelPerCall(10_000))) {
            assertThat(catchThrowableOfType(TrapException.class, box::instance).kind())
                    .isEqualTo(TrapKind.OUT_OF_FUEL);
            assertThat(box.store.fuelUsed()).isPositive();
        }
        try (Sandbox box = Sandbox.of("start_loop", TIME_ONLY.withDeadline(Duration.ofMillis(20)))) {
            assertThat(catchThrowableOfType(TrapException.class, box::instance).kind())
                    .isEqualTo(TrapKind.DEADLINE_EXCEEDED);
        }
    }

    @Test
    void manyThreadsAreStoppedAtTheirDeadlines() throws Exception {
        Thread[] threads = new Thread[4];
        TrapKind[] kinds = new TrapKind[threads.length];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] = new Thread(() -> {
                try (Sandbox box = Sandbox.of("loops", TIME_ONLY.withDeadline(Duration.ofMillis(20)))) {
                    Func forever = box.func("forever");
                    kinds[index] = catchThrowableOfType(TrapException.class, forever::callRaw)
                            .kind();
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(kinds).containsOnly(TrapKind.DEADLINE_EXCEEDED);
    }
}
