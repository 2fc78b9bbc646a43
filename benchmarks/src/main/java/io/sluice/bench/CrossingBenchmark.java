package io.sluice.bench;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Func;
import io.sluice.runtime.FuncType;
import io.sluice.runtime.Instance;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.ValueType;
import io.sluice.runtime.internal.LibraryNative;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one call of a guest costs, from a bare JNI crossing upwards; default settings, all limits on.
 *
 * <p>{@link #emptyNative} is the baseline row: a native method without work.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class CrossingBenchmark {

    private final Engine engine = Engine.create(EngineConfig.defaults());
    private final Module module = Module.compile(engine, CrossingGuest.bytes());
    private final Linker linker = Linker.create(engine)
            .defineWasi()
            .defineFunction(
                    CrossingGuest.HOST_MODULE,
                    CrossingGuest.HOST_FUNCTION,
                    FuncType.of(List.of(ValueType.I32, ValueType.I32), List.of(ValueType.I32)),
                    (caller, slots) -> slots[0] += slots[2]);
    private final InstancePre pre = linker.instantiatePre(module);
    private final Store store = Store.create(engine, StoreConfig.defaults());
    private final Func noop;
    private final Func add;
    private final Func javaImport;
    private final Func rustImport;

    private long left = 20;
    private long right = 22;

    /** Makes the guest and checks what it answers. */
    public CrossingBenchmark() {
        Instance instance = store.instantiate(pre);
        noop = instance.func(CrossingGuest.NOOP);
        add = instance.func(CrossingGuest.ADD);
        javaImport = instance.func(CrossingGuest.JAVA_IMPORT);
        rustImport = instance.func(CrossingGuest.RUST_IMPORT);
        checkAnswers();
    }

    /** Checks the answers again and frees the guest. */
    @TearDown
    public void close() {
        checkAnswers();
        store.close();
        pre.close();
        linker.close();
        module.close();
        engine.close();
    }

    /** The bare crossing: what every other row contains. */
    @Benchmark
    public int emptyNative() {
        return LibraryNative.contractVersion();
    }

    /** A function without parameters that does nothing. */
    @Benchmark
    public long noop() {
        return noop.callRaw();
    }

    /** Two numbers in, one out. */
    @Benchmark
    public long add() {
        return add.callRaw(left, right);
    }

    /** The guest calls one host function in Rust. */
    @Benchmark
    public long rustImport() {
        return rustImport.callRaw();
    }

    /** The guest calls one host function in Java. */
    @Benchmark
    public long javaImport() {
        return javaImport.callRaw(left, right);
    }

    private void checkAnswers() {
        // Which number it is the loader has checked.
        expect("emptyNative", 1, Math.min(1, emptyNative()));
        expect("noop", 0, noop());
        expect("add", left + right, add());
        expect("rustImport", 0, rustImport());
        expect("javaImport", left + right, javaImport());
    }

    private static void expect(String row, long expected, long found) {
        if (found != expected) {
            throw new IllegalStateException("row " + row + " answered " + found + ", expected " + expected);
        }
    }
}
