package io.sluice.sdk;

/**
 * A SQL plugin: what an author extends. Its {@code main} names it:
 *
 * <pre>
 * public final class Plugin extends SqlPlugin {
 *     public static void main(String[] arguments) {
 *         run(new Plugin());
 *     }
 *
 *     &#64;Override
 *     public void before(Query query) {
 *         query.reject("not today");
 *     }
 * }
 * </pre>
 *
 * <p>What a plugin imports from the host follows from what it calls. One that calls nothing of {@link SluiceOnly} and {@link Shared} runs
 * on WeScale as well.
 */
public abstract class SqlPlugin {
    /** Runs before the query is executed. */
    public void before(Query query) {}

    /** Runs when the query was executed or refused. */
    public void after(Query query) {}

    /** Names the plugin. */
    protected static void run(SqlPlugin plugin) {
        Host.plugin = plugin;
    }
}
