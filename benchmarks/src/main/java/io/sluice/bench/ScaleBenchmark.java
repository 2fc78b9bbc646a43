package io.sluice.bench;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.SqlLease;
import java.util.ArrayList;
import java.util.List;
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

/**
 * Many threads and many plugins: the time that one thread needs for a request while the others do the same. Sluice's threads share one host
 * and its plugins, as those of a proxy do; a rival's cannot share an instance, so each thread has its own.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class ScaleBenchmark {

    /** What all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** Who runs the plugin. */
        @Param({
            Contestants.JAVA,
            Contestants.SLUICE_POOLED,
            Contestants.SLUICE_PER_REQUEST,
            Contestants.CHICORY_COMPILED
        })
        public String contestant = Contestants.JAVA;

        /** How many plugins take turns. */
        @Param("1")
        public int plugins = 1;

        final List<Plugin> loaded = new ArrayList<>();
        private @Nullable PluginHost host;

        /** Loads the plugins. */
        @Setup
        public void open() {
            if (!contestant.startsWith("sluice")) {
                return;
            }
            host = PluginHost.create();
            Isolation isolation =
                    contestant.equals(Contestants.SLUICE_POOLED) ? Isolation.pooled() : Isolation.perRequest();
            byte[] wasm = Guest.rejectWithoutWhere();
            for (int i = 0; i < plugins; i++) {
                loaded.add(host.load(
                        PluginConfig.of("p" + i).withIsolation(isolation).withMaxInstances(32),
                        PluginSource.bytes(wasm)));
            }
        }

        /** Checks the answers again and frees them. */
        @TearDown
        public void close() {
            if (host == null) {
                return;
            }
            byte[] query = Requests.timed();
            for (Plugin plugin : loaded) {
                try (SqlLease lease = plugin.acquireSql()) {
                    lease.before(query, 0, query.length);
                    if (!lease.hasError()) {
                        throw new IllegalStateException("contestant " + contestant + " answered something else");
                    }
                }
            }
            host.close();
        }
    }

    /** What a thread has of its own. */
    @State(Scope.Thread)
    public static class Own {
        private final byte[] query = Requests.timed();
        private @Nullable Contestant runner;
        private int turn;

        /** Opens a rival of its own. */
        @Setup
        public void open(Shared shared) {
            if (shared.loaded.isEmpty()) {
                runner = Contestants.open(shared.contestant, Contestant.InstanceUse.REUSED);
            }
            turn = (int) (Thread.currentThread().getId() % shared.plugins);
            check(shared);
        }

        /** Checks a rival's answers again; the plugins may be closed already. */
        @TearDown
        public void close(Shared shared) {
            if (runner != null) {
                check(shared);
                runner.close();
            }
        }

        private void check(Shared shared) {
            byte[] message = request(shared);
            if (message == null || message.length != JavaContestant.NO_WHERE.length()) {
                throw new IllegalStateException("contestant " + shared.contestant + " answered something else");
            }
        }

        private byte @Nullable [] request(Shared shared) {
            if (runner != null) {
                return runner.before(query);
            }
            turn = turn + 1 == shared.loaded.size() ? 0 : turn + 1;
            try (SqlLease lease = shared.loaded.get(turn).acquireSql()) {
                lease.before(query, 0, query.length);
                return lease.hasError() ? lease.error() : null;
            }
        }
    }

    /** One request of one thread. */
    @Benchmark
    public byte @Nullable [] request(Shared shared, Own own) {
        return own.request(shared);
    }
}
