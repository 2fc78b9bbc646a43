package io.sluice.test;

import io.sluice.jdbc.QueryEvent;
import io.sluice.jdbc.SluiceDataSource;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginException;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/**
 * A real plugin on real SQL in front of an embedded database: it guards, it is replaced while queries run, and its neighbours run into
 * their walls. Ends with 1 if anything is not as it says.
 */
public final class Demo {
    private static final int WARM_UP = 3_000;
    private static final int THREADS = 4;

    private final DemoScreen screen = new DemoScreen();
    private final AtomicBoolean allWell = new AtomicBoolean(true);
    private final FilterSet filters = FilterSet.of();
    private final PluginHost host = PluginHost.create();
    private final DataSource database;

    Demo() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:bank;DB_CLOSE_DELAY=-1");
        this.database = SluiceDataSource.wrap(h2, filters, DemoScreen.LastEvent::put);
    }

    /** Runs the demo; takes no arguments. */
    public static void main(String[] args) throws Exception {
        if (!new Demo().run()) {
            System.exit(1);
        }
    }

    /** Runs all of it; whether everything was as promised. */
    boolean run() throws Exception {
        screen.title(
                "Sluice: untrusted WebAssembly plugins inside JVM proxies, at native speed, in a box with hard walls");
        screen.say("");
        screen.say("   application  <-->  [ filters: plugins in WebAssembly ]  <-->  database");
        screen.say("");
        screen.say(
                "One process: this JVM is the application, the proxy and the database (H2, in memory). Plugins are called"
                        + " through JNI into Wasmtime, twice for each query: before it is executed and after. They may be written in"
                        + " any language; the JVM does not trust them.");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table account(id int primary key, owner varchar(40), note varchar(40), balance int)");
            statement.execute("insert into account values (1, 'Ada', 'pin secret', 100), (2, 'Grace', null, 250)");
            Plugin guard = guardTheDatabase(statement);
            rewriteAndMask(statement);
            replaceWhileQueriesRun(guard);
            hitTheWalls(statement, guard);
        }
        host.close();
        screen.blank();
        if (allWell.get()) {
            screen.good("All as promised. Next: README.md for your proxy, plugins-test/guests/ for your plugin.");
        } else {
            screen.bad("Something above is not as promised.");
        }
        return allWell.get();
    }

    private Plugin guardTheDatabase(Statement statement) throws SQLException {
        screen.heading("1  A plugin guards the database");
        Plugin guard = load(PluginConfig.of("reject_without_where").withVersion("1"), "c/reject_without_where", "C");
        filters.add(SqlFilter.of(guard));
        screen.say("Its box, all by default: " + DemoScreen.bytes(guard.limits().maxMemoryBytes()) + " of memory, "
                + String.format(Locale.ROOT, "%,d", guard.limits().fuelPerCall())
                + " fuel (about that many instructions) and "
                + guard.limits().deadline().toMillis() + " ms for a call, and a fresh instance for every query.");
        for (int i = 0; i < WARM_UP; i++) {
            statement.executeQuery("select 1").close();
        }
        show(statement, "select owner, balance from account where id = 1");
        show(statement, "update account set balance = balance + 50 where id = 2");
        show(statement, "update account set balance = 0");
        show(statement, "delete from account -- where id = 1");
        return guard;
    }

    private void rewriteAndMask(Statement statement) throws SQLException {
        screen.heading("2  Plugins change what is asked, and what is answered");
        Plugin rewrite = load(PluginConfig.of("rewrite_query"), "c/rewrite_query", "C");
        Plugin mask = load(PluginConfig.of("mask_result"), "c/mask_result", "C");
        filters.add(SqlFilter.of(rewrite)
                .withPriority(2000)
                .withPattern(FilterPattern.any().withQueryRegex("(?i)select .* from system_range.*")));
        filters.add(SqlFilter.of(mask)
                .withPriority(3000)
                .withPattern(FilterPattern.any().withQueryRegex("(?i).* note .*")));
        for (int i = 0; i < WARM_UP; i++) {
            statement
                    .executeQuery("select note from account where id = 1 and note = 'x'")
                    .close();
        }
        show(statement, "select x from system_range(1, 1000000)");
        show(statement, "select owner, note from account order by id");
    }

    private void replaceWhileQueriesRun(Plugin guard) throws InterruptedException {
        screen.heading("3  The plugin is replaced while queries run");
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
            guard.replace(source("hostile/unknown_import"));
            fail("a version with an unknown import was taken");
        } catch (PluginException e) {
            screen.line("a broken version", "31", "is refused: " + e.getMessage());
        }
        long start = System.nanoTime();
        guard.replace(guard.config().withVersion("2"), source("rust/reject_without_where"));
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
        check(failed.get() == 0 && answered[1].get() > 0 && answered[2].get() > 0 && waitForOneVersion(guard));
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
        try (Connection connection = database.getConnection();
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
        screen.heading("4  A plugin that loops for ever, one that sleeps for an hour, and one that eats memory");
        Plugin loop = load(
                PluginConfig.of("loops").withLimits(PluginLimits.defaults().withFuelPerCall(10_000_000)),
                "hostile/loops_before",
                "WebAssembly text");
        Plugin sleeper = load(PluginConfig.of("sleeps"), "hostile/sleeps", "WebAssembly text");
        Plugin bomb = load(PluginConfig.of("memory_bomb"), "hostile/memory_bomb", "WebAssembly text");
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
        check(failed.get() == 0 && answered[0].get() > 0);
        screen.line(
                "meanwhile",
                "32",
                String.format(
                        Locale.ROOT,
                        "another connection had %,d statements answered rightly by the guard, %d failed",
                        answered[0].get(),
                        failed.get()));
        show(statement, "select id, owner, balance from account order by id");
        screen.blank();
        screen.line(
                "the host",
                "",
                host.plugins().size() + " plugins, all serving; " + DemoScreen.bytes(host.memoryUsedBytes())
                        + " of guest memory held now, of at most " + DemoScreen.bytes(host.memoryBudgetBytes()));
        check(guard.counters().failures() == 0 && host.memoryUsedBytes() == 0);
    }

    private void bind(Plugin plugin, String query) {
        filters.add(SqlFilter.of(plugin).withPattern(FilterPattern.any().withQueryRegex(query)));
    }

    private void showFailure(Statement statement, String sql, Plugin plugin) throws SQLException {
        show(statement, sql);
        check(plugin.counters().failures() == 1);
    }

    private void show(Statement statement, String sql) throws SQLException {
        String answer = "";
        try {
            if (statement.execute(sql)) {
                answer = rowsOf(statement.getResultSet());
            } else {
                answer = statement.getUpdateCount() + " row changed";
            }
        } catch (SQLException e) {
            answer = String.valueOf(e.getMessage());
        }
        QueryEvent event = DemoScreen.LastEvent.get();
        boolean repeatable = event.failure() == null && !event.resultChanged();
        screen.query(event, answer, repeatable ? medianFilterNanos(sql) : event.filterNanos(), repeatable);
    }

    /** What the filters take for a text, without the database; one call alone would show what else the machine does. */
    private long medianFilterNanos(String sql) {
        FilterChain chain = filters.chain();
        SqlRequest request = SqlRequest.of(sql);
        long[] nanos = new long[DemoScreen.MEASURED];
        try (QueryExecution execution = new QueryExecution()) {
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                boolean execute = execution.before(chain, request);
                execution.after(null, execute ? QueryExecution.UNSEEN_RESULT : null);
                nanos[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }

    private static String rowsOf(ResultSet rows) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (rows) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                texts.add("(" + String.join(", ", values) + ")");
            }
        }
        return texts.size() + (texts.size() == 1 ? " row: " : " rows: ") + String.join(" ", texts);
    }

    private Plugin load(PluginConfig config, String guest, String language) {
        long start = System.nanoTime();
        Plugin plugin = host.load(config, source(guest));
        long nanos = System.nanoTime() - start;
        screen.say("Plugin " + plugin.name() + ", " + DemoScreen.bytes(sizeOf(guest)) + " of WebAssembly made from "
                + language + ": read, compiled, checked and tried in " + DemoScreen.time(nanos) + ".");
        return plugin;
    }

    private static long sizeOf(String guest) {
        return DemoGuests.file(guest).toFile().length();
    }

    private static PluginSource source(String guest) {
        return PluginSource.file(DemoGuests.file(guest));
    }

    private void check(boolean holds) {
        if (!holds) {
            fail("the demo expected otherwise");
        }
    }

    private void fail(String text) {
        allWell.set(false);
        screen.bad("NOT AS PROMISED: " + text);
    }

    /** The built guests, from the repository's folder or from this module's. */
    static final class DemoGuests {
        private DemoGuests() {}

        static Path file(String guest) {
            Path here = Path.of("guests");
            Path root = Files.isDirectory(here) ? here : Path.of("plugins-test", "guests");
            Path folder = root.resolve(guest);
            return folder.resolve(folder.getFileName() + ".wasm");
        }
    }
}
