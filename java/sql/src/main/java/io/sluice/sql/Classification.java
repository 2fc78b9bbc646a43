package io.sluice.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a template's statements do and to which tables; immutable and shared by all texts of the template. */
final class Classification {
    /** Of a text that cannot be understood: conditions on plan and tables count as met. */
    static final Classification UNKNOWN = new Classification(List.of(StatementClass.UNKNOWN));

    /** Of a text without statements. */
    static final Classification EMPTY = new Classification(List.of());

    /**
     * One statement.
     *
     * @param kind what it does; null if that is not known
     * @param tables the tables that it names; null if they are not known
     */
    record StatementClass(@Nullable PlanKind kind, @Nullable List<TableName> tables) {
        static final StatementClass UNKNOWN = new StatementClass(null, null);
    }

    private final StatementClass[] statements;
    private final boolean forNow;
    private final long validUntil;

    private Classification(List<StatementClass> statements) {
        this(statements, false, 0);
    }

    private Classification(List<StatementClass> statements, boolean forNow, long validUntil) {
        this.statements = statements.toArray(StatementClass[]::new);
        this.forNow = forNow;
        this.validUntil = validUntil;
    }

    static Classification of(List<StatementClass> statements) {
        return statements.isEmpty() ? EMPTY : new Classification(statements);
    }

    /** The same, to be found out anew after a while: it lacks what took too long. */
    Classification until(long nanoTime) {
        return new Classification(List.of(statements), true, nanoTime);
    }

    /** Whether it is time to find out anew. */
    boolean isStale() {
        return forNow && System.nanoTime() - validUntil > 0;
    }

    int size() {
        return statements.length;
    }

    StatementClass get(int index) {
        return statements[index];
    }

    /** The kind that all statements have; null if they differ, there are none, or one is not known. */
    @Nullable
    PlanKind kind() {
        PlanKind first = statements.length == 0 ? null : statements[0].kind();
        for (StatementClass statement : statements) {
            if (statement.kind() != first) {
                return null;
            }
        }
        return first;
    }

    /** The characters that it keeps in memory. */
    int weight() {
        int weight = 64;
        for (StatementClass statement : statements) {
            weight += 64;
            List<TableName> tables = statement.tables();
            if (tables != null) {
                for (TableName table : tables) {
                    weight += 96 + 2 * table.weight();
                }
            }
        }
        return weight;
    }
}
