package io.sluice.test.hostile;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.SqlLease;
import io.sluice.runtime.Engine;
import io.sluice.runtime.EngineConfig;
import io.sluice.runtime.Func;
import io.sluice.runtime.Module;
import io.sluice.runtime.Store;
import io.sluice.runtime.StoreConfig;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

/** Two threads that race: one calls, the other closes what it calls. */
final class RaceMisuse {
    private RaceMisuse() {}

    /** {@code races:ROUNDS}. */
    static void run(Stage stage, String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]);
        Misuse misuse = new Misuse(stage.report);
        storeAgainstClose(misuse, rounds);
        stage.askCanary();
        storeAgainstStore(misuse, rounds);
        stage.askCanary();
        worldAgainstClose(misuse, rounds / 20);
        stage.askCanary();
        pluginAgainstClose(misuse, rounds / 20);
        stage.askCanary();
        hostAgainstClose(misuse, rounds / 200);
        compileAgainstClose(misuse, rounds / 200);
        stage.report.say(misuse.toString());
    }

    private static void race(int rounds, Misuse.Call before, Misuse.Call first, Misuse.Call second, Misuse misuse) {
        CyclicBarrier barrier = new CyclicBarrier(2, () -> misuse.call("preparing a race", before));
        AtomicInteger threads = new AtomicInteger();
        Stage.inThreads(2, () -> {
            boolean isFirst = threads.getAndIncrement() == 0;
            for (int i = 0; i < rounds; i++) {
                try {
                    barrier.await();
                } catch (InterruptedException | BrokenBarrierException e) {
                    throw new IllegalStateException(e);
                }
                misuse.call("a race", isFirst ? first : second);
            }
        });
    }

    private static void storeAgainstClose(Misuse misuse, int rounds) {
        try (World world = World.plain()) {
            Store[] store = new Store[1];
            Func[] func = new Func[1];
            race(
                    rounds,
                    () -> {
                        store[0] = Store.create(world.engine, StoreConfig.defaults());
                        func[0] = store[0].instantiate(world.pre).func("run");
                    },
                    () -> {
                        for (int i = 0; i < 5; i++) {
                            func[0].callRaw(i);
                        }
                    },
                    () -> store[0].close(),
                    misuse);
        }
    }

    private static void storeAgainstStore(Misuse misuse, int rounds) {
        try (World world = World.plain()) {
            race(
                    rounds,
                    () -> {},
                    () -> {
                        world.run.callRaw(1);
                        world.memory.writeLong(8, 1);
                        world.table.get(0);
                    },
                    () -> {
                        world.twice.callRaw(2);
                        world.memory.readLong(8);
                        world.global.get();
                    },
                    misuse);
        }
    }

    private static void worldAgainstClose(Misuse misuse, int rounds) {
        World[] world = new World[1];
        race(
                rounds,
                () -> world[0] = World.plain(),
                () -> {
                    byte[] query = new byte[64];
                    for (int i = 0; i < 20; i++) {
                        world[0].run.callRaw(1);
                        world[0].wescale.before(query, 0, 64, true);
                        world[0].store.instantiate(world[0].pre);
                    }
                },
                () -> world[0].close(),
                misuse);
        world[0].close();
    }

    private static void pluginAgainstClose(Misuse misuse, int rounds) {
        try (PluginHost host = PluginHost.create()) {
            Plugin[] plugin = new Plugin[1];
            int[] round = new int[1];
            race(
                    rounds,
                    () -> plugin[0] = host.load(
                            PluginConfig.of("raced")
                                    .withIsolation(round[0]++ % 2 == 0 ? Isolation.pooled() : Isolation.perRequest()),
                            Guests.source(Guests.GOOD)),
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            call(plugin[0]);
                        }
                    },
                    () -> {
                        if (round[0] % 3 == 0) {
                            plugin[0].replace(Guests.source("c/echo_query"));
                        }
                        plugin[0].close();
                    },
                    misuse);
            plugin[0].close();
        }
    }

    private static void hostAgainstClose(Misuse misuse, int rounds) {
        PluginHost[] host = new PluginHost[1];
        Plugin[] plugin = new Plugin[1];
        race(
                rounds,
                () -> {
                    host[0] = PluginHost.create();
                    plugin[0] = host[0].load(PluginConfig.of("raced"), Guests.source(Guests.GOOD));
                },
                () -> {
                    for (int i = 0; i < 20; i++) {
                        call(plugin[0]);
                    }
                    host[0].load(PluginConfig.of("late"), Guests.source("c/echo_query"));
                },
                () -> host[0].close(),
                misuse);
        host[0].close();
    }

    private static void compileAgainstClose(Misuse misuse, int rounds) {
        Engine[] engine = new Engine[1];
        byte[] wasm = Guests.bytes(Guests.GOOD);
        race(
                rounds,
                () -> engine[0] = Engine.create(EngineConfig.defaults().withMaxInstances(4)),
                () -> Module.compile(engine[0], wasm).close(),
                () -> engine[0].close(),
                misuse);
        engine[0].close();
    }

    private static void call(Plugin plugin) {
        byte[] query = {'x'};
        try (SqlLease lease = plugin.acquireSql()) {
            lease.before(query, 0, 1);
            lease.after(null, null);
        }
    }
}
