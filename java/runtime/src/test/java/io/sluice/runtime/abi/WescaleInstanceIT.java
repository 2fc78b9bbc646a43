package io.sluice.runtime.abi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.ExitException;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Guests;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Limit;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.Linker;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.WasmException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("conformance")
class WescaleInstanceIT {
    private static final EngineConfig ENGINE = EngineConfig.defaults().withMaxInstances(100);
    private static final StoreConfig STORE = StoreConfig.defaults().withDeadline(Duration.ofSeconds(30));
    private static final WescaleConfig CONFIG = WescaleConfig.defaults().withStoreConfig(STORE);

    private Engine engine;
    private Linker linker;
    private Module module;
    private InstancePre pre;
    private Runnable hook = () -> {};

    @BeforeEach
    void open() {
        engine = Engine.create(ENGINE);
        linker = Linker.create(engine)
                .defineWasi()
                .defineWescale()
                .defineFunction("test", "hook", FuncType.of(List.of(), List.of()), (caller, slots) -> hook.run());
        module = Module.compile(engine, Guests.wasm("wescale"));
        pre = linker.instantiatePre(module);
    }

    @AfterEach
    void close() {
        pre.close();
        module.close();
        linker.close();
        engine.close();
    }

    private WescaleInstance create() {
        return WescaleInstance.create(pre, CONFIG);
    }

    private static int before(WescaleInstance instance, String query) {
        return before(instance, query, false);
    }

    private static int before(WescaleInstance instance, String query, boolean fresh) {
        byte[] bytes = query.getBytes(UTF_8);
        return instance.before(bytes, 0, bytes.length, fresh);
    }

    @Test
    void aQueryThatTheGuestLeavesAloneHasNoOutcome() {
        try (WescaleInstance instance = create()) {
            assertThat(instance.isLive()).isFalse();
            assertThat(before(instance, "select 1")).isZero();
            assertThat(instance.outcome()).isZero();
            assertThat(instance.isLive()).isTrue();
            assertThat(instance.queryChanged()).isFalse();
            assertThat(instance.hasError()).isFalse();
            assertThat(instance.hasResult()).isFalse();
            assertThat(instance.resultChanged()).isFalse();
            assertThat(instance.fuelUsed()).isPositive();
            assertThat(instance.memoryBytes()).isEqualTo(2 * 65_536);
            assertThat(instance.logDropped()).isZero();
        }
    }

    @Test
    void aChangedQueryIsReadInThreeWays() {
        try (WescaleInstance instance = create()) {
            assertThat(before(instance, "q grüße")).isEqualTo(WescaleInstance.QUERY_CHANGED);
            assertThat(instance.queryChanged()).isTrue();
            assertThat(instance.queryLength()).isEqualTo(7);
            assertThat(new String(instance.query(), UTF_8)).isEqualTo("grüße");
            byte[] target = new byte[10];
            assertThat(instance.copyQuery(target, 3)).isEqualTo(7);
            assertThat(new String(target, 3, 7, UTF_8)).isEqualTo("grüße");
            assertThatThrownBy(() -> instance.copyQuery(target, 4))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("dst: 7 bytes at offset 4 do not lie inside its 10 bytes");
        }
    }

    @Test
    void anErrorOfTheGuestIsItsOutcome() {
        try (WescaleInstance instance = create()) {
            assertThat(before(instance, "e no where clause"))
                    .isEqualTo(WescaleInstance.ERROR_SET | WescaleInstance.ERROR_CHANGED);
            assertThat(instance.errorChanged()).isTrue();
            assertThat(instance.hasErrorCode()).isFalse();
            assertThat(instance.hasError()).isTrue();
            assertThat(instance.errorText()).isEqualTo("e no where clause");
            assertThat(instance.error()).isEqualTo("e no where clause".getBytes(UTF_8));
        }
    }

    @Test
    void whatTheLastCallDidNotLeaveCannotBeRead() {
        try (WescaleInstance instance = create()) {
            before(instance, "q changed");
            before(instance, "select 1");
            assertThatThrownBy(instance::query)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the last call left no query: look at its outcome first");
            assertThatThrownBy(instance::queryLength).hasMessageContaining("left no query");
            assertThatThrownBy(() -> instance.copyQuery(new byte[9], 0)).hasMessageContaining("left no query");
            assertThatThrownBy(instance::error).hasMessageContaining("left no error");
            assertThatThrownBy(instance::result).hasMessageContaining("left no result");
        }
    }

