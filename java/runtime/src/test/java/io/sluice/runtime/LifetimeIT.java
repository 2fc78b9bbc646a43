package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.runtime.internal.Leaks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class LifetimeIT {
    @Test
    void callAfterCloseThrows() {
        try (Sandbox box = Sandbox.of("numbers")) {
            Instance instance = box.instance();
            Func add = instance.func("add");
            Memory memory = instance.memory("memory");
            box.store.close();
            assertThat(box.store.isClosed()).isTrue();
            assertThatThrownBy(add::callRaw)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("store is closed");
            assertThatThrownBy(() -> add.callRaw(1)).hasMessage("store is closed");
            assertThatThrownBy(() -> add.callRaw(1, 2)).hasMessage("store is closed");
            assertThatThrownBy(() -> add.callRaw(1, 2, 3)).hasMessage("store is closed");
            assertThatThrownBy(() -> add.callRaw(1, 2, 3, 4)).hasMessage("store is closed");
            assertThatThrownBy(() -> add.callRaw(new long[4])).hasMessage("store is closed");
            assertThatThrownBy(() -> add.call(Value.i32(1), Value.i32(2))).hasMessage("store is closed");
            assertThatThrownBy(() -> instance.func("add")).hasMessage("store is closed");
            assertThatThrownBy(() -> instance.findFunc("add")).hasMessage("store is closed");
            assertThatThrownBy(() -> instance.memory("memory")).hasMessage("store is closed");
            assertThatThrownBy(() -> instance.global("answer")).hasMessage("store is closed");
            assertThatThrownBy(() -> instance.table("t")).hasMessage("store is closed");
            assertThatThrownBy(memory::pages).hasMessage("store is closed");
            assertThatThrownBy(() -> box.store.instantiate(box.pre)).hasMessage("store is closed");
            assertThatThrownBy(() -> box.store.fuelUsed()).hasMessage("store is closed");
            assertThatThrownBy(() -> box.store.drainLog()).hasMessage("store is closed");
            assertThatThrownBy(() -> box.store.setLimits(1, java.time.Duration.ofMillis(1)))
                    .hasMessage("store is closed");
            assertThat(add.type()).isEqualTo(TypeText.func("(i32, i32) -> i32"));
            box.store.close();
        }
    }

    @Test
    void aClosedInstancePreCannotBeInstantiated() {
        try (Sandbox box = Sandbox.of("numbers")) {
            box.pre.close();
            box.pre.close();
            assertThat(box.pre.isClosed()).isTrue();
            assertThatThrownBy(box::instance)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("instance-pre is closed");
        }
    }

    @Test
    void everyClosingOrderIsFine() {
        Random random = new Random(4);
        for (int round = 0; round < 50; round++) {
            try (Sandbox box = Sandbox.of("numbers")) {
                Func add = box.func("add");
                List<AutoCloseable> parts =
                        new ArrayList<>(List.of(box.engine, box.linker, box.module, box.pre, box.store));
                Collections.shuffle(parts, random);
                for (AutoCloseable part : parts) {
                    if (part == box.store) {
                        assertThat(add.callRaw(1, 2)).isEqualTo(3);
                    }
                    closeQuietly(part);
                }
                assertThatThrownBy(() -> add.callRaw(1, 2)).hasMessage("store is closed");
            }
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void parentsMayBeClosedBeforeTheirChildren() {
        try (Sandbox box = Sandbox.of("numbers")) {
            box.engine.close();
            box.linker.close();
            box.module.close();
            Func add = box.func("add");
            box.pre.close();
            assertThat(add.callRaw(40, 2)).isEqualTo(42);
        }
    }

    @Test
    void aStoreThatOnlyItsCallRefersToSurvivesGarbageCollection() {
        Queue<Leaks.Leak> reported = new ConcurrentLinkedQueue<>();
        try (Sandbox box = Sandbox.host((caller, slots) -> {
            for (int i = 0; i < 5; i++) {
                System.gc();
                sleep(10);
            }
            assertThat(reported).isEmpty();
            slots[0] = caller.memoryByteSize();
        })) {
            Leaks.listen(reported::add);
            assertThat(callWithoutKeepingTheStore(box)).isEqualTo(65_536);
            collectUntilReported(reported);
            assertThat(reported).hasSize(1);
        } finally {
            Leaks.listen(null);
        }
    }

    private static long callWithoutKeepingTheStore(Sandbox box) {
        return Store.create(box.engine, Sandbox.STORE)
                .instantiate(box.pre)
                .func("call_unary")
                .callRaw(0);
    }

    private static void collectUntilReported(Queue<Leaks.Leak> reported) {
        for (int i = 0; i < 500 && reported.isEmpty(); i++) {
            System.gc();
            sleep(10);
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
    void whatIsForgottenIsFreedAndReportedWithTheStackThatMadeIt() {
        Queue<Leaks.Leak> reported = new ConcurrentLinkedQueue<>();
        try (Sandbox box = Sandbox.of("numbers")) {
            Leaks.listen(reported::add);
            long before = Engine.liveHandles();
            forget(box);
            collectUntilReported(reported);
            assertThat(reported).hasSize(1);
            Leaks.Leak leak = reported.remove();
            assertThat(leak.what()).isEqualTo("store");
            assertThat(leak.origin())
                    .hasMessage("store was made here")
                    .satisfies(origin -> assertThat(origin.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("forget")));
            assertThat(Engine.liveHandles()).isEqualTo(before);
        } finally {
            Leaks.listen(null);
        }
    }

    private static void forget(Sandbox box) {
        assertThat(Store.create(box.engine, Sandbox.STORE).isClosed()).isFalse();
    }

    @Test
    void whatIsOpenIsListed() {
        int before = Leaks.live().size();
        try (Engine engine = Engine.create(Sandbox.ENGINE)) {
            assertThat(engine.isClosed()).isFalse();
            assertThat(Leaks.live()).hasSize(before + 1);
        }
        assertThat(Leaks.live()).hasSize(before);
    }

    @Test
    void randomHandlesAreRefused() {
        try (Sandbox box = Sandbox.of("numbers")) {
            assertThat(box.store.isClosed()).isFalse();
            ThreadLocalRandom random = ThreadLocalRandom.current();
            for (int i = 0; i < 100_000; i++) {
                long handle = random.nextLong();
                // Every second one has the tag of a store and an index that is in use.
                long wrong = (i & 1) == 0 ? handle : 6L << 56 | (handle & 0xF) << 32 | (handle >>> 33 | 1 << 20);
                try {
                    io.sluice.runtime.internal.FuncNative.call0(wrong, (int) handle);
                    throw new AssertionError("handle " + wrong + " was accepted");
                } catch (IllegalStateException | IllegalArgumentException e) {
                    if (i < 100) {
                        assertThat(e.getMessage()).matches("store is closed|wrong handle: .*");
                    }
                }
            }
        }
    }

    @Test
    void aHandleOfAnotherTypeIsRefused() {
        try (MemoryBudget budget = MemoryBudget.of(1)) {
            long handle = budget.handle().get();
            assertThatThrownBy(() -> io.sluice.runtime.internal.FuncNative.call0(handle, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("wrong handle: expected one of a store, found one of memory budget");
        }
    }
}
