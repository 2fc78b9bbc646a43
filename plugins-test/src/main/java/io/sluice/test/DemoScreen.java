package io.sluice.test;

import io.sluice.jdbc.QueryEvent;
import io.sluice.sql.SqlError;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the demo prints: headings, sentences, and one block of lines for each query. Colours only on a terminal. */
final class DemoScreen {
    /** How often a query goes through the filters for the time on the screen. */
    static final int MEASURED = 501;

    private static final int WIDTH = 80;
    private static final int INDENT = 22;
    private static final String BEFORE_PREFIX = "error from wasm plugin at before execution stage: ";

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** Set by {@code tools/run}, which knows whether the output is a terminal and whether NO_COLOR is set. */
    private final boolean colour = Boolean.getBoolean("sluice.colour");

    void title(String text) {
        out.println(paint("1", text));
    }

    void heading(String text) {
        out.println();
        out.println(paint("1;36", text));
    }

    void say(String text) {
        for (String line : wrap(text, WIDTH - 3)) {
            out.println("   " + line);
        }
    }

    void good(String text) {
        out.println("   " + paint("32", text));
    }

    void bad(String text) {
        out.println("   " + paint("31", text));
    }

    void blank() {
        out.println();
    }

    /** A query in five lines: sent, what the plugin did, executed, returned, cost. */
    void query(QueryEvent event, String answer, long filterNanos, boolean median) {
        SqlError error = event.error();
        out.println();
        line("application sends", "1", event.sent());
        line("plugin", verdictColour(event), verdict(event));
        String executed = event.executed();
        line("database executes", executed == null ? "2" : "", executed == null ? "nothing" : executed);
        line("application gets", error == null ? "32" : "31", error == null ? answer : error.toString());
        line(
                "cost",
                "2",
                String.format(
                        Locale.ROOT,
                        "%,d fuel, %s in the plugin%s%s",
                        event.fuel(),
                        time(filterNanos),
                        median ? " (median of " + MEASURED + ")" : "",
                        executed == null ? "" : ", " + time(event.databaseNanos()) + " in the database"));
    }

    void line(String label, String code, String text) {
        String head = String.format("   %-" + (INDENT - 3) + "s", label);
        for (String part : wrap(text, WIDTH - INDENT)) {
            out.println(paint("2", head) + paint(code, part));
            head = " ".repeat(INDENT);
        }
    }

    private static String verdict(QueryEvent event) {
        if (event.failure() != null) {
            return "fails and is stopped; only its own instance is lost";
        }
        SqlError error = event.error();
        if (event.executed() == null && error != null) {
            String text = error.message();
            int prefix = text.lastIndexOf(BEFORE_PREFIX);
            return "rejects it: \"" + (prefix < 0 ? text : text.substring(prefix + BEFORE_PREFIX.length())) + "\"";
        }
        if (event.queryChanged()) {
            return event.resultChanged() ? "rewrites the query, then masks what came back" : "rewrites the query";
        }
        return event.resultChanged() ? "lets it pass, then masks what came back" : "lets it pass";
    }

    private static String verdictColour(QueryEvent event) {
        if (event.failure() != null || event.executed() == null) {
            return "31";
        }
        return event.queryChanged() || event.resultChanged() ? "33" : "32";
    }

    static String time(long nanos) {
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
        }
        return nanos < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    static String bytes(long bytes) {
        if (bytes < 10_000) {
            return String.format(Locale.ROOT, "%,d bytes", bytes);
        }
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%,d KiB", bytes >> 10)
                : String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }

    private String paint(String code, String text) {
        return colour && !code.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    private static java.util.List<String> wrap(String text, int width) {
        java.util.List<String> lines = new java.util.ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int cut = rest.lastIndexOf(' ', width);
            cut = cut <= 0 ? width : cut;
            lines.add(rest.substring(0, cut));
            rest = rest.substring(cut).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    /** The event of a thread's last query, for what comes next on the screen. */
    static final class LastEvent {
        private LastEvent() {}

        private static final ThreadLocal<@Nullable QueryEvent> LAST = new ThreadLocal<>();

        static void put(QueryEvent event) {
            LAST.set(event);
        }

        static QueryEvent get() {
            QueryEvent event = LAST.get();
            if (event == null) {
                throw new IllegalStateException("no query has run on this thread");
            }
            return event;
        }
    }
}
