package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queries that every contestant must answer alike, and the one that is timed. */
final class Requests {

    /** A query and the plugin's message for it; null: it passes. */
    record Expectation(String query, @Nullable String message) {}

    /** Timed: 100 bytes, refused only after all of it has been read. */
    static final String UPDATE_WITHOUT_WHERE =
            "UPDATE accounts SET balance = balance + 100, updated_at = now(), note = 'yearly bonus of everybody!'";

    private static final String NO_WHERE = JavaContestant.NO_WHERE;

    static final List<Expectation> EXPECTATIONS = List.of(
            new Expectation(UPDATE_WITHOUT_WHERE, NO_WHERE),
            new Expectation("", null),
            new Expectation(" ", null),
            new Expectation("SELECT 1", null),
            new Expectation("select * from update_log", null),
            new Expectation("INSERT INTO t VALUES ('update t set a = 1')", null),
            new Expectation("update t set a = 1", NO_WHERE),
            new Expectation("UpDaTe t SeT a = 1 wHeRe id = 2", null),
            new Expectation("update t set a = 1 where id = 2", null),
            new Expectation("delete from t", NO_WHERE),
            new Expectation("DELETE FROM t WHERE a IS NULL", null),
            new Expectation("update t set a = 'where'", NO_WHERE),
            new Expectation("update t set a = \"it\\\"s where\"", NO_WHERE),
            new Expectation("update `where` set a = 1", NO_WHERE),
            new Expectation("update `t\\` set a = 1 where b = 2", null),
            new Expectation("update t set a = 1 -- where", NO_WHERE),
            new Expectation("update t set a = 1 -- no\n where b = 2", null),
            new Expectation("update t set a = 3--1 where b = 2", null),
            new Expectation("update t set a = 1 # where", NO_WHERE),
            new Expectation("/* where */ update t /* where */ set a = 1", NO_WHERE),
            new Expectation("/* delete */ select 1 / 2", null),
            new Expectation("update t set a = (select b from u where c = 1)", NO_WHERE),
            new Expectation("update t set a = (select b from u where c = 1) where d = 2", null),
            new Expectation("update t set wherever = 1", NO_WHERE),
            new Expectation("update t set a = 1 where b = 2; delete from t", NO_WHERE),
            new Expectation("delete from t; select 1", NO_WHERE),
            new Expectation("select 1; update t set a = 1 where b = 2", null),
            new Expectation("update t set a = 'never closed where b = 2", NO_WHERE),
            new Expectation("update k\u00f6nig set \u540d = '\u00e9' where id = 1", null),
            new Expectation("update k\u00f6nig set \u540d = 'where \u00e9'", NO_WHERE),
            new Expectation("select '" + "x".repeat(200_000) + "'", null),
            new Expectation("update t set a = '" + "x".repeat(200_000) + "'", NO_WHERE));

    /** For a guest that knows neither quotes nor comments. */
    static final List<Expectation> PLAIN = List.of(
            new Expectation(UPDATE_WITHOUT_WHERE, NO_WHERE),
            new Expectation("", null),
            new Expectation("SELECT 1", null),
            new Expectation("update t set a = 1", NO_WHERE),
            new Expectation("UpDaTe t SeT a = 1 wHeRe id = 2", null),
            new Expectation("update t set a = 1, b = '" + "w".repeat(200_000) + "'", NO_WHERE));

    /** For guests with a whole parser: texts that every dialect of SQL takes alike. */
    static final List<Expectation> PARSED = List.of(
            new Expectation(UPDATE_WITHOUT_WHERE, NO_WHERE),
            new Expectation("SELECT 1", null),
            new Expectation("update t set a = 1", NO_WHERE),
            new Expectation("UpDaTe t SeT a = 1 wHeRe id = 2", null),
            new Expectation("delete from t", NO_WHERE),
            new Expectation("DELETE FROM t WHERE a IS NULL", null),
            new Expectation("update t set a = 'where'", NO_WHERE),
            new Expectation("update t set a = (select b from u where c = 1)", NO_WHERE),
            new Expectation("update t set a = (select b from u where c = 1) where d = 2", null));

    private Requests() {}

    static byte[] timed() {
        return UPDATE_WITHOUT_WHERE.getBytes(UTF_8);
    }

    /**
     * Asks for every expectation, twice over.
     *
     * @throws IllegalStateException if an answer is not the expected one
     */
    static void check(String name, Contestant contestant) {
        check(name, contestant, EXPECTATIONS);
    }

    /** As {@link #check(String, Contestant)}, for a guest that answers less than all. */
    static void check(String name, Contestant contestant, List<Expectation> expectations) {
        for (int round = 0; round < 2; round++) {
            for (Expectation expectation : expectations) {
                check(name, expectation, contestant.before(expectation.query().getBytes(UTF_8)));
            }
        }
    }

    private static void check(String name, Expectation expectation, byte @Nullable [] answer) {
        String found = answer == null ? null : new String(answer, UTF_8);
        String expected = expectation.message();
        if (expected == null ? found != null : !expected.equals(found)) {
            throw new IllegalStateException("contestant " + name + " answered " + quoted(found) + " to \""
                    + shortened(expectation.query()) + "\", expected " + quoted(expected));
        }
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "pass" : '"' + text + '"';
    }

    private static String shortened(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "… (" + text.length() + " characters)";
    }
}
