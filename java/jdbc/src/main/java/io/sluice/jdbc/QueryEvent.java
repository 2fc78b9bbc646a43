package io.sluice.jdbc;

import io.sluice.plugin.PluginException;
import io.sluice.sql.SqlError;
import org.jspecify.annotations.Nullable;

/**
 * What became of one query: a record for logs, traces and metrics.
 *
 * @param sent what the application sent
 * @param executed what the database got; null if it got nothing
 * @param queryChanged whether a plugin rewrote the query
 * @param resultChanged whether a plugin rewrote the result
 * @param error the error that the application got; null if it got a result
 * @param failure a plugin's failure, even one that its fail policy passed over; null if none failed
 * @param fuel the fuel that the plugins used
 * @param filterNanos the time that the filters took, before and after together
 * @param databaseNanos the time that the database took until the first row, or all rows if a plugin reads them; 0 if it got nothing
 */
public record QueryEvent(
        String sent,
        @Nullable String executed,
        boolean queryChanged,
        boolean resultChanged,
        @Nullable SqlError error,
        @Nullable PluginException failure,
        long fuel,
        long filterNanos,
        long databaseNanos) {}
