package io.sluice.test.hostile;

/**
 * What a child JVM tells its parent, in lines that begin with a keyword: {@code count guests 3}, {@code done ATTACK …},
 * {@code wrong …}, {@code leak …}, {@code secret …}, {@code say …}.
 */
final class Report {
    /** The last line of a JVM that was not lost. */
    static final String END = "the canary answers, nothing is left";

    private long guests;
    private long modules;
    private long misuse;

    synchronized void guest() {
        guests++;
    }

    synchronized void modules(long more) {
        modules += more;
    }

    synchronized void misuse(long more) {
        misuse += more;
    }

    /** An answer that is not the one expected. */
    synchronized void wrong(String what) {
        line("wrong", what);
    }

    synchronized void leak(String what) {
        line("leak", what);
    }

    /** Something found that belongs to somebody else. */
    synchronized void secret(String what) {
        line("secret", what);
    }

    synchronized void say(String what) {
        line("say", what);
    }

    /** One attack's end, and what was counted meanwhile. */
    synchronized void done(String attack, long millis) {
        line("count", "guests " + guests);
        line("count", "modules " + modules);
        line("count", "misuse " + misuse);
        line(
                "done",
                attack + " " + millis + " ms: " + guests + " guests, " + modules + " modules, " + misuse
                        + " misuse calls");
        guests = 0;
        modules = 0;
        misuse = 0;
    }

    private static void line(String keyword, String text) {
        System.out.println(keyword + " " + text.replace('\n', ' '));
    }
}
