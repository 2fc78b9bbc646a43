package io.sluice.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to call a function of a guest: one that does nothing, adds, calls a host function, or is handed bytes of which some come
 * back; and what its own work costs, from Fibonacci numbers to a regular expression.
 *
 * <p>Below the plugin host: an instance that is reused. Every fork checks the answers before and after the timing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class CallBenchmark {

    /** Who runs the guest: one of {@link Contestants}. */
    @Param({
        Contestants.JAVA,
        Contestants.SLUICE_POOLED,
        Contestants.SLUICE_POOLED_UNMETERED,
        Contestants.CHICORY_COMPILED,
        Contestants.CHICORY_INTERPRETED,
        Contestants.GRAALWASM_COMPILED,
        Contestants.GRAALWASM_INTERPRETED,
        Contestants.WASMTIME_JAVA
    })
    public String contestant = Contestants.JAVA;

    /** What is called. */
    @Param({
        "noop",
        "add",
        "java-import",
        "native-import",
        "bytes-64",
        "bytes-1k",
        "bytes-64k",
        "bytes-1m",
        "fib",
        "fnv",
        "sha256",
        "json",
        "regex"
    })
    public String row = "noop";

    /** One call. */
    private interface Operation {
        long run();
    }

    private Operation operation = () -> 0;
    private long expected;
    private Runnable closing = () -> {};

    private long left = 20;
    private long right = 22;

    /** Opens the contestant and checks what it answers. */
    @Setup
    public void open() {
        Vm vm = Contestants.vm(contestant, Workloads.guest());
        Vm.Running running = vm.instantiate(Workloads.HOST);
        operation = operation(running);
        closing = () -> {
            running.close();
            vm.close();
        };
        check();
        check();
    }

    /** Checks the answers again and frees the guest. */
    @TearDown
    public void close() {
        check();
        closing.run();
    }

    /** One call. */
    @Benchmark
    public long call() {
        return operation.run();
    }

    private void check() {
        long found = call();
        if ((int) found != (int) expected) {
            throw new IllegalStateException(
                    "contestant " + contestant + " answered " + found + " in row " + row + ", expected " + expected);
        }
    }

    private Operation operation(Vm.Running running) {
        switch (row) {
            case "noop" -> {
                Vm.Function noop = running.function("noop");
                return noop::call;
            }
            case "add" -> {
                expected = left + right;
                Vm.Function add = running.function("add");
                return () -> add.call(left, right);
            }
            case "java-import" -> {
                expected = left + right;
                Vm.Function sum = running.function("java_import");
                return () -> sum.call(left, right);
            }
            case "native-import" -> {
                if (!contestant.startsWith("sluice")) {
                    throw new IllegalStateException("only Sluice has host functions in native code");
                }
                Vm.Function yield = running.function("native_import");
                return yield::call;
            }
            case "bytes-64" -> {
                return bytes(running, 64);
            }
            case "bytes-1k" -> {
                return bytes(running, 1 << 10);
            }
            case "bytes-64k" -> {
                return bytes(running, 64 << 10);
            }
            case "bytes-1m" -> {
                return bytes(running, 1 << 20);
            }
            default -> {
                return compute(running);
            }
        }
    }

    /** Bytes in, a call that changes one of them, bytes out in an array of their own. */
    private Operation bytes(Vm.Running running, int length) {
        byte[] input = Workloads.bytes(length);
        byte[] output = input.clone();
        expected = JavaWorkloads.touch(output, 0, length);
        int address = (int) running.function("buffer").call();
        Vm.Function touch = running.function("touch");
        Vm.Bytes memory = running.memory();
        Operation copying = () -> {
            memory.write(address, input);
            long ends = touch.call(address, length);
            byte[] read = memory.read(address, length);
            return read.length == length ? ends : -1;
        };
        copying.run();
        if (!Arrays.equals(memory.read(address, length), output)) {
            throw new IllegalStateException("contestant " + contestant + " gave other bytes back in row " + row);
        }
        return copying;
    }

    private Operation compute(Vm.Running running) {
        expected = Workloads.expected(row);
        Workloads.Compute compute = Workloads.COMPUTE.get(row);
        if (compute == null) {
            throw new IllegalArgumentException("row \"" + row + "\": there is none of that name");
        }
        Vm.Function function = running.function(compute.function());
        byte[] input = compute.input();
        if (input == null) {
            return () -> function.call(Workloads.FIB);
        }
        int address = (int) running.function("buffer").call();
        running.memory().write(address, input);
        return () -> function.call(address, input.length);
    }
}
