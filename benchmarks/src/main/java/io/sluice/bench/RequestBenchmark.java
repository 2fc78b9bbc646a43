package io.sluice.bench;

import io.sluice.bench.Contestant.InstanceUse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What a plugin costs per request: a query of 100 bytes is refused because it updates every row.
 *
 * <p>{@link #reused} runs on an instance that served others before, {@link #fresh} makes an instance, runs on it and drops
 * it. Not every contestant runs both ways; the set-up of one that does not says which do. Every fork checks the answers
 * before and after the timing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class RequestBenchmark {

    /** Who runs the plugin: one of {@link Contestants}. */
    @Param({
        Contestants.JAVA,
        Contestants.SLUICE_POOLED,
        Contestants.SLUICE_POOLED_UNMETERED,
        Contestants.SLUICE_PER_REQUEST,
        Contestants.SLUICE_PER_REQUEST_UNMETERED,
        Contestants.CHICORY_COMPILED,
        Contestants.CHICORY_CAPPED,
        Contestants.CHICORY_INTERPRETED,
        Contestants.GRAALWASM_COMPILED,
        Contestants.GRAALWASM_INTERPRETED,
        Contestants.WASMTIME_JAVA
    })
    public String contestant = Contestants.JAVA;

    /** Which plugin: one of {@link PluginGuest}. */
    @Param("c")
    public String guest = "c";

    /** What it is asked: one of {@link PluginGuest#query}. */
    @Param("reject-100")
    public String query = "reject-100";

    private byte[] text = Requests.timed();
    private PluginGuest plugin = PluginGuest.C;
    private Contestant runner = JavaContestant.reused();

    /** Opens the contestant and checks what it answers. */
    @Setup
    public void open(BenchmarkParams params) {
        boolean fresh = params.getBenchmark().endsWith(".fresh");
        plugin = PluginGuest.of(guest);
        text = PluginGuest.query(query);
        runner = Contestants.open(contestant, fresh ? InstanceUse.FRESH : InstanceUse.REUSED, plugin);
        check();
    }

    /** Checks the answers again: a contestant that broke on the way was fast for nothing. */
    @TearDown
    public void close() {
        check();
        runner.close();
    }

    private void check() {
        Requests.check(contestant, runner, plugin.expectations());
        boolean rejected = runner.before(text) != null;
        if (rejected != PluginGuest.isRejected(query)) {
            throw new IllegalStateException("contestant " + contestant + " with the guest " + guest + " was to "
                    + (rejected ? "let " + query + " pass and refused it" : "refuse " + query + " and let it pass"));
        }
    }

    /** One request on an instance that served others before. */
    @Benchmark
    public byte @Nullable [] reused() {
        return runner.before(text);
    }

    /** One request on an instance of its own. */
    @Benchmark
    public byte @Nullable [] fresh() {
        return runner.before(text);
    }
}
