package io.sluice.testkit;

import io.sluice.plugin.PluginException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a query, and what the plugin's calls for it cost.
 *
 * @param executed the text that the database got; null if the query was refused
 * @param error the error's text as the plugin, or else the database, put it; null for none
 * @param errorCode MySQL's error code; 0 without an error
 * @param sqlState the SQLSTATE; "" without an error
 * @param clientError what a client is told in place of {@code error}, with the words that the ABI puts before it; null for none
 * @param result what the client gets; null if that is an error
 * @param log the lines that the plugin logged, {@code INFO} or {@code ERROR} before each
 * @param logDropped the lines that a limit dropped
 * @param fuel the fuel that both calls used
 * @param nanos the time that both calls took
 * @param memoryBytes the largest memory that one of the plugin's instances has had so far
 * @param failure how the plugin failed; null if it did not
 */
public record Outcome(
        @Nullable String executed,
        @Nullable String error,
        int errorCode,
        String sqlState,
        @Nullable String clientError,
        @Nullable Rows result,
        List<String> log,
        long logDropped,
        long fuel,
        long nanos,
        long memoryBytes,
        @Nullable PluginException failure) {

    /** Copies the lines. */
    public Outcome {
        log = List.copyOf(log);
    }
}
