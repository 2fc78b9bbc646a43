/** The MySQL gateway: the filter chain between any MySQL client and a MySQL or MariaDB server. */
module io.sluice.mysql {
    requires transitive io.sluice.sql;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires static org.jspecify;

    exports io.sluice.mysql;
}
