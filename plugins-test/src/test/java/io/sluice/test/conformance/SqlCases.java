package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.test.conformance.Binding.Ended;
import io.sluice.test.e2e.GuestFiles;
import io.sluice.test.e2e.Verdicts;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What each SQL plugin of the current dialect is asked on both bindings. */
final class SqlCases {
    /** Some host that plugins can be loaded into. */
    interface Host {
        SqlGuest load(byte[] wasm) throws Ended;
    }

    /** A QueryResult with the one field info = "a secret, b secret". */
    private static final byte[] RESULT = "2\u0012a secret, b secret".getBytes(UTF_8);

    /**
     * Guests that show what the other host has not: limits, tail calls, WASI's own texts, a check of the rows that guests make,
     * how a start ended; and those that answer at random.
     */
    private static final Set<String> LEFT_OUT = Set.of(
            "c_wasi/wasi_report",
            "go/mask_columns",
            "go/random_choices",
            "hostile/asks_for_queries",
            "hostile/bad_rows",
            "hostile/call_tree_bomb",
            "hostile/draws_random_bytes",
            "hostile/endless",
            "hostile/exits_in_before",
            "hostile/fights_for_locks",
            "hostile/fills_memory",
            "hostile/fills_table",
            "hostile/garbage_result",
            "hostile/gives_large_queries",
            "hostile/keeps_secrets",
            "hostile/large_outputs",
            "hostile/log_flood",
            "hostile/log_much",
            "hostile/loops_after",
            "hostile/loops_before",
            "hostile/loops_in_malloc",
            "hostile/malloc_traps",
            "hostile/memory_bomb",
            "hostile/memory_minimum",
            "hostile/recurses_through_host",
            "hostile/shares_without_end",
            "hostile/sleeps",
            "hostile/start_exits_7",
            "hostile/start_grows_memory",
            "hostile/start_loops",
            "hostile/start_section_traps",
            "hostile/start_traps",
            "hostile/table_bomb",
            "hostile/table_minimum",
            "wat/start_exits_0");

    private SqlCases() {}

    /** Those of the built guests that import nothing but the current dialect, and WASI. */
    static List<String> guests() {
        List<String> guests = new ArrayList<>(GuestFiles.all());
        guests.removeAll(LEFT_OUT);
        return guests;
    }

    static void run(String guest, Host host, Consumer<String> out) {
        String group = "SQL guests\t" + guest + " ";
        SqlGuest loaded;
        try {
            loaded = host.load(GuestFiles.bytes(guest));
        } catch (Ended e) {
            out.accept(group + "load\tended: " + e.getMessage());
            return;
        }
        try (loaded) {
            int number = 0;
            for (String query : queries()) {
                number++;
                String asked = group + (query.length() > 60 ? query.length() + " bytes" : text(query.getBytes(UTF_8)));
                try {
                    loaded.before(query.getBytes(UTF_8));
                    out.accept(asked + " before\t" + state(loaded));
                    byte[] error = loaded.error().length > 0
                            ? loaded.error()
                            : number % 3 == 0 ? "broken".getBytes(UTF_8) : null;
                    loaded.after(error, number % 2 == 0 ? RESULT : null);
                    out.accept(asked + " after\t" + state(loaded));
                } catch (Ended e) {
                    out.accept(asked + "\tended: " + e.getMessage());
                }
            }
        }
    }

    private static List<String> queries() {
        List<String> queries = new ArrayList<>(Verdicts.table().keySet());
        queries.add("select '\u0000' -- ü €");
        queries.add("/* token */ UPDATE t SET a = " + "9".repeat(100_000));
        for (int i = 0; i < 12; i++) {
            queries.add(i + "");
        }
        return queries;
    }

    private static String state(SqlGuest guest) {
        return "error " + text(guest.error()) + ", query " + text(guest.query()) + ", result " + text(guest.result())
                + ", log " + text(guest.log().getBytes(UTF_8));
    }

    /** One line, whatever the bytes. */
    private static String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "none";
        }
        if (bytes.length > 2_000) {
            return bytes.length + " bytes, hash " + java.util.Arrays.hashCode(bytes);
        }
        for (byte one : bytes) {
            if (one < ' ') {
                return HexFormat.of().formatHex(bytes);
            }
        }
        return '"' + new String(bytes, UTF_8) + '"';
    }
}
