package io.sluice.test.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginSource;
import io.sluice.runtime.CompilationException;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.Module;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Modules that attack validation and the compiler. Each is refused by name or compiled within its time. */
final class ModuleAttacks {
    private static final Duration DEADLINE = Duration.ofSeconds(4);
    private static final long GRACE_NANOS = 2_000_000_000L;

    /** What the canary may take for its two answers, on a machine that compiles beside it. */
    private static final long CANARY_NANOS = 2_000_000_000L;

    /** Every how manieth valid mutant is compiled, too: a plugin is made of it, which takes a hundred times as long as validating it. */
    private static final int COMPILED_SHARE = 50;

    private ModuleAttacks() {}

    /** The modules that are extreme in one way each, while a second thread asks the canary. */
    static void extremes(Stage stage, String[] arguments) {
        int part = Integer.parseInt(arguments[0]);
        int parts = Integer.parseInt(arguments[1]);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong asked = new AtomicLong();
        AtomicLong slowest = new AtomicLong();
        Thread client = new Thread(() -> {
            try {
                while (!done.get()) {
                    long start = System.nanoTime();
                    stage.askCanary();
                    slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
                    asked.incrementAndGet();
                }
            } catch (RuntimeException | Error e) {
                stage.report.wrong("while modules were compiled the canary ended in " + e);
            }
        });
        client.start();
        try (Engine engine = Engine.create(
                EngineConfig.defaults().withCompileDeadline(DEADLINE).withMaxModuleBytes(16 << 20))) {
            int index = 0;
            for (Map.Entry<String, ExtremeModules.Made> extreme :
                    ExtremeModules.all().entrySet()) {
                if (index++ % parts == part) {
                    stage.report.modules(1);
                    extreme(stage, engine, extreme.getKey(), extreme.getValue());
                }
            }
        } finally {
            done.set(true);
            Stage.join(client);
        }
        if (asked.get() == 0 || slowest.get() > CANARY_NANOS) {
            stage.report.wrong("while modules were compiled the canary answered " + asked
                    + " times, at the slowest within " + slowest.get() / 1_000_000 + " ms");
        }
        stage.report.say(String.format(
                Locale.ROOT,
                "while they were compiled the canary answered %d times, at the slowest within %.1f ms",
                asked.get(),
                slowest.get() / 1e6));
    }

    private static void extreme(Stage stage, Engine engine, String name, ExtremeModules.Made made) {
        byte[] wasm = made.make().get();
        long start = System.nanoTime();
        String ending;
        try (Module module = Module.compile(engine, wasm)) {
            ending = "compiled with " + module.exports().size() + " exports";
        } catch (LimitException e) {
            ending = "limit " + e.limit();
        } catch (CompilationException e) {
            ending = "refused: " + e.getMessage();
        }
        long nanos = System.nanoTime() - start;
        if (!ending.matches(made.expected())) {
            stage.report.wrong(name + ", " + wasm.length + " bytes: " + ending + "; expected " + made.expected());
        }
        if (nanos > DEADLINE.toNanos() + GRACE_NANOS) {
            stage.report.wrong(name + " took " + nanos / 1_000_000 + " ms; its compile deadline is " + DEADLINE);
        }
        if (Boolean.getBoolean("verbose")) {
            stage.report.say(name + ", " + wasm.length + " bytes, " + nanos / 1_000_000 + " ms: " + ending);
        }
    }

    /** {@code truncated:GUEST:STEP}: a real plugin that ends early, at every STEPth byte. */
    static void truncations(Stage stage, String[] arguments) {
        byte[] whole = Guests.bytes(arguments[0]);
        int step = Integer.parseInt(arguments[1]);
        try (Engine engine = Engine.create(EngineConfig.defaults())) {
            int valid = 0;
            for (int length = 0; length < whole.length; length += step) {
                stage.report.modules(1);
                byte[] part = Arrays.copyOf(whole, length);
                if (validates(engine, part)) {
                    valid++;
                    load(stage, part);
                }
            }
            stage.report.say(arguments[0] + " cut at every " + (step == 1 ? "" : step + "th ") + "byte: " + valid
                    + " of " + (whole.length + step - 1) / step + " are valid modules");
        }
    }

    /** {@code flipped:GUEST:COUNT:SEED}: a real plugin with bytes changed; each is validated, a sample of the valid ones loaded and run. */
    static void flips(Stage stage, String[] arguments) {
        byte[] original = Guests.bytes(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Random random = new Random(seed);
        int valid = 0;
        int compiled = 0;
        try (Engine engine = Engine.create(EngineConfig.defaults())) {
            for (int i = 0; i < count; i++) {
                stage.report.modules(1);
                byte[] mutant = original.clone();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    int at = 8 + random.nextInt(mutant.length - 8);
                    // Single bits are more often valid, bytes go further.
                    mutant[at] =
                            (byte) (random.nextBoolean() ? mutant[at] ^ (1 << random.nextInt(8)) : random.nextInt(256));
                }
                if (validates(engine, mutant) && valid++ % COMPILED_SHARE == 0) {
                    compiled++;
                    load(stage, mutant);
                }
                if (i % 5_000 == 0) {
                    stage.askCanary();
                }
            }
        }
        stage.report.say(arguments[0] + " with bytes changed, seed " + seed + ": " + valid + " of " + count
                + " are valid modules, " + compiled + " of them were loaded and run");
    }

    private static boolean validates(Engine engine, byte[] wasm) {
        try {
            Module.validate(engine, wasm);
            return true;
        } catch (CompilationException | LimitException refused) {
            return false;
        }
    }

    private static void load(Stage stage, byte[] wasm) {
        try (io.sluice.plugin.Plugin plugin = stage.host.load(PluginConfig.of("mutant"), PluginSource.bytes(wasm))) {
            for (String query : List.of("DELETE FROM t", "UPDATE t SET a = 'x' WHERE id = 1", "")) {
                String ending = Stage.ending(plugin, query.getBytes(UTF_8));
                if (ending.endsWith("InternalError")) {
                    stage.report.wrong("a mutant ended in " + ending);
                }
            }
        } catch (PluginException refused) {
            if (refused.getCause() instanceof InternalError) {
                stage.report.wrong("a mutant's load ended in " + refused);
            }
        }
    }
}
