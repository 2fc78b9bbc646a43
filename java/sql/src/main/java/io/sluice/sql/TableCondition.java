package io.sluice.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A condition on the tables of a statement: {@code db.table}, either part {@code *}; letter case is ignored, as some servers do. */
record TableCondition(String database, String table) {
    private static final String ANY = "*";

    static TableCondition of(String text) {
        String name = text.strip();
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1 || name.indexOf('.', dot + 1) >= 0) {
            throw new IllegalArgumentException("fully_qualified_table_names has '" + name
                    + "', which is not database.table; write * for either part that does not matter");
        }
        return new TableCondition(part(name.substring(0, dot)), part(name.substring(dot + 1)));
    }

    private static String part(String name) {
        boolean quoted = name.length() > 2 && name.startsWith("`") && name.endsWith("`");
        return quoted ? name.substring(1, name.length() - 1).replace("``", "`") : name;
    }

    /** Whether one of the tables is meant; tables that are not known are, and so are names whose database is not known. */
    boolean matches(@Nullable List<TableName> tables, String sessionDatabase) {
        if (tables == null) {
            return true;
        }
        for (int i = 0; i < tables.size(); i++) {
            TableName name = tables.get(i);
            String home = name.database().isEmpty() ? sessionDatabase : name.database();
            boolean tableMatches = table.equals(ANY) || table.equalsIgnoreCase(name.table());
            if (tableMatches && (database.equals(ANY) || home.isEmpty() || database.equalsIgnoreCase(home))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return database + "." + table;
    }
}
