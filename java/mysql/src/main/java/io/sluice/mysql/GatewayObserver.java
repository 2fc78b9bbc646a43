package io.sluice.mysql;

/**
 * Is told what happens in a gateway, to count and measure it.
 *
 * <p><b>Threads.</b> Called by event loops: must not wait.
 */
public interface GatewayObserver {
    /** What became of a statement. */
    enum Outcome {
        /** No filter called a plugin or refused it. */
        UNFILTERED,
        /** Plugins were called and left it and its result as they were. */
        PASSED,
        /** A plugin changed the text, the result or the server's error. */
        CHANGED,
        /** A filter put an error in the place of its result. */
        REFUSED,
        /** A plugin failed. */
        FAILED
    }

    /**
     * A statement was answered while there were filters.
     *
     * @param filterNanos how long the filters took, before and after, with what they waited for
     */
    default void statementAnswered(Outcome outcome, long filterNanos) {}

    /** A client was refused before it could log in. */
    default void connectionRefused() {}
}
