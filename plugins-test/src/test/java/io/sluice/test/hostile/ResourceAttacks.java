package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.InstancePre;
import io.sluice.runtime.LimitException;
import io.sluice.runtime.Linker;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import io.sluice.runtime.TrapMode;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Objects made and closed, or made and forgotten, many times over; and what happens when nothing is left to make them of. */
final class ResourceAttacks {
    private static final EngineConfig SMALL = EngineConfig.defaults()
            .withMaxMemoryBytes(1 << 20)
            .withMaxInstances(8)
            .withOptimisation(false);

    private ResourceAttacks() {}

    /** What a process has of each kind. */
    private record Have(long handles, long files, long mappings, long threads, long residentKib) {
        static Have now() {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"));
                    Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
                return new Have(
                        Engine.liveHandles(), files.count(), mappings.count(), status("Threads"), status("VmRSS"));
            } catch (IOException e) {
                throw new IllegalStateException("/proc cannot be read", e);
            }
        }

        private static long status(String name) throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }

        /** The JVM's own threads, code and heap come and go; what is lost once a round would be thousands. */
        boolean isMuchMoreThan(Have before) {
            return handles > before.handles
                    || files > before.files + 8
                    || mappings > before.mappings + 300
                    || threads > before.threads + 8
                    || residentKib > before.residentKib + (96 << 10);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d handles, %d files, %d mappings, %d threads, %d MiB",
                    handles,
                    files,
                    mappings,
                    threads,
                    residentKib >> 10);
        }
    }

    /** {@code resources:ENGINES:MODULES:STORES}: so many of each, made and closed; a store has an instance, and a call. */
    static void run(Stage stage, String[] arguments) {
        churn(
                stage,
                "engines",
                Integer.parseInt(arguments[0]),
                () -> Engine.create(SMALL).close());
        try (Engine engine = Engine.create(SMALL)) {
            churn(
                    stage,
                    "modules",
                    Integer.parseInt(arguments[1]),
                    () -> Module.compile(engine, World.GUEST).close());
        }
        try (World world = World.plain()) {
            churn(stage, "stores", Integer.parseInt(arguments[2]), () -> {
                try (Store store = Store.create(world.engine, StoreConfig.defaults())) {
                    store.instantiate(world.pre).func("run").callRaw(1);
                }
            });
        }
        churn(stage, "plugins", Integer.parseInt(arguments[1]) / 10, () -> {
            try (Plugin plugin = stage.host.load(PluginConfig.of("churned"), Guests.source(Guests.GOOD))) {
                Stage.ending(plugin, "x");
            }
        });
        exhausted(stage);
    }

    private static void churn(Stage stage, String what, int times, Runnable round) {
        for (int i = 0; i < Math.max(20, times / 20); i++) {
            round.run();
        }
        Have before = Have.now();
        for (int i = 0; i < times; i++) {
            round.run();
            stage.report.misuse(1);
        }
        Have after = Have.now();
        for (int patience = 0; after.isMuchMoreThan(before) && patience < 20; patience++) {
            pause(100);
            after = Have.now();
        }
        if (after.isMuchMoreThan(before)) {
            stage.report.leak(times + " " + what + " later: " + before + " became " + after);
        }
        stage.report.say(times + " " + what + ": " + before + " -> " + after);
        stage.askCanary();
    }

    /** An engine's places and a plugin's instances end with an exception that says so, and are there again when given back. */
    private static void exhausted(Stage stage) {
        try (Engine engine = Engine.create(SMALL);
                Module module = Module.compile(engine, World.GUEST);
                Linker linker =
                        Linker.create(engine).defineFunction("env", "call", World.CALL_TYPE, (caller, slots) -> {});
                InstancePre pre = linker.instantiatePre(module)) {
            int places = 0;
            for (int round = 0; round < 50; round++) {
                int made = 0;
                List<Store> stores = new ArrayList<>();
                try {
                    for (int i = 0; i < 100; i++) {
                        Store store = Store.create(engine, StoreConfig.defaults());
                        stores.add(store);
                        store.instantiate(pre);
                        made++;
                    }
                    stage.report.wrong("an engine of 8 instances made 100");
                } catch (LimitException e) {
                    stage.report.misuse(1);
                }
                stores.forEach(Store::close);
                places = round == 0 ? made : places;
                if (made < 2 || made != places) {
                    stage.report.wrong("an engine of 8 instances made " + made + " in round " + round + ", " + places
                            + " in the first");
                }
            }
        }
        PluginConfig config = PluginConfig.of("exhausted")
                .withIsolation(Isolation.pooled())
                .withMaxInstances(1)
                .withMaxWait(Duration.ofMillis(5));
        try (Plugin plugin = stage.host.load(config, Guests.source(Guests.GOOD))) {
            for (int round = 0; round < 20; round++) {
                try (SqlLease taken = plugin.acquireSql()) {
                    plugin.acquireSql().close();
                    stage.report.wrong("a plugin of one instance lent two, besides " + taken.pluginName());
                } catch (PluginException e) {
                    stage.report.misuse(1);
                }
                String ending = Stage.ending(plugin, "x");
                if (!ending.equals("fine")) {
                    stage.report.wrong("after its only instance came back a plugin ended in " + ending);
                }
            }
        }
    }

    /** {@code forgotten:ROUNDS}: nobody closes anything; what a Cleaner's thread calls meanwhile is answered or refused. */
    static void forgotten(Stage stage, String[] arguments) throws InterruptedException {
        int rounds = Integer.parseInt(arguments[0]);
        Misuse misuse = new Misuse(stage.report);
        Cleaner cleaner = Cleaner.create();
        long before = Engine.liveHandles();
        CountDownLatch cleaned = new CountDownLatch(rounds);
        for (int i = 0; i < rounds; i++) {
            World world = plainWhenThereIsRoom();
            world.run.callRaw(i);
            // The action keeps the store and its func, but not what they were made of.
            Store store = world.store;
            var func = world.run;
            boolean closes = i % 2 == 0;
            cleaner.register(new Object(), () -> {
                misuse.call("a call on a Cleaner's thread", () -> func.callRaw(1));
                if (closes) {
                    misuse.call("a close on a Cleaner's thread", store::close);
                    misuse.call("a call after it", () -> func.callRaw(1));
                }
                cleaned.countDown();
            });
            if (i % 50 == 0) {
                System.gc();
            }
        }
        for (int patience = 0;
                (cleaned.getCount() > 0 || Engine.liveHandles() > before) && patience < 200;
                patience++) {
            System.gc();
            if (!cleaned.await(20, TimeUnit.MILLISECONDS) || Engine.liveHandles() > before) {
                pause(20);
            }
        }
        if (Engine.liveHandles() > before) {
            stage.report.leak(Engine.liveHandles() - before + " handles of " + rounds + " forgotten worlds");
        }
        stage.report.say("forgotten: " + misuse);
    }

    /** All engines of equal settings are one: what is forgotten keeps its places until its Cleaner has run. */
    private static World plainWhenThereIsRoom() {
        for (int patience = 0; ; patience++) {
            try {
                return World.plain();
            } catch (LimitException full) {
                if (patience == 200) {
                    throw full;
                }
                System.gc();
                pause(20);
            }
        }
    }

    /** {@code scarce}: in a JVM whose address space is limited, engines and modules are made until there is no room, again and again. */
    static void scarce(Stage stage, String[] arguments) {
        Misuse misuse = new Misuse(stage.report);
        List<Engine> engines = new ArrayList<>();
        // Engines of equal settings are one, kept while the process lives: what they leave is all there is from then
        // on.
        fillBesideBallast(stage, engines);
        System.gc();
        pause(500);
        if (engines.isEmpty() || engines.size() >= 200) {
            stage.report.wrong(engines.size() + " engines were made: that the address space is scarce is not shown");
        }
        for (int round = 0; round < 5; round++) {
            List<Module> kept = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                Engine engine = engines.get(i % engines.size());
                misuse.call("compiling and running with little left", () -> {
                    try {
                        Module module = Module.compile(engine, World.GUEST);
                        kept.add(module);
                        call(engine, module);
                    } catch (OutOfMemoryError e) {
                        throw new IllegalStateException("a thread of the JVM's did not fit", e);
                    }
                });
            }
            stage.askCanary();
            kept.forEach(Module::close);
            try (Module module = Module.compile(engines.get(0), World.GUEST)) {
                call(engines.get(0), module);
            }
        }
        engines.forEach(Engine::close);
        stage.report.say("with little address space: " + engines.size() + " engines, " + misuse);
    }

    private static void call(Engine engine, Module module) {
        try (Store store = Store.create(engine, StoreConfig.defaults());
                Linker linker =
                        Linker.create(engine).defineFunction("env", "call", World.CALL_TYPE, (caller, slots) -> {});
                InstancePre pre = linker.instantiatePre(module)) {
            store.instantiate(pre).func("run").callRaw(1);
        }
    }

    /** Makes engines until one is refused. What the ballast had is left for threads, without which neither we nor the JVM can do. */
    private static void fillBesideBallast(Stage stage, List<Engine> engines) {
        ByteBuffer ballast = ByteBuffer.allocateDirect(384 << 20);
        try {
            for (int pages = 1; pages <= 200; pages++) {
                engines.add(Engine.create(SMALL.withTrapMode(TrapMode.EXPLICIT)
                        .withMaxInstances(64)
                        .withMaxMemoryBytes(pages * 65_536L)));
            }
        } catch (IllegalArgumentException full) {
            stage.report.misuse(1);
        } finally {
            Reference.reachabilityFence(ballast);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
