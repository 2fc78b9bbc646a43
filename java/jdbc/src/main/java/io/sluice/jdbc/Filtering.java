package io.sluice.jdbc;

import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlDialect;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What every connection of a filtered data source shares. */
record Filtering(
        FilterSet filters,
        @Nullable QueryListener listener,
        String user,
        String clientAddress,
        @Nullable SqlDialect dialect,
        ErrorTexts errorTexts) {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.jdbc");
    private static final AtomicLong LISTENER_FAILURES = new AtomicLong();

    Filtering withListener(QueryListener value) {
        return new Filtering(filters, value, user, clientAddress, dialect, errorTexts);
    }

    Filtering withUser(String value) {
        return new Filtering(filters, listener, value, clientAddress, dialect, errorTexts);
    }

    Filtering withClientAddress(String value) {
        return new Filtering(filters, listener, user, value, dialect, errorTexts);
    }

    Filtering withDialect(SqlDialect value) {
        return new Filtering(filters, listener, user, clientAddress, value, errorTexts);
    }

    Filtering withErrorTexts(ErrorTexts value) {
        return new Filtering(filters, listener, user, clientAddress, dialect, value);
    }

    /** Tells the listener. What it throws ends in the log: the query's fate is decided already, and it is not the listener's. */
    void report(QueryListener told, QueryEvent event) {
        try {
            told.onQuery(event);
        } catch (RuntimeException e) {
            long failures = LISTENER_FAILURES.incrementAndGet();
            if ((failures & (failures - 1)) == 0) { // the 1st, 2nd, 4th, 8th …: a listener may fail at every query
                LOGGER.log(System.Logger.Level.WARNING, "a query listener failed, " + failures + " times so far", e);
            }
        }
    }
}
