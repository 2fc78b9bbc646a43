package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfinementIT {
    private static final String IN_USE = "store is in use by another thread: one thread at a time may use it";

    /** A call that is running on another thread, inside its host function, until it is let go. */
    private static final class RunningCall implements AutoCloseable {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch letGo = new CountDownLatch(1);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        final Sandbox box = Sandbox.host((caller, slots) -> {
            inside.countDown();
            await(letGo);
            slots[0] = caller.readInt(0) + 1L;
        });
        final Instance instance = box.instance();
        private final Func call = instance.func("call_unary");
        private final Thread thread = new Thread(() -> {
            try {
                assertThat(call.callRaw(0)).isEqualTo(1);
            } catch (Throwable e) {
                failure.set(e);
            }
        });

        RunningCall begin() {
            thread.start();
            await(inside);
            return this;
        }

        @Nullable
        Throwable end() {
            letGo.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return failure.get();
        }

        @Override
        public void close() {
            end();
            box.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSecondThreadIsRefusedAtOnce() {
        try (RunningCall running = new RunningCall()) {
            Func doubled = running.instance.func("double");
            Memory memory = running.instance.memory("memory");
            running.begin();
            assertThatThrownBy(() -> doubled.callRaw(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(IN_USE);
            assertThatThrownBy(() -> doubled.call(Value.i32(1))).hasMessage(IN_USE);
            assertThatThrownBy(() -> memory.readInt(0)).hasMessage(IN_USE);
            assertThatThrownBy(() -> memory.write(0, new byte[1])).hasMessage(IN_USE);
            assertThatThrownBy(() -> running.instance.func("double")).hasMessage(IN_USE);
            assertThatThrownBy(running.box::instance).hasMessage(IN_USE);
            assertThatThrownBy(() -> running.box.store.setLimits(1, java.time.Duration.ofMillis(1)))
                    .hasMessage(IN_USE);
            assertThat(running.end()).isNull();
            assertThat(doubled.callRaw(1)).isEqualTo(2);
        }
    }

    @Test
    void closeDuringACallIsDeferred() {
        long before = Engine.liveHandles();
        try (RunningCall running = new RunningCall().begin()) {
            running.box.store.close();
            running.box.pre.close();
            running.box.module.close();
            running.box.linker.close();
            running.box.engine.close();
            assertThat(running.box.store.isClosed()).isTrue();
            Func doubled = running.call;
            assertThatThrownBy(() -> doubled.callRaw(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("store is closed");
            assertThat(running.end()).isNull();
            assertThat(Engine.liveHandles()).isEqualTo(before);
        }
    }

    @Test
    void aStoreMayGoFromThreadToThread() throws Exception {
        try (Sandbox box = Sandbox.of("numbers")) {
            Func add = box.func("add");
            AtomicInteger sum = new AtomicInteger();
            for (int i = 0; i < 20; i++) {
                int term = i;
                Thread thread = new Thread(() -> sum.set((int) add.callRaw(sum.get(), term)));
                thread.start();
                thread.join();
            }
            assertThat(sum).hasValue(190);
        }
    }

    @Test
    void virtualThreadsCallGuestsToo() throws Exception {
        Method startVirtualThread;
        try {
            startVirtualThread = Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            assumeTrue(false, "this JDK has no virtual threads");
            return;
        }
        AtomicInteger right = new AtomicInteger();
        Thread[] threads = new Thread[50];
        try (Sandbox box = Sandbox.of("traps")) {
            for (int i = 0; i < threads.length; i++) {
                Runnable body = () -> {
                    try (Store store = Store.create(box.engine, Sandbox.STORE)) {
                        Instance instance = store.instantiate(box.pre);
                        Func recurse = instance.func("stack_overflow");
                        assertThatThrownBy(recurse::callRaw).isInstanceOfAny(TrapException.class, LimitException.class);
                        right.addAndGet((int) instance.func("fine").callRaw());
                    }
                };
                threads[i] = (Thread) startVirtualThread.invoke(null, body);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(right).hasValue(threads.length);
    }

    @Test
    void hammerOneStoreWithCallsAndClose() throws Exception {
        for (int round = 0; round < 200; round++) {
            try (Sandbox box = Sandbox.of("loops")) {
                Func count = box.func("count");
                CountDownLatch go = new CountDownLatch(1);
                AtomicReference<@Nullable Throwable> unexpected = new AtomicReference<>();
                Thread[] threads = new Thread[3];
                for (int t = 0; t < threads.length; t++) {
                    boolean closes = t == 0;
                    threads[t] = new Thread(() -> {
                        await(go);
                        try {
                            for (int i = 0; i < 50; i++) {
                                callOrBeRefused(count);
                            }
                            if (closes) {
                                box.store.close();
                            }
                        } catch (Throwable e) {
                            unexpected.set(e);
                        }
                    });
                    threads[t].start();
                }
                go.countDown();
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(unexpected.get()).isNull();
            }
        }
    }

    private static void callOrBeRefused(Func count) {
        try {
            assertThat(count.callRaw(100)).isEqualTo(100);
        } catch (IllegalStateException e) {
            assertThat(e.getMessage()).isIn(IN_USE, "store is closed");
        }
    }

    @Test
    void hammerMakingAndClosingOnManyThreads() throws Exception {
        try (Sandbox box = Sandbox.of("numbers")) {
            AtomicReference<@Nullable Throwable> unexpected = new AtomicReference<>();
            Thread[] threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                threads[t] = new Thread(() -> {
                    try {
                        for (int i = 0; i < 500; i++) {
                            try (Store store = Store.create(box.engine, Sandbox.STORE);
                                    InstancePre pre = box.linker.instantiatePre(box.module)) {
                                Func add = store.instantiate(pre).func("add");
                                assertThat(add.callRaw(i, 1)).isEqualTo(i + 1);
                            }
                        }
                    } catch (Throwable e) {
                        unexpected.set(e);
                    }
                });
                threads[t].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(unexpected.get()).isNull();
        }
    }

    @Test
    void hammerClosingTheSameObjects() throws Exception {
        long before = Engine.liveHandles();
        for (int round = 0; round < 100; round++) {
            Sandbox box = Sandbox.of("empty");
            Thread[] threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                threads[t] = new Thread(() -> {
                    box.store.close();
                    box.pre.close();
                    box.engine.close();
                });
                threads[t].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            box.close();
        }
        assertThat(Engine.liveHandles()).isEqualTo(before);
    }
}
