package io.sluice.sql;

/** Whether a filter takes part. */
public enum FilterStatus {
    /** It is part of its chain. */
    ACTIVE,
    /** It is kept but not called. */
    INACTIVE
}
