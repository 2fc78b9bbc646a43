package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapException;
import io.sluice.runtime.TrapKind;
import io.sluice.runtime.abi.WescaleConfig;
import io.sluice.runtime.abi.WescaleInstance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * By how much endless guests overrun a deadline of 10 ms, from Java: from before the call until its exception is caught, less the
 * deadline. What the instance held is given back after that.
 *
 * <p>Arguments: the calls of each kind, 200 by default, and the file to write. A kind that ended in another way has the reason in place of
 * figures.
 */
final class DeadlineBench {

    private static final Duration DEADLINE = Duration.ofMillis(10);
    private static final int CALLS = 200;
    /** Ended much sooner, so that there can be enough of them for the JVM to compile what an exception takes. */
    private static final int WARM_UP_CALLS = 3_000;

    private static final Duration WARM_UP_DEADLINE = Duration.ofNanos(50_000);
    /** What the chase needs: fewer, and its addresses stay in a cache. */
    private static final int WRITTEN_MEBIBYTES = 32;

    /** Of having its memory written within the deadline, on a machine that others keep busy. */
    private static final int LONGEST_ATTEMPTS = 200;

    /** A way of never coming back. */
    private record Kind(String name, String guest, String query, boolean atStart, boolean onWrittenMemory) {
        static Kind of(String name, String query) {
            return new Kind(name, "hostile/endless", query, false, false);
        }
    }

    private static final List<Kind> KINDS = List.of(
            Kind.of("plain loop", "l"),
            Kind.of("mutual recursion", "m"),
            Kind.of("indirect recursion", "i"),
            Kind.of("tail calls", "t"),
            Kind.of("memory.fill of 32 MiB", "f"),
            Kind.of("memory.copy of 32 MiB", "c"),
            Kind.of("table.fill of 100,000", "b"),
            Kind.of("memory.grow", "g"),
            Kind.of("host function", "h"),
            new Kind("pointer chase in 32 MiB", "hostile/endless", "p", false, true),
            Kind.of("square roots", "q"),
            Kind.of("divisions", "d"),
            new Kind("loop in start", "hostile/start_loops", "", true, false),
            new Kind("loop in the allocator", "hostile/loops_in_malloc", "x", false, false));

    private DeadlineBench() {}

    static void run(String[] arguments) throws IOException {
        int calls = arguments.length > 0 ? Integer.parseInt(arguments[0]) : CALLS;
        ProgramReport report = ProgramReport.of("bench-deadline", arguments);
        report.line("overrun of a deadline of %d ms, µs; %d calls of each kind", DEADLINE.toMillis(), calls);
        report.line("%-26s %10s %10s %10s", "endless guest", "p50", "p99", "max");
        List<String> rows = new ArrayList<>();
        try (Engine engine = Engine.create(EngineConfig.defaults());
                Linker linker = Linker.create(engine).defineWasi().defineWescale()) {
            for (Kind kind : KINDS) {
                Samples overrun;
                try {
                    overrun = measure(engine, linker, kind, calls);
                } catch (RuntimeException e) {
                    // The other kinds can still be measured.
                    report.line("%-26s %s", kind.name(), "n/a: " + e.getMessage());
                    rows.add("    {\"guest\": \"" + kind.name() + "\", \"reason\": " + new Gson().toJson(e.getMessage())
                            + "}");
                    continue;
                }
                report.line(
                        "%-26s %10.1f %10.1f %10.1f",
                        kind.name(),
                        overrun.percentile(50) / 1e3,
                        overrun.percentile(99) / 1e3,
                        overrun.largest() / 1e3);
                rows.add(String.format(
                        Locale.ROOT, "    {\"guest\": \"%s\", \"overrunNanos\": %s}", kind.name(), overrun.json()));
            }
        }
        report.finish(String.format(
                Locale.ROOT,
                "\"deadlineNanos\": %d,%n  \"rows\": [%n%s%n  ]",
                DEADLINE.toNanos(),
                String.join(",\n", rows)));
    }

    private static Samples measure(Engine engine, Linker linker, Kind kind, int calls) {
        Samples overrun = new Samples(calls);
        byte[] query = kind.query().getBytes(UTF_8);
        try (Module module = Module.compile(engine, Guest.of(kind.guest()));
                InstancePre pre = linker.instantiatePre(module);
                WescaleInstance warm = WescaleInstance.create(pre, config(WARM_UP_DEADLINE));
                WescaleInstance timed = WescaleInstance.create(pre, config(DEADLINE))) {
            for (int i = -WARM_UP_CALLS; i < calls; i++) {
                WescaleInstance instance = i < 0 ? warm : timed;
                // Written memory is for the calls that count.
                prepare(instance, kind, i >= 0 && kind.onWrittenMemory());
                long begin = System.nanoTime();
                try {
                    if (kind.atStart()) {
                        instance.start();
                    } else {
                        instance.before(query, 0, query.length, false);
                    }
                    throw new IllegalStateException("guest \"" + kind.name() + "\" came back; it must not");
                } catch (TrapException e) {
                    long took = System.nanoTime() - begin;
                    if (e.kind() != TrapKind.DEADLINE_EXCEEDED) {
                        throw new IllegalStateException("guest \"" + kind.name() + "\" ended by " + e.kind(), e);
                    }
                    if (i >= 0) {
                        overrun.add(took - DEADLINE.toNanos());
                    }
                }
            }
        }
        return overrun;
    }

    private static WescaleConfig config(Duration deadline) {
        return WescaleConfig.defaults()
                .withStoreConfig(StoreConfig.defaults().unlimitedFuel().withDeadline(deadline))
                .withStartFuel(Long.MAX_VALUE)
                .withStartDeadline(deadline);
    }

    /** A started instance, so that making it is not part of what is timed. */
    private static void prepare(WescaleInstance instance, Kind kind, boolean writes) {
        if (kind.atStart()) {
            instance.recycle();
            return;
        }
        byte[] write = "S".getBytes(UTF_8);
        for (int attempt = 0; ; attempt++) {
            instance.start();
            try {
                for (int i = 0; writes && i < WRITTEN_MEBIBYTES; i++) {
                    instance.before(write, 0, write.length, false);
                }
                return;
            } catch (TrapException e) {
                // The machine stood still for longer than a call may take.
                if (attempt == LONGEST_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }
}
