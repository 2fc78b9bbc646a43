package io.sluice.jdbc;

/** Code of the application that is told of every query that went through the filters; called on the query's thread, after it. */
@FunctionalInterface
public interface QueryListener {
    /** Called once for each query. What it throws is logged, unless it is an {@link Error}, and changes nothing for the query. */
    void onQuery(QueryEvent event);
}