    @Test
    void afterGetsErrorAndResultAndLeavesThem() {
        try (WescaleInstance instance = create()) {
            before(instance, "select 1");
            byte[] result = {0x10, 5};
            assertThat(instance.after(null, result, false)).isEqualTo(WescaleInstance.RESULT_SET);
            assertThat(instance.result()).isEqualTo(result).isNotSameAs(result);
            assertThat(instance.resultChanged()).isFalse();
            assertThat(instance.after("kept".getBytes(UTF_8), result, false))
                    .isEqualTo(WescaleInstance.RESULT_SET | WescaleInstance.ERROR_SET);
            assertThat(instance.errorText()).isEqualTo("kept");
            assertThat(instance.after(null, null, false)).isZero();
        }
    }

    @Test
    void afterCanSetTheResultAndClearTheError() {
        try (WescaleInstance instance = create()) {
            before(instance, "select 1");
            int outcome = instance.after("r".getBytes(UTF_8), new byte[] {0x10, 5}, false);
            assertThat(outcome)
                    .isEqualTo(WescaleInstance.RESULT_SET | WescaleInstance.RESULT_CHANGED | WescaleInstance.ERROR_SET);
            assertThat(instance.result()).containsExactly(0x10, 7);
            assertThat(instance.after("n".getBytes(UTF_8), null, false)).isEqualTo(WescaleInstance.ERROR_CHANGED);
        }
    }

