package io.sluice.test;

import io.sluice.jdbc.QueryEvent;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.QueryProperty;
import io.sluice.sql.SqlFilter;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Five plugins in five languages, one for each use case, beside the statements that they change. */
final class DemoUseCases {
    private static final String TOKENS = "{\"ada\": \"s3cret\", \"grace\": \"h0pper\"}";

    private final DemoStage stage;
    private final DemoScreen screen;
    private final Statement statement;

    DemoUseCases(DemoStage stage, Statement statement) {
        this.stage = stage;
        this.screen = stage.screen;
        this.statement = statement;
    }

    /** Shows each alone, then all in one chain; returns the first, which stays in place. */
    Plugin run() throws SQLException {
        Plugin reject = reject();
        Plugin mask = mask();
        Plugin limit = limit();
        Plugin authenticate = authenticate();
        Plugin rewrite = rewrite();
        allInOneChain(authenticate, limit, reject, rewrite, mask);
        stage.filters.add(SqlFilter.of(reject));
        return reject;
    }

    private Plugin reject() throws SQLException {
        screen.heading("1  C: an UPDATE or DELETE without WHERE is refused");
        Plugin plugin =
                stage.load(PluginConfig.of("reject_without_where").withVersion("1"), "c/reject_without_where", "C");
        screen.say("Its box, all by default: "
                + DemoScreen.bytes(plugin.limits().maxMemoryBytes()) + " of memory, "
                + String.format(Locale.ROOT, "%,d", plugin.limits().fuelPerCall())
                + " fuel (about that many instructions) and "
                + plugin.limits().deadline().toMillis() + " ms for a call, and a fresh instance for every query.");
        SqlFilter filter = add(plugin);
        stage.warmUp(statement, "select 1");
        stage.show(statement, "update account set balance = balance + 50 where id = 2");
        stage.show(statement, "update account set balance = 0");
        stage.show(statement, "delete from account -- where id = 1");
        drop(filter);
        return plugin;
    }

    private Plugin mask() throws SQLException {
        screen.heading("2  Go: columns are masked in whatever comes back");
        Plugin plugin = stage.load(
                PluginConfig.of("mask_columns").withEnvironment(Map.of("MASK_COLUMNS", "card_number")),
                "go/mask_columns",
                "Go");
        SqlFilter filter = add(plugin);
        stage.show(statement, "select owner, card_number as c from account order by id");
        drop(filter);
        return plugin;
    }

    private Plugin limit() throws SQLException {
        screen.heading("3  Rust: ten queries at once, then one a second");
        Plugin plugin = stage.load(PluginConfig.of("rate_limit"), "rust/rate_limit", "Rust");
        screen.say("It counts in a value that all its instances share, under a lock that the host takes back should the"
                + " plugin not give it back.");
        SqlFilter filter = add(plugin);
        int passed = 0;
        String sql = "select balance from account where id = 1";
        while (passed < 1_000 && DemoStage.execute(statement, sql).startsWith("1 row")) {
            passed++;
        }
        stage.check(passed >= 10 && passed < 1_000);
        screen.blank();
        screen.line("application sends", "1", passed + " times: " + sql);
        screen.line("plugin", "32", "lets them pass");
        stage.check(stage.showOnce(statement, sql).contains("rate limit exceeded"));
        drop(filter);
        return plugin;
    }

    private Plugin authenticate() throws SQLException {
        screen.heading("4  Java: a token in the leading comment, or no entry");
        Plugin plugin = stage.load(
                PluginConfig.of("authenticate").withConfiguration(TOKENS).withGrants(Set.of(QueryProperty.USER)),
                "java/authenticate",
                "Java by TeaVM");
        screen.say("It is granted one property of a query, the user, and no other. The application works for '"
                + DemoStage.USER + "'.");
        SqlFilter filter = add(plugin);
        stage.show(statement, "select owner from account where id = 1");
        stage.show(statement, "/* token=h0pper */ select owner from account where id = 1");
        stage.show(statement, "/* token=s3cret */ select owner from account where id = 1");
        String executed = DemoScreen.LastEvent.get().executed();
        stage.check(executed != null && !executed.contains("s3cret"));
        drop(filter);
        return plugin;
    }

    private Plugin rewrite() throws SQLException {
        screen.heading("5  AssemblyScript: a SELECT without a limit gets one");
        Plugin plugin = stage.load(PluginConfig.of("rewrite_query"), "assemblyscript/rewrite_query", "AssemblyScript");
        SqlFilter filter = add(plugin);
        stage.warmUp(statement, "select 1");
        stage.show(statement, "select x from system_range(1, 1000000)");
        drop(filter);
        return plugin;
    }

    private void allInOneChain(Plugin... plugins) {
        screen.heading("6  All five in one chain");
        for (int i = 0; i < plugins.length; i++) {
            stage.filters.add(SqlFilter.of(plugins[i]).withPriority(100 + i));
        }
        pause();
        stage.showOnce(statement, "/* token=s3cret */ select id, card_number from account");
        QueryEvent event = DemoScreen.LastEvent.get();
        stage.check(event.queryChanged() && event.resultChanged() && event.error() == null);
        pause();
        stage.check(stage.showOnce(statement, "/* token=s3cret */ delete from account")
                .contains("no where clause"));
        for (Plugin plugin : plugins) {
            stage.filters.drop(plugin.name());
        }
    }

    /** Until the rate limit has a query to give. */
    private static void pause() {
        try {
            Thread.sleep(1_100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SqlFilter add(Plugin plugin) {
        SqlFilter filter = SqlFilter.of(plugin);
        stage.filters.add(filter);
        return filter;
    }

    private void drop(SqlFilter filter) {
        stage.filters.drop(filter.name());
    }
}
