package io.sluice.sql;

/**
 * The name of a table as a text has it, without quotes.
 *
 * @param database the database; empty where the text leaves it to the session
 * @param table the table
 */
record TableName(String database, String table) {
    /** The name with the session's database where it has none of its own. */
    String qualified(String sessionDatabase) {
        String home = database.isEmpty() ? sessionDatabase : database;
        return home.isEmpty() ? table : home + '.' + table;
    }

    /** The characters that it keeps in memory. */
    int weight() {
        return database.length() + table.length();
    }
}