    @Test
    void afterWithoutInstanceIsRefused() {
        try (WescaleInstance instance = create()) {
            assertThatThrownBy(() -> instance.after(null, null, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("there is no instance to run the after stage on");
            before(instance, "select 1");
            instance.after(null, null, true);
            assertThat(instance.isLive()).isFalse();
            assertThatThrownBy(() -> instance.after(null, null, false)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anInstanceIsKeptUnlessAFreshOneIsAskedFor() {
        try (WescaleInstance instance = create()) {
            before(instance, "c");
            assertThat(instance.errorText()).isEqualTo("1");
            before(instance, "c");
            assertThat(instance.errorText()).isEqualTo("2");
            before(instance, "c", true);
            assertThat(instance.errorText()).isEqualTo("1");
            instance.recycle();
            assertThat(instance.isLive()).isFalse();
            assertThat(instance.errorText()).isEqualTo("1");
            instance.start();
            assertThat(instance.isLive()).isTrue();
            before(instance, "c");
            assertThat(instance.errorText()).isEqualTo("1");
            instance.start();
            before(instance, "c");
            assertThat(instance.errorText()).isEqualTo("2");
        }
    }

    @Test
    void queriesComeFromArraysAndBuffers() {
        byte[] padded = "xxq heapxx".getBytes(UTF_8);
        try (WescaleInstance instance = create()) {
            instance.before(padded, 2, 6, false);
            assertThat(new String(instance.query(), UTF_8)).isEqualTo("heap");
            ByteBuffer heap = ByteBuffer.wrap(padded, 2, 6);
            instance.before(heap, false);
            assertThat(new String(instance.query(), UTF_8)).isEqualTo("heap");
            assertThat(heap.position()).isEqualTo(2);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(6).put("q heap".getBytes(UTF_8)).flip();
            instance.before(direct.asReadOnlyBuffer(), false);
            assertThat(new String(instance.query(), UTF_8)).isEqualTo("heap");
            assertThat(instance.before(new byte[0], 0, 0, false)).isZero();
            assertThatThrownBy(() -> instance.before(padded, 5, 6, false))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void theBlockGrowsForInputsAndOutputsAndShrinksAgain() {
        byte[] large = new byte[1 << 20];
        Arrays.fill(large, (byte) 'a');
        large[0] = 'q';
        try (WescaleInstance instance = create()) {
            before(instance, "select 1");
            assertThat(instance.blockBytes()).isEqualTo(ExchangeBlock.INITIAL_BYTES);
            instance.before(large, 0, 20_000, false);
            assertThat(instance.queryLength()).isEqualTo(19_998);
            assertThat(instance.blockBytes()).isEqualTo(32 << 10);
            instance.before(large, 0, large.length, false);
            assertThat(instance.query()).isEqualTo(Arrays.copyOfRange(large, 2, large.length));
            assertThat(instance.blockBytes()).isEqualTo(2 << 20);
            for (int i = 0; i <= ExchangeBlock.SMALL_CALLS_BEFORE_SHRINKING; i++) {
                before(instance, "q x");
                assertThat(instance.query()).containsExactly('x');
            }
            assertThat(instance.blockBytes()).isEqualTo(ExchangeBlock.INITIAL_BYTES);
        }
    }

    @Test
    void outputsThatDoNotFitTheInputsBlockAreFetched() {
        byte[] query = new byte[12_000];
        Arrays.fill(query, (byte) 'l');
        try (WescaleInstance instance = create()) {
            int outcome = instance.before(query, 0, query.length, false);
            assertThat(outcome).isEqualTo(WescaleInstance.LOG);
            assertThat(instance.blockBytes()).isEqualTo(32 << 10);
            assertThat(drain(instance)).hasSize(2);
            assertThat(instance.fuelUsed()).isPositive();
            assertThat(instance.memoryBytes()).isEqualTo(2 * 65_536);
        }
    }

    @Test
    void aQueryOf16MiBIsPassed() {
        byte[] query = new byte[16 << 20];
        query[0] = 'q';
        query[query.length - 1] = 'z';
        StoreConfig rich = STORE.withFuelPerCall(Long.MAX_VALUE);
        try (WescaleInstance instance = WescaleInstance.create(pre, CONFIG.withStoreConfig(rich))) {
            assertThat(instance.before(query, 0, query.length, false)).isEqualTo(WescaleInstance.QUERY_CHANGED);
            assertThat(instance.queryLength()).isEqualTo(query.length - 2);
            assertThat(instance.query()).endsWith('z');
        }
    }

    private static List<String> drain(WescaleInstance instance) {
        List<String> records = new ArrayList<>();
        instance.drainLog((level, utf8) -> records.add(level + " " + new String(utf8, UTF_8)));
        return records;
    }

    @Test
    void theLogIsHandedOutOnce() {
        try (WescaleInstance instance = create()) {
            assertThat(before(instance, "l ö")).isEqualTo(WescaleInstance.LOG);
            assertThat(drain(instance)).containsExactly("0 l ö", "1 l ö");
            assertThat(drain(instance)).isEmpty();
            before(instance, "select 1");
            assertThat(drain(instance)).isEmpty();
        }
    }

    @Test
    void theLogIsBounded() {
        WescaleConfig config = CONFIG.withStoreConfig(STORE.withMaxLogBytes(20));
        try (WescaleInstance instance = WescaleInstance.create(pre, config)) {
            before(instance, "l 0123456789012345");
            assertThat(drain(instance)).containsExactly("0 l 0123456789");
            assertThat(instance.logDropped()).isEqualTo(2);
        }
    }

    @Test
    void aTrapCostsTheInstanceOnly() {
        try (WescaleInstance instance = create()) {
            before(instance, "c");
            TrapException trap = catchThrowableOfType(TrapException.class, () -> before(instance, "trap"));
            assertThat(trap.kind()).isEqualTo(TrapKind.UNREACHABLE);
            assertThat(instance.isLive()).isFalse();
            assertThat(instance.fuelUsed()).isPositive();
            assertThat(drain(instance)).containsExactly("0 trap");
            assertThatThrownBy(() -> instance.after(null, null, false)).isInstanceOf(IllegalStateException.class);
            before(instance, "c");
            assertThat(instance.errorText()).isEqualTo("1");
            assertThatThrownBy(() -> instance.after("t".getBytes(UTF_8), null, false))
                    .isInstanceOf(TrapException.class);
            assertThat(instance.isLive()).isFalse();
        }
    }

    @Test
    void anExitCostsTheInstanceOnly() {
        try (WescaleInstance instance = create()) {
            ExitException exit = catchThrowableOfType(ExitException.class, () -> before(instance, "x"));
            assertThat(exit.exitCode()).isEqualTo(3);
            assertThat(instance.isLive()).isFalse();
            assertThat(before(instance, "select 1")).isZero();
        }
    }

    @Test
    void budgetsHold() {
        StoreConfig poor =
                StoreConfig.defaults().noDeadline().withFuelPerCall(100_000).withMaxMemoryBytes(10 * 65_536);
        try (WescaleInstance instance = WescaleInstance.create(pre, CONFIG.withStoreConfig(poor))) {
            assertThat(catchThrowableOfType(TrapException.class, () -> before(instance, "f"))
                            .kind())
                    .isEqualTo(TrapKind.OUT_OF_FUEL);
            assertThat(catchThrowableOfType(TrapException.class, () -> before(instance, "m"))
                            .kind())
                    .isEqualTo(TrapKind.UNREACHABLE);
            assertThat(instance.memoryBytes()).isEqualTo(10 * 65_536);
        }
        StoreConfig hurried = StoreConfig.defaults().unlimitedFuel().withDeadline(Duration.ofMillis(30));
        try (WescaleInstance instance = WescaleInstance.create(pre, CONFIG.withStoreConfig(hurried))) {
            assertThat(catchThrowableOfType(TrapException.class, () -> before(instance, "f"))
                            .kind())
                    .isEqualTo(TrapKind.DEADLINE_EXCEEDED);
        }
    }

    @Test
    void instancesShareABudgetOfMemory() {
        try (MemoryBudget budget = MemoryBudget.of(3 * 65_536)) {
            WescaleConfig config = CONFIG.withStoreConfig(STORE.withMemoryBudget(budget));
            try (WescaleInstance first = WescaleInstance.create(pre, config);
                    WescaleInstance second = WescaleInstance.create(pre, config)) {
                before(first, "select 1");
                assertThat(budget.usedBytes()).isEqualTo(2 * 65_536);
                LimitException e = catchThrowableOfType(LimitException.class, () -> before(second, "select 1"));
                assertThat(e.limit()).isEqualTo(Limit.TOTAL_MEMORY);
                first.recycle();
                assertThat(budget.usedBytes()).isZero();
                assertThat(before(second, "select 1")).isZero();
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void aFailingStartIsToldAsSuch() {
        try (Module bad = Module.compile(engine, Guests.wasm("wescale_start_trap"));
                InstancePre badPre = linker.instantiatePre(bad);
                WescaleInstance instance = WescaleInstance.create(badPre, CONFIG)) {
            assertThatThrownBy(() -> before(instance, "select 1"))
                    .isInstanceOf(TrapException.class)
                    .hasMessageStartingWith("at start: trap: unreachable");
            assertThatThrownBy(instance::start)
                    .isInstanceOf(TrapException.class)
                    .hasMessageStartingWith("at start: trap: unreachable");
            assertThat(instance.isLive()).isFalse();
        }
    }

    @Test
    void aModuleThatIsNoPluginIsRefused() {
        try (Module bad = Module.compile(engine, Guests.wasm("numbers"));
                InstancePre badPre = linker.instantiatePre(bad)) {
            assertThatThrownBy(() -> WescaleInstance.create(badPre, CONFIG)).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void aHostFunctionsExceptionComesOutAsTheSameObject() {
        IllegalStateException mine = new IllegalStateException("mine");
        hook = () -> {
            throw mine;
        };
        try (WescaleInstance instance = create()) {
            assertThat(catchThrowable(() -> before(instance, "h"))).isSameAs(mine);
            assertThat(instance.isLive()).isFalse();
            hook = () -> {};
            assertThat(before(instance, "h")).isZero();
        }
    }

    @Test
    void reentryIsRefused() {
        try (WescaleInstance instance = create()) {
            Throwable[] caught = new Throwable[2];
            hook = () -> {
                caught[0] = catchThrowable(() -> before(instance, "select 1"));
                caught[1] = catchThrowable(instance::recycle);
            };
            assertThat(before(instance, "h")).isZero();
            assertThat(caught[0])
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "wescale instance is in use: one thread at a time may use it, and not from within its own "
                                    + "call");
            assertThat(caught[1]).isInstanceOf(IllegalStateException.class).hasMessageContaining("busy");
            assertThat(before(instance, "q x")).isEqualTo(WescaleInstance.QUERY_CHANGED);
        }
    }

    @Test
    @SuppressWarnings("try") // closing while a call runs is what is tested
    void aSecondThreadIsRefused() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        hook = () -> {
            inside.countDown();
            await(letGo);
        };
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (WescaleInstance instance = create()) {
            Thread thread = new Thread(() -> failure.set(catchThrowable(() -> before(instance, "h"))));
            thread.start();
            await(inside);
            assertThatThrownBy(() -> before(instance, "select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("wescale instance is in use");
            assertThatThrownBy(instance::recycle)
                    .hasMessage("wescale instance is in use by another thread: one thread at a time may use it");
            instance.close();
            assertThat(instance.isClosed()).isTrue();
            letGo.countDown();
            thread.join();
            assertThat(failure.get()).isNull();
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
    void hammerOneInstanceFromManyThreads() throws Exception {
        try (WescaleInstance instance = create()) {
            AtomicReference<@Nullable Throwable> unexpected = new AtomicReference<>();
            Thread[] threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                byte[] query = ("q" + "x".repeat(t * 9_000)).getBytes(UTF_8);
                threads[t] = new Thread(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        try {
                            instance.before(query, 0, query.length, i % 50 == 0);
                            instance.after(query, query, i % 70 == 0);
                        } catch (IllegalStateException
                                | IllegalArgumentException
                                | IndexOutOfBoundsException
                                | WasmException e) {
                            // Misuse: refused, or its bytes were spoilt. The JVM must go on.
                        } catch (Throwable e) {
                            unexpected.set(e);
                        }
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
    void useAfterCloseThrows() {
        WescaleInstance instance = create();
        before(instance, "e x");
        instance.close();
        instance.close();
        assertThat(instance.isClosed()).isTrue();
        assertThat(instance.isLive()).isFalse();
        assertThatThrownBy(() -> before(instance, "select 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("wescale instance is closed");
        assertThatThrownBy(() -> instance.before(ByteBuffer.allocate(1), false)).hasMessageEndingWith("is closed");
        assertThatThrownBy(() -> instance.after(null, null, false)).hasMessageEndingWith("is closed");
        assertThatThrownBy(instance::start).hasMessageEndingWith("is closed");
        assertThatThrownBy(instance::recycle).hasMessageEndingWith("is closed");
        assertThatThrownBy(instance::error).hasMessageEndingWith("is closed");
    }

    @Test
    void everythingElseMayBeClosedBefore() {
        try (WescaleInstance instance = create()) {
            close();
            assertThat(before(instance, "select 1", true)).isZero();
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> WescaleInstance.create(null, CONFIG)).hasMessage("pre");
        assertThatThrownBy(() -> WescaleInstance.create(pre, null)).hasMessage("config");
        try (WescaleInstance instance = create()) {
            assertThatThrownBy(() -> instance.before(null, 0, 0, false)).hasMessage("query");
            assertThatThrownBy(() -> instance.before(null, false)).hasMessage("query");
            assertThatThrownBy(() -> instance.drainLog(null)).hasMessage("sink");
            before(instance, "q x");
            assertThatThrownBy(() -> instance.copyQuery(null, 0)).hasMessage("dst");
        }
    }

    @Test
    void callsDoNotAllocate() {
        byte[] query = "q select 1".getBytes(UTF_8);
        byte[] error = "no".getBytes(UTF_8);
        byte[] result = {0x10, 5};
        byte[] target = new byte[100];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 10_000;
        try (WescaleInstance instance = create()) {
            long allocated = 0;
            for (int round = 0; round < 3; round++) {
                long start = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < calls; i++) {
                    instance.before(query, 0, query.length, (i & 7) == 0);
                    instance.copyQuery(target, 0);
                    instance.after(error, result, false);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - start;
            }
            assertThat(allocated).isLessThan(calls / 20);
        }
    }
}
