package io.sluice.test;

import io.sluice.jdbc.QueryEvent;
import io.sluice.jdbc.SluiceDataSource;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginSource;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterSet;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** What all parts of the demo play on: a screen, a host, a database with filters in front, and the promise that all goes as it says. */
final class DemoStage {
    /** Who the application works for. */
    static final String USER = "ada";

    /** How often a query goes through new filters before it is shown, so that the screen has the time of warm code. */
    private static final int WARM_UP = 2_000;

    final DemoScreen screen = new DemoScreen();
    final FilterSet filters = FilterSet.of();
    final PluginHost host = PluginHost.create();
    final DataSource database;
    private final AtomicBoolean allWell = new AtomicBoolean(true);

    DemoStage() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:bank;DB_CLOSE_DELAY=-1");
        database = SluiceDataSource.wrap(h2, filters, DemoScreen.LastEvent::put).withUser(USER);
    }

    boolean isAllWell() {
        return allWell.get();
    }

    /** Loads a guest and says what that took. */
    Plugin load(PluginConfig config, String guest, String language) {
        long start = System.nanoTime();
        Plugin plugin = host.load(config, source(guest));
        long nanos = System.nanoTime() - start;
        screen.say("Plugin " + plugin.name() + ", "
                + DemoScreen.bytes(file(guest).toFile().length())
                + " of WebAssembly made from " + language + ": compiled, checked and tried in " + DemoScreen.time(nanos)
                + ".");
        return plugin;
    }

    static PluginSource source(String guest) {
        return PluginSource.file(file(guest));
    }

    /** A built guest, from the repository's folder or from this module's. */
    static Path file(String guest) {
        Path here = Path.of("guests");
        Path root = Files.isDirectory(here) ? here : Path.of("plugins-test", "guests");
        Path folder = root.resolve(guest);
        return folder.resolve(folder.getFileName() + ".wasm");
    }

    void warmUp(Statement statement, String sql) throws SQLException {
        for (int i = 0; i < WARM_UP; i++) {
            statement.executeQuery(sql).close();
        }
    }

    /** Executes a statement and shows what the filters made of it, with the median of what they take. */
    String show(Statement statement, String sql) {
        String answer = execute(statement, sql);
        QueryEvent event = DemoScreen.LastEvent.get();
        boolean repeatable = event.failure() == null && !event.resultChanged();
        screen.query(event, answer, repeatable ? medianFilterNanos(sql) : event.filterNanos(), repeatable);
        return answer;
    }

    /** The same for a statement that filters do not treat alike when it comes again. */
    String showOnce(Statement statement, String sql) {
        String answer = execute(statement, sql);
        QueryEvent event = DemoScreen.LastEvent.get();
        screen.query(event, answer, event.filterNanos(), false);
        return answer;
    }

    /** Rows, a count, or the error's text. */
    static String execute(Statement statement, String sql) {
        try {
            if (statement.execute(sql)) {
                return rowsOf(statement.getResultSet());
            }
            return statement.getUpdateCount() + " row changed";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** What the filters take for a text, without the database; one call alone would show what else the machine does. */
    private long medianFilterNanos(String sql) {
        FilterChain chain = filters.chain();
        SqlRequest request = SqlRequest.of(sql).user(USER);
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
        int count = 0;
        try (rows) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                count++;
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                if (count <= 3) {
                    texts.add("(" + String.join(", ", values) + ")");
                } else if (count == 4) {
                    texts.add("...");
                }
            }
        }
        return count + (count == 1 ? " row: " : " rows: ") + String.join(" ", texts);
    }

    void check(boolean holds) {
        if (!holds) {
            fail("the demo expected otherwise");
        }
    }

    void fail(String text) {
        allWell.set(false);
        screen.bad("NOT AS PROMISED: " + text);
    }
}
