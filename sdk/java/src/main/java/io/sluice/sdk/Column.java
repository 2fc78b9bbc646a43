package io.sluice.sdk;

/** A column of a result. */
public final class Column {
    /** What the query calls it. */
    public final String name;

    /** What its table calls it; empty for an expression. */
    public final String orgName;

    /** The table as the query calls it. */
    public final String table;

    int type;
    final Fields fields;
    boolean changed;

    Column(String name, String orgName, String table, int type, Fields fields, boolean changed) {
        this.name = name;
        this.orgName = orgName;
        this.table = table;
        this.type = type;
        this.fields = fields;
        this.changed = changed;
    }

    /** A column of a result that the plugin makes. */
    public static Column of(String name, int type) {
        return new Column(name, "", "", type, null, true);
    }

    /** Its {@link Type}. */
    public int type() {
        return type;
    }
}
