package io.sluice.sql;

import java.util.Optional;

/**
 * What a statement does, by the names of WeScale's plans; as a condition each stands for every statement of its {@link #family()}.
 *
 * <p>WeScale names a plan by what it knows of the schema: its {@code UpdateLimit} is an UPDATE that it gives a limit. Here {@code Update}
 * and {@code UpdateLimit} alike mean every UPDATE. {@code Begin}, {@code Commit} and {@code Rollback} are Sluice's own.
 */
public enum PlanKind {
    /** SELECT, VALUES, TABLE, and unions of them. */
    SELECT("Select"),
    /** A SELECT of the next value of a sequence. */
    NEXTVAL("Nextval", SELECT),
    /** A SELECT whose condition is never true. */
    SELECT_IMPOSSIBLE("SelectImpossible", SELECT),
    /** A SELECT of {@code get_lock}. */
    SELECT_LOCK_FUNC("SelectLockFunc", SELECT),
    /** INSERT and REPLACE. */
    INSERT("Insert"),
    /** An INSERT into a table of messages. */
    INSERT_MESSAGE("InsertMessage", INSERT),
    /** UPDATE. */
    UPDATE("Update"),
    /** An UPDATE without a limit of its own. */
    UPDATE_LIMIT("UpdateLimit", UPDATE),
    /** DELETE. */
    DELETE("Delete"),
    /** A DELETE without a limit of its own. */
    DELETE_LIMIT("DeleteLimit", DELETE),
    /** CREATE, ALTER, DROP, TRUNCATE, RENAME. */
    DDL("DDL"),
    /** SET. */
    SET("Set"),
    /** EXPLAIN, DESCRIBE, DO, USE, HELP. */
    OTHER_READ("OtherRead"),
    /** OPTIMIZE, REPAIR, CHECK, ANALYZE TABLE, KILL, GRANT, REVOKE, XA, and other work of administrators. */
    OTHER_ADMIN("OtherAdmin"),
    /** A SELECT whose rows are streamed. */
    SELECT_STREAM("SelectStream", SELECT),
    /** A stream of messages, which is Vitess' own; no statement is one here. */
    MESSAGE_STREAM("MessageStream"),
    /** SAVEPOINT. */
    SAVEPOINT("Savepoint"),
    /** RELEASE SAVEPOINT. */
    RELEASE("Release"),
    /** ROLLBACK TO. */
    ROLLBACK_SAVEPOINT("RollbackSavepoint"),
    /** SHOW. */
    SHOW("Show"),
    /** LOAD DATA and LOAD XML. */
    LOAD("Load"),
    /** FLUSH. */
    FLUSH("Flush"),
    /** LOCK TABLES. */
    LOCK_TABLES("LockTables"),
    /** UNLOCK TABLES. */
    UNLOCK_TABLES("UnlockTables"),
    /** CALL. */
    CALL_PROCEDURE("CallProcedure"),
    /** A statement of Vitess' schema changes; no statement is one here. */
    ALTER_MIGRATION("AlterMigration"),
    /** A statement of Vitess' schema changes; no statement is one here. */
    REVERT_MIGRATION("RevertMigration"),
    /** A SHOW of Vitess' schema changes. */
    SHOW_MIGRATION_LOGS("ShowMigrationLogs", SHOW),
    /** A SHOW of Vitess' throttler. */
    SHOW_THROTTLED_APPS("ShowThrottledApps", SHOW),
    /** A SHOW of Vitess' throttler. */
    SHOW_THROTTLER_STATUS("ShowThrottlerStatus", SHOW),
    /** CREATE, ALTER or DROP VIEW. */
    VIEW_DDL("ViewDDL", DDL),
    /** BEGIN and START TRANSACTION. */
    BEGIN("Begin"),
    /** COMMIT. */
    COMMIT("Commit"),
    /** ROLLBACK of a transaction. */
    ROLLBACK("Rollback");

    private final String planName;
    private final PlanKind family;

    PlanKind(String planName) {
        this.planName = planName;
        this.family = this;
    }

    PlanKind(String planName, PlanKind family) {
        this.planName = planName;
        this.family = family;
    }

    /** The name as WeScale spells it. */
    public String planName() {
        return planName;
    }

    /** The kind that this one is a case of, as far as a text tells; itself for most. */
    public PlanKind family() {
        return family;
    }

    /** The kind of that name in any letter case. */
    public static Optional<PlanKind> named(String name) {
        for (PlanKind kind : values()) {
            if (kind.planName.equalsIgnoreCase(name)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return planName;
    }
}
