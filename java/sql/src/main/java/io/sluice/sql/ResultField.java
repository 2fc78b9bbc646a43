package io.sluice.sql;

import java.util.Objects;

/**
 * A column of a result.
 *
 * @param name the name that the client sees
 * @param typeCode the number of its type, see {@link ResultType}
 * @param table the table's name in the query, its alias
 * @param orgTable the table's own name
 * @param database the database
 * @param orgName the column's own name
 * @param columnLength the largest length of a value
 * @param charset the number of its character set
 * @param decimals the digits after the point
 * @param flags MySQL's column flags
 * @param columnType the type as the table's definition spells it
 */
public record ResultField(
        String name,
        int typeCode,
        String table,
        String orgTable,
        String database,
        String orgName,
        int columnLength,
        int charset,
        int decimals,
        int flags,
        String columnType) {
    /** The number of the character set utf8mb4. */
    public static final int CHARSET_UTF8MB4 = 255;

    /** The number of the character set of bytes. */
    public static final int CHARSET_BINARY = 63;

    /** Checks that nothing is missing. */
    public ResultField {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(orgTable, "orgTable");
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(orgName, "orgName");
        Objects.requireNonNull(columnType, "columnType");
    }

    /** A column of which only name and type are known. */
    public static ResultField of(String name, ResultType type) {
        return of(name, type, "", "", "", 0, 0);
    }

    /** A column of a table. */
    public static ResultField of(
            String name,
            ResultType type,
            String table,
            String database,
            String orgName,
            int columnLength,
            int decimals) {
        int charset = type.isBinary() ? CHARSET_BINARY : CHARSET_UTF8MB4;
        return new ResultField(
                name, type.code(), table, table, database, orgName, columnLength, charset, decimals, 0, "");
    }

    /** The type; {@link ResultType#UNKNOWN} if its number is none that we know. */
    public ResultType type() {
        return ResultType.ofCode(typeCode);
    }
}
