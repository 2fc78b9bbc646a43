package io.sluice.test;

import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A real plugin on real SQL in front of an embedded database: it guards, it is replaced while queries run, and its neighbours run into
 * their walls. Ends with 1 if anything is not as it says.
 */
public final class Demo {
    private static final int THREADS = 4;

    private final DemoStage stage = new DemoStage();
    private final DemoScreen screen = stage.screen;
    private final PluginHost host = stage.host;

    /** Runs the demo; takes no arguments. */
    public static void main(String[] args) throws Exception {
        if (!new Demo().run()) {
            System.exit(1);
        }
    }

    /** Runs all of it; whether everything was as promised. */
    boolean run() throws Exception {
        screen.title("Sluice: untrusted WebAssembly plugins inside JVM proxies");
        screen.say("");
        screen.say("application  <-->  [ filters: plugins in WebAssembly ]  <-->  database");
        screen.say("");
        screen.say(
                "One process: this JVM is the application, the proxy and the database (H2, in memory). Plugins are called"
                        + " through JNI into Wasmtime, twice for each query: before it is executed and after. They may be written in"
                        + " any language; the JVM does not trust them.");
        try (Connection connection = stage.database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table account(id int primary key, owner varchar(40), card_number varchar(40), balance int)");
            statement.execute("insert into account values (1, 'Ada', '4000 1234', 100), (2, 'Grace', null, 250)");
            Plugin guard = new DemoUseCases(stage, statement).run();
            replaceWhileQueriesRun(guard);
            hitTheWalls(statement, guard);
        }
        host.close();
        screen.blank();
        if (stage.isAllWell()) {
            screen.good("All as promised. Next: README.md, and plugins-test/guests/ for a plugin.");
        } else {
            screen.bad("Something above is not as promised.");
        }
        return stage.isAllWell();
    }

    private void replaceWhileQueriesRun(Plugin guard) throws InterruptedException {
        screen.heading("7  The plugin is replaced while queries run");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong[] answered = {new AtomicLong(), new AtomicLong(), new AtomicLong()};
        AtomicLong failed = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> queryUntil(stop, () -> guard.generation(), answered, failed));
            threads.add(thread);
            thread.start();
        }
        Thread.sleep(700);
        screen.say(THREADS + " threads send good and bad statements without a pause.");
        try {
            guard.replace(DemoStage.source("hostile/unknown_import"));
            stage.fail("a version with an unknown import was taken");
        } catch (PluginException e) {
            screen.line("a broken version", "31", "is refused: " + e.getMessage());
        }
        long start = System.nanoTime();
        guard.replace(guard.config().withVersion("2"), DemoStage.source("rust/reject_without_where"));
        screen.line(
                "version 2 in Rust",
                "32",
                "compiled, checked and put in place in " + DemoScreen.time(System.nanoTime() - start)
                        + "; calls in flight finish on version 1");
        Thread.sleep(700);
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        stage.check(failed.get() == 0 && answered[1].get() > 0 && answered[2].get() > 0 && waitForOneVersion(guard));
        screen.line(
                "answered rightly",
                "32",
                String.format(
                        Locale.ROOT,
                        "%,d statements begun on version 1, %,d on version 2",
                        answered[1].get(),
                        answered[2].get()));
        screen.line("failed", failed.get() == 0 ? "32" : "31", Long.toString(failed.get()));
        screen.line(
                "versions in memory", "", guard.liveVersions() + ": version 1 was freed when its last call had ended");
    }

    private static boolean waitForOneVersion(Plugin plugin) throws InterruptedException {
        for (int i = 0; i < 200 && plugin.liveVersions() > 1; i++) {
            Thread.sleep(10);
        }
        return plugin.liveVersions() == 1;
    }

    private interface Generation {
        int now();
    }

    private void queryUntil(AtomicBoolean stop, Generation generation, AtomicLong[] answered, AtomicLong failed) {
        try (Connection connection = stage.database.getConnection();
                Statement statement = connection.createStatement()) {
            while (!stop.get()) {
                int begunOn = generation.now();
                statement
                        .executeQuery("select balance from account where id = 1")
                        .close();
                answered[begunOn].incrementAndGet();
                try {
                    statement.executeUpdate("delete from account");
                    failed.incrementAndGet();
                } catch (SQLException e) {
                    (e.getErrorCode() == 1105 ? answered[begunOn] : failed).incrementAndGet();
                }
            }
        } catch (SQLException e) {
            failed.incrementAndGet();
        }
    }

    private void hitTheWalls(Statement statement, Plugin guard) throws SQLException, InterruptedException {
        screen.heading("8  Plugins that loop for ever, sleep for an hour, eat memory");
        Plugin loop = stage.load(
                PluginConfig.of("loops").withLimits(PluginLimits.defaults().withFuelPerCall(10_000_000)),
                "hostile/loops_before",
                "WebAssembly text");
        Plugin sleeper = stage.load(PluginConfig.of("sleeps"), "hostile/sleeps", "WebAssembly text");
        Plugin bomb = stage.load(PluginConfig.of("memory_bomb"), "hostile/memory_bomb", "WebAssembly text");
        bind(loop, "select 'loop'");
        bind(sleeper, "select 'sleep'");
        bind(bomb, "select 'memory'");
        screen.say("Each is bound to one query. While they run, other connections go on.");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong[] answered = {new AtomicLong(), new AtomicLong(), new AtomicLong()};
        AtomicLong failed = new AtomicLong();
        Thread neighbour = new Thread(() -> queryUntil(stop, () -> 0, answered, failed));
        neighbour.start();

        showFailure(statement, "select 'loop'", loop);
        showFailure(statement, "select 'sleep'", sleeper);
        showFailure(statement, "select 'memory'", bomb);
        screen.line(
                "its memory",
                "",
                "never above " + DemoScreen.bytes(bomb.counters().memoryHighWaterBytes()) + " of the "
                        + DemoScreen.bytes(bomb.limits().maxMemoryBytes()) + " that it may have");

        stop.set(true);
        neighbour.join();
        screen.blank();
        stage.check(failed.get() == 0 && answered[0].get() > 0);
        screen.line(
                "meanwhile",
                "32",
                String.format(
                        Locale.ROOT,
                        "another connection had %,d statements answered rightly by the guard, %d failed",
                        answered[0].get(),
                        failed.get()));
        stage.show(statement, "select id, owner, balance from account order by id");
        screen.blank();
        long held = host.memoryUsedBytes();
        awaitIdle();
        screen.line(
                "the host",
                "",
                host.plugins().size() + " plugins, all serving; " + DemoScreen.bytes(held)
                        + " of guest memory held for the next queries, of at most "
                        + DemoScreen.bytes(host.memoryBudgetBytes()) + "; once idle, "
                        + DemoScreen.bytes(host.memoryUsedBytes()));
        stage.check(guard.counters().failures() == 0 && host.memoryUsedBytes() == 0);
    }

    /** Waits until the host has given back the instances that wait for nobody, as it does within two seconds. */
    private void awaitIdle() throws InterruptedException {
        for (int i = 0; i < 500 && host.memoryUsedBytes() > 0; i++) {
            Thread.sleep(10);
        }
    }

    private void bind(Plugin plugin, String query) {
        stage.filters.add(SqlFilter.of(plugin).withPattern(FilterPattern.any().withQueryRegex(query)));
    }

    private void showFailure(Statement statement, String sql, Plugin plugin) throws SQLException {
        stage.show(statement, sql);
        stage.check(plugin.counters().failures() == 1);
    }
}
