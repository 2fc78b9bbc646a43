/** The SQL filter chain in front of any JDBC driver. */
module io.sluice.jdbc {
    requires transitive io.sluice.sql;
    requires transitive java.sql;
    requires java.sql.rowset;
    requires static org.jspecify;

    exports io.sluice.jdbc;
}
