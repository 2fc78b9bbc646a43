package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import java.nio.ByteBuffer;
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
 * The raw call below the plugin host: one crossing, no Java allocation ({@code gc.alloc.rate.norm} below 0.05 B/op in every
 * row); default settings, all limits on.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class WescaleCallBenchmark {

    private final Engine engine = Engine.create(EngineConfig.defaults());
    private final Module module = Module.compile(engine, Guest.rejectWithoutWhere());
    private final Linker linker = Linker.create(engine).defineWasi().defineWescale();
    private final InstancePre pre = linker.instantiatePre(module);
    private final WescaleInstance instance = WescaleInstance.create(pre, WescaleConfig.defaults());

    private final byte[] rejected = Requests.timed();
    private final byte[] passed =
            (Requests.UPDATE_WITHOUT_WHERE.substring(0, 80) + "' where id = 1042").getBytes(UTF_8);
    private final ByteBuffer rejectedDirect =
            ByteBuffer.allocateDirect(rejected.length).put(rejected).flip();

    /** Checks what the guest answers. */
    public WescaleCallBenchmark() {
        checkAnswers();
    }

    /** Checks the answers again and frees the guest. */
    @TearDown
    public void close() {
        checkAnswers();
        instance.close();
        pre.close();
        linker.close();
        module.close();
        engine.close();
    }

    /** A query that the guest refuses, on an instance that served others before. */
    @Benchmark
    public int reject() {
        return instance.before(rejected, 0, rejected.length, false);
    }

    /** The same, from a direct buffer that the proxy already has. */
    @Benchmark
    public int rejectDirect() {
        return instance.before(rejectedDirect, false);
    }

    /** A query that the guest lets pass. */
    @Benchmark
    public int pass() {
        return instance.before(passed, 0, passed.length, false);
    }

    /** The refused query on a new instance. */
    @Benchmark
    public int rejectFresh() {
        return instance.before(rejected, 0, rejected.length, true);
    }

    private void checkAnswers() {
        expect("reject", reject(), true);
        expect("rejectDirect", rejectDirect(), true);
        expect("pass", pass(), false);
        expect("rejectFresh", rejectFresh(), true);
    }

    private void expect(String row, int outcome, boolean rejects) {
        boolean found = (outcome & WescaleInstance.ERROR_SET) != 0;
        if (found != rejects || (found && !instance.errorText().equals(JavaContestant.NO_WHERE))) {
            throw new IllegalStateException("row " + row + " gave outcome " + outcome + ", expected the query to be "
                    + (rejects ? "refused with \"" + JavaContestant.NO_WHERE + '"' : "let pass"));
        }
    }
}
