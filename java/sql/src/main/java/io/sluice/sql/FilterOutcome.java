package io.sluice.sql;

/** What a filter that matched made of a query. */
public enum FilterOutcome {
    /** It left the query and its result as they were. */
    PASSED,
    /** It changed the query, its result or its error. */
    CHANGED,
    /** It put an error in the query's place or its result's. */
    REFUSED,
    /** Its plugin failed, or could not be called. */
    FAILED
}
