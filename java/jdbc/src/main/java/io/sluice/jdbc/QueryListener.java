package io.sluice.jdbc;

/** Code of the application that is told of every query that went through the filters; called on the query's thread, after it. */
@FunctionalInterface
public interface QueryListener {
    /** Called once for each query. An exception thrown here reaches the application. */
    void onQuery(QueryEvent event);
}
