package io.sluice.test.hostile;

import io.sluice.runtime.CompilationException;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.LinkException;
import io.sluice.runtime.MemoryBudget;
import io.sluice.runtime.Module;
import io.sluice.runtime.TrapMode;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Modules made from random numbers, by wasm-smith, by wasm-mutate and by a writer of our own: two runs do the same and cost the same, on
 * engines of several kinds, and an interpreter that has nothing in common with ours does it, too.
 */
final class GeneratedModules {
    private static final int THREADS = 2;
    private static final long MEMORY_BYTES = 4 << 20;

    /** As deep as the oracle's interpreter goes when a guest goes as deep as it may. */
    private static final int STACK_KIBIBYTES = 64 << 10;

    /** Every how manieth module runs on an engine that is slower to make code. */
    private static final int OTHER_ENGINE_SHARE = 16;

    private final Stage stage;
    private final long seed;
    private final long count;
    private final DataInputStream modules;
    private final Map<String, Long> totals = new TreeMap<>();
    private long next;

    private GeneratedModules(Stage stage, long seed, long count, DataInputStream modules) {
        this.stage = stage;
        this.seed = seed;
        this.count = count;
        this.modules = modules;
    }

    /** {@code generated:COUNT:SEED}; a seed's module is the same in every run. */
    static void run(Stage stage, String[] arguments) throws IOException, InterruptedException {
        long count = Long.parseLong(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        Process generator = new ProcessBuilder(generator().toString(), arguments[1], arguments[0], "functions")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (DataInputStream modules = new DataInputStream(generator.getInputStream())) {
            GeneratedModules work = new GeneratedModules(stage, seed, count, modules);
            work.onThreads();
            stage.report.say("generated modules, seed " + seed + ": " + work.totals);
            work.judge();
        } finally {
            generator.destroy();
        }
        if (generator.waitFor() != 0) {
            stage.report.wrong("the generator ended with " + generator.exitValue());
        }
    }

    /** The program of {@code native/fuzz-modules}, built if need be. */
    private static Path generator() throws IOException, InterruptedException {
        Path folder = Guests.root().resolve("../../native/fuzz-modules").normalize();
        Process cargo = new ProcessBuilder(
                        "cargo", "build", "--quiet", "--release", "--locked", "--manifest-path", folder + "/Cargo.toml")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (cargo.waitFor() != 0) {
            throw new IOException("cargo build in " + folder + " ended with " + cargo.exitValue());
        }
        return folder.resolve("target/release/fuzz-modules");
    }

    private void onThreads() {
        Stage.inThreads(THREADS, () -> Stage.inThread(STACK_KIBIBYTES, this::work));
    }

    private void work() {
        EngineConfig quick = EngineConfig.defaults()
                .withMaxMemoryBytes(MEMORY_BYTES)
                .withMaxInstances(4)
                .withOptimisation(false);
        try (Engine engine = Engine.create(quick);
                Engine optimises = Engine.create(quick.withOptimisation(true));
                Engine explicit = Engine.create(quick.withTrapMode(TrapMode.EXPLICIT));
                MemoryBudget budget = MemoryBudget.of(1L << 30)) {
            List<Engine> others = List.of(optimises, explicit);
            Generated generated = next();
            while (generated != null) {
                try {
                    one(engine, others.get((int) (generated.index / OTHER_ENGINE_SHARE % 2)), generated, budget);
                } catch (RuntimeException | AssertionError | InternalError e) {
                    wrong(generated, "ended in " + e);
                }
                if (generated.index % 2000 == 0) {
                    stage.askCanary();
                }
                generated = next();
            }
            if (budget.usedBytes() != 0) {
                stage.report.leak(budget.usedBytes() + " bytes of memory are accounted for closed stores");
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Generated(long index, byte[] wasm) {}

    private synchronized @Nullable Generated next() {
        if (next == count) {
            return null;
        }
        try {
            byte[] wasm = new byte[Integer.reverseBytes(modules.readInt())];
            modules.readFully(wasm);
            return new Generated(next++, wasm);
        } catch (EOFException e) {
            throw new IllegalStateException("the generator ended after " + next + " modules of " + count, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void one(Engine engine, Engine other, Generated generated, MemoryBudget budget) {
        long itsSeed = seed + generated.index;
        Module compiled = unlessRefused(() -> Module.compile(engine, generated.wasm));
        if (compiled == null) {
            count("refused");
            return;
        }
        Deeds first;
        try (Module module = compiled) {
            first = unlessRefused(() -> Deeds.of(engine, module, itsSeed, budget));
            if (first == null) {
                count("refused");
                return;
            }
            // What was taken once is not refused: here an exception is wrong.
            Deeds second = Deeds.of(engine, module, itsSeed, budget);
            if (!first.equals(second)) {
                wrong(generated, "two runs differ: " + first.difference(second));
            }
        }
        stage.report.modules(1);
        count(first.counts());
        if (generated.index % OTHER_ENGINE_SHARE == 0) {
            try (Module module = Module.compile(other, generated.wasm)) {
                Deeds again = Deeds.of(other, module, itsSeed, budget);
                // Frames are not of one size on all engines.
                if (!first.overflows() && !again.overflows() && !first.equals(again)) {
                    wrong(generated, "on another engine it differs: " + first.difference(again));
                }
                count("on other engines");
            }
        }
        Oracle.Verdict verdict = Oracle.compare(generated.wasm, itsSeed, first);
        count("oracle " + verdict.kind());
        if (verdict.kind().equals("differs")) {
            wrong(generated, "the oracle differs: " + verdict.text());
        }
    }

    /** Nothing for what goes beyond a limit, or wants a host function with a reference type that the API does not pass. */
    private static <T> @Nullable T unlessRefused(Supplier<T> work) {
        try {
            return work.get();
        } catch (CompilationException | LimitException | LinkException | IllegalArgumentException e) {
            return null;
        }
    }

    private synchronized void count(String what) {
        totals.merge(what, 1L, Long::sum);
    }

    private synchronized void count(Map<String, Long> more) {
        more.forEach((what, times) -> totals.merge(what, times, Long::sum));
    }

    private synchronized void wrong(Generated generated, String what) {
        if (totals.merge("WRONG", 1L, Long::sum) > 20) {
            return;
        }
        long itsSeed = seed + generated.index;
        try {
            Path kept = Path.of(System.getProperty("java.io.tmpdir"), "sluice-hostile-" + itsSeed + ".wasm");
            Files.write(kept, generated.wasm);
            stage.report.wrong("the module of seed " + itsSeed + ", kept as " + kept + ", " + what);
        } catch (IOException e) {
            stage.report.wrong("the module of seed " + itsSeed + " " + what);
        }
    }

    /** If few modules do something, what they did proves little. */
    private void judge() {
        long compared = totals.getOrDefault("oracle agrees", 0L);
        if (totals.getOrDefault("refused", 0L) * 4 > count || compared * 3 < count) {
            stage.report.wrong("too few of the generated modules were of use: " + totals);
        }
    }
}
